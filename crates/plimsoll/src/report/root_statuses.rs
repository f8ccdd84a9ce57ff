//! Where roots come from, as a person reads it.

use super::{Paint, Style, Text};
use plimsoll_roots::root_status::RootStatus;

/// One line a root and platform, and below it what is known of it.
pub fn render(root_statuses: &[RootStatus], paint: Paint) -> Text {
    let mut text = Text::new(paint);
    if root_statuses.is_empty() {
        text.put("no target requires a named root").end();
    }
    for root_status in root_statuses {
        let (style, mark) = match (&root_status.digest, &root_status.lacks) {
            (Some(_), _) => (Style::Good, "made"),
            (None, None) => (Style::Faint, "not made"),
            (None, Some(_)) => (Style::Warning, "lacking"),
        };
        let provider = root_status.provider.name();
        text.strong(format!("{:<16}", root_status.root.as_str()));
        text.put(format!(" {:<14} {provider:<8} ", root_status.platform)).styled(style, mark).end();
        if let Some(from) = &root_status.from {
            text.put("    from   ").put(from).end();
        }
        if let Some(digest) = &root_status.digest {
            let libc = root_status.libc.as_ref().map(|libc| format!("  ({libc})")).unwrap_or_default();
            text.put(format!("    files  sha256:{digest}{libc}")).end();
        }
        if let Some(lacks) = &root_status.lacks {
            text.put("    ").put(lacks).end();
        }
    }
    text
}
