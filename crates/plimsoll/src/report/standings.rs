//! Where roots come from, as a person reads it.

use std::fmt::Write;

use super::Paint;
use crate::roots::standing::Standing;

/// One line a root and platform, and below it what is known of it.
pub fn render(standings: &[Standing], paint: Paint) -> String {
    let mut text = String::new();
    if standings.is_empty() {
        return "no target requires a named root\n".to_owned();
    }
    for standing in standings {
        let mark = match (&standing.digest, &standing.lacks) {
            (Some(_), _) => paint.good("made"),
            (None, None) => paint.faint("not made"),
            (None, Some(_)) => paint.warning("lacking"),
        };
        let provider = standing.provider.name();
        let _ = writeln!(text, "{:<16} {:<14} {provider:<8} {mark}", paint.strong(&standing.root), standing.platform);
        if let Some(from) = &standing.from {
            let _ = writeln!(text, "    from   {from}");
        }
        if let Some(digest) = &standing.digest {
            let libc = standing.libc.as_ref().map(|libc| format!("  ({libc})")).unwrap_or_default();
            let _ = writeln!(text, "    files  sha256:{digest}{libc}");
        }
        if let Some(lacks) = &standing.lacks {
            let _ = writeln!(text, "    {lacks}");
        }
    }
    text
}
