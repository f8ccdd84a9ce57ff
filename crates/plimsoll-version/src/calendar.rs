//! Days and times from seconds since 1970, in UTC. Must not ask a clock.

use plimsoll_model::calendar::civil;

/// Months as English has them, short.
pub const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-01-02`.
pub fn date(seconds: u64) -> String {
    let (year, month, day) = civil(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `Fri, 02 Jan 2026 03:04:05 +0000`.
pub fn rfc_2822(seconds: u64) -> String {
    let (weekday, month, day, year) = named(seconds);
    let time = seconds % 86_400;
    format!("{weekday}, {day:02} {month} {year:04} {:02}:{:02}:{:02} +0000", time / 3600, time / 60 % 60, time % 60)
}

/// `Fri Jan 02 2026`.
pub fn rpm_day(seconds: u64) -> String {
    let (weekday, month, day, year) = named(seconds);
    format!("{weekday} {month} {day:02} {year:04}")
}

/// Names of weekday and month, day, and year.
fn named(seconds: u64) -> (&'static str, &'static str, u8, u64) {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (year, month, day) = civil(seconds / 86_400);
    let name = |names: &[&'static str], at: u64| usize::try_from(at).ok().and_then(|at| names.get(at).copied()).unwrap_or_default();
    (name(&DAYS, seconds / 86_400 % 7), name(&MONTHS, u64::from(month.saturating_sub(1))), day, year)
}

/// What build scripts tell days by: a crate that has no dependency, and so has this once more.
#[cfg(test)]
#[path = "../../plimsoll-version-line/src/calendar.rs"]
mod of_build_scripts;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_scripts_tell_the_same_days() {
        for day in 0..2 * 146_097 {
            let seconds = day * 86_400 + day % 86_400;
            assert_eq!(of_build_scripts::date(seconds), date(seconds), "{seconds}");
        }
    }

    #[test]
    fn days_are_counted_as_date_counts_them() {
        // date -u -d @N '+%F' and -R
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_767_225_600, "2026-01-01"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), day, "{seconds}");
        }
        assert_eq!(rfc_2822(1_767_323_045), "Fri, 02 Jan 2026 03:04:05 +0000");
        assert_eq!(rpm_day(1_767_323_045), "Fri Jan 02 2026");
    }
}
