//! How far cargo is, as its own bar tells: so many of its units of work, which ones run, and about how long it will still take.
//!
//! The bar is on standard error, each state ended by a carriage return: `    Building [===>   ] 12/80: serde, libz-sys(build)`.
//! Its settings: <https://doc.rust-lang.org/cargo/reference/config.html#termprogresswhen>.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use regex::Regex;

/// What has cargo print its bar though nobody draws it.
pub(super) const VARIABLES: [(&str, &str); 2] = [("CARGO_TERM_PROGRESS_WHEN", "always"), ("CARGO_TERM_PROGRESS_WIDTH", "100")];

/// How long a build is watched before anything is said of its end.
const WATCHED: Duration = Duration::from_secs(10);
/// How many units must have come to their end by then.
const COUNTED: u32 = 10;

static BAR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s*Building \[[=> ]*\] (\d{1,6})/(\d{1,6})(?:: (.*))?$").ok());

/// One build's way to its end.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// When the first crate was compiled, and how many units were done already: those of an earlier build count at once.
    first: Option<(Instant, u32)>,
}

impl Progress {
    /// Takes a line of standard error; gives back what a person should know, if it is a state of the bar.
    pub(super) fn take(&mut self, line: &str, now: Instant) -> Option<String> {
        let found = BAR.as_ref()?.captures(line)?;
        let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
        let (done, all) = (number(1)?, number(2)?);
        let running = found.get(3).map_or("", |names| names.as_str().trim_end());
        let (since, before) = *self.first.get_or_insert((now, done));
        let left = left(done.saturating_sub(before), all.saturating_sub(done), now.saturating_duration_since(since));
        let parts = [Some(format!("{done} of {all} crates")), left, Some(running.to_owned()).filter(|names| !names.is_empty())];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// How long it will still take, once that can be guessed. The last unit is the program itself, which may take longer than all others.
fn left(done: u32, open: u32, time: Duration) -> Option<String> {
    if time < WATCHED || done < COUNTED || open < 2 {
        return None;
    }
    match (time / done * open).as_secs() {
        0..45 => Some("less than a minute left".to_owned()),
        seconds => Some(format!("about {} min left", (seconds + 30) / 60)),
    }
}

/// What cargo said, without the states of its bar.
pub(super) fn without_bar(said: &str) -> String {
    let kept = |line: &str| line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default().to_owned();
    let mut text = said.lines().map(kept).collect::<Vec<_>>().join("\n");
    if said.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_how_far_it_is_what_runs_and_how_long_it_takes() {
        let start = Instant::now();
        let mut progress = Progress::default();
        let mut take = |line: &str, seconds: u64| progress.take(line, start + Duration::from_secs(seconds));
        assert_eq!(take("   Compiling serde v1.0.229", 0), None);
        assert_eq!(take("    Building [===>     ] 20/80: serde(build.rs)          ", 0).unwrap(), "20 of 80 crates, serde(build.rs)");
        assert_eq!(take("    Building [===>     ] 25/80: syn, serde   ", 20).unwrap(), "25 of 80 crates, syn, serde");
        assert_eq!(take("    Building [====>    ] 40/80: syn", 60).unwrap(), "40 of 80 crates, about 2 min left, syn");
        assert_eq!(take("    Building [=======> ] 70/80: app", 60).unwrap(), "70 of 80 crates, less than a minute left, app");
        assert_eq!(take("    Building [=======> ] 79/80: app(bin)", 600).unwrap(), "79 of 80 crates, app(bin)");
        assert_eq!(take("    Building [========>] 80/80", 700).unwrap(), "80 of 80 crates");
        assert_eq!(take("warning: Building [x] 1/2: y", 700), None);
    }

    #[test]
    fn what_the_bar_drew_is_no_part_of_what_cargo_said() {
        let said =
            "   Compiling a v1\n    Building [>  ] 0/9: a   \r    Building [=> ] 1/9: b   \rerror: it is broken\r\n --> src/main.rs\n";
        assert_eq!(without_bar(said), "   Compiling a v1\nerror: it is broken\n --> src/main.rs\n");
        assert_eq!(without_bar("error: x"), "error: x");
    }
}
