//! Units and what they are in each other.

use std::fmt::Write;

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Length,
    Speed,
}

/// One unit; `size` is in metres, or in metres per hour.
#[derive(Debug)]
pub struct Unit {
    name: &'static str,
    others: &'static [&'static str],
    kind: Kind,
    size: f64,
}

include!(concat!(env!("OUT_DIR"), "/units.rs"));

fn find(name: &str) -> Result<&'static Unit, String> {
    let named = |unit: &&Unit| unit.name == name || unit.others.contains(&name);
    UNITS.iter().find(named).ok_or_else(|| format!("fathom: there is no unit `{name}`; `fathom units` lists them\n"))
}

/// `10 fathom = 18.288 metre`.
pub fn convert(number: &str, from: &str, to: &str) -> Result<String, String> {
    let value: f64 = number.parse().map_err(|_| format!("fathom: `{number}` is not a number\n"))?;
    let (from, to) = (find(from)?, find(to)?);
    if from.kind != to.kind {
        return Err(format!("fathom: a {} is no {}: one is a length, the other a speed\n", from.name, to.name));
    }
    Ok(format!("{} {} = {} {}\n", short(value), from.name, short(value * from.size / to.size), to.name))
}

/// Six digits after the point at most, and no noughts at the end.
fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// All units, one a line.
pub fn table() -> String {
    let mut text = String::new();
    for unit in UNITS {
        let base = match unit.kind {
            Kind::Length => "m",
            Kind::Speed => "m/h",
        };
        let _ = writeln!(text, "{:<20} {:>12} {base:<4} {}", unit.name, short(unit.size), unit.others.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_speeds_convert_within_their_kind() {
        assert_eq!(convert("10", "fathoms", "m").unwrap(), "10 fathom = 18.288 metre\n");
        assert_eq!(convert("1", "league", "nmi").unwrap(), "1 league = 3 nautical-mile\n");
        assert_eq!(convert("36", "km/h", "m/s").unwrap(), "36 kilometre-per-hour = 10 metre-per-second\n");
        assert!(convert("1", "knot", "mile").unwrap_err().contains("length"));
    }

    #[test]
    fn what_is_no_number_or_no_unit_is_named() {
        assert!(convert("ten", "m", "ft").unwrap_err().contains("`ten`"));
        assert!(convert("1", "ell", "ft").unwrap_err().contains("`ell`"));
    }

    #[test]
    fn no_name_stands_for_two_units() {
        let mut names: Vec<&str> = UNITS.iter().flat_map(|unit| unit.others.iter().copied().chain([unit.name])).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(table().lines().count(), UNITS.len());
    }
}
