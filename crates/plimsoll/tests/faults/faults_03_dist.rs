//! A `dist/` that plimsoll did not seal is left alone.
