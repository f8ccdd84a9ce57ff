//! The Python module `soundings._soundings`.

/// Depths of a survey.
#[pyo3::pymodule]
mod _soundings {
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;

    /// The version of this module.
    #[allow(non_upper_case_globals, reason = "so modules of Python's call it")]
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// The mean of depths in metres.
    #[pyfunction]
    fn mean(depths: Vec<f64>) -> PyResult<f64> {
        if depths.is_empty() {
            return Err(PyValueError::new_err("a survey without a depth has no mean"));
        }
        Ok(depths.iter().sum::<f64>() / depths.len() as f64)
    }
}
