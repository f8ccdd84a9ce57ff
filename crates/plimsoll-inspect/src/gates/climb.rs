//! Paths that begin at a file's own folder: how far up they lead, and whether that is the artifact still.

use crate::policy::Policy;

/// Why the part of a path behind a file's own folder leads out of the artifact, as words that go on after `which`; none where it does not.
pub(super) fn leads_out(path: &str, policy: &Policy) -> Option<String> {
    let (up, has) = (climb(path), policy.folders_above);
    let folders = if up == 1 { "folder" } else { "folders" };
    let above = if has == 0 { "none".to_owned() } else { has.to_string() };
    (up > has).then(|| format!("leads {up} {folders} up, where the artifact has {above} above the file"))
}

/// Folders above its beginning that a path comes to at its highest: 2 of `../../lib`, 1 of `lib/../../x`.
fn climb(path: &str) -> u32 {
    let (mut above, mut below, mut highest) = (0_u32, 0_u32, 0_u32);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if below > 0 => below -= 1,
            ".." => above += 1,
            _ => below += 1,
        }
        highest = highest.max(above);
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_folder_on_the_way_counts() {
        for (path, up) in [
            ("", 0),
            ("/", 0),
            ("/lib", 0),
            ("/./lib//x", 0),
            ("/..", 1),
            ("/../lib", 1),
            ("/lib/../..", 1),
            ("/lib/../../../tmp", 2),
            ("/../../../tmp", 3),
            ("/../a/../../b", 2),
            ("/..lib/...", 0),
        ] {
            assert_eq!(climb(path), up, "{path}");
        }
    }
}
