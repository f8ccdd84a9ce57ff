//! Where roots come from, as a person reads it.

use super::{Paint, Style, Text};
use plimsoll_roots::standing::Standing;

/// One line a root and platform, and below it what is known of it.
pub fn render(standings: &[Standing], paint: Paint) -> Text {
    let mut text = Text::new(paint);
    if standings.is_empty() {
        text.put("no target requires a named root").end();
    }
    for standing in standings {
        let (style, mark) = match (&standing.digest, &standing.lacks) {
            (Some(_), _) => (Style::Good, "made"),
            (None, None) => (Style::Faint, "not made"),
            (None, Some(_)) => (Style::Warning, "lacking"),
        };
        let provider = standing.provider.name();
        text.strong(format!("{:<16}", standing.root.as_str()));
        text.put(format!(" {:<14} {provider:<8} ", standing.platform)).styled(style, mark).end();
        if let Some(from) = &standing.from {
            text.put("    from   ").put(from).end();
        }
        if let Some(digest) = &standing.digest {
            let libc = standing.libc.as_ref().map(|libc| format!("  ({libc})")).unwrap_or_default();
            text.put(format!("    files  sha256:{digest}{libc}")).end();
        }
        if let Some(lacks) = &standing.lacks {
            text.put("    ").put(lacks).end();
        }
    }
    text
}
