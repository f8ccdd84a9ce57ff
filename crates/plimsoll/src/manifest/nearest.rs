//! The nearest valid name to one that is not valid. Only for words to people: nothing is ever taken for something else.

/// Longer words are no typos of ours, and comparing them costs.
const LONGEST: usize = 80;

/// The candidate that `word` was probably meant to be; none when all are far.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let reach = (lower.chars().count() / 3).max(1);
    let score = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let distance = strsim::damerau_levenshtein(&lower, &candidate);
        // `linux` for `linux-gnu`, `binary` for `binaries`: a good start counts as one step.
        let begins = lower.len() >= 4 && (candidate.starts_with(&lower) || lower.starts_with(&candidate));
        if begins { distance.min(1) } else { distance }
    };
    let scored = candidates.into_iter().filter(|candidate| !candidate.is_empty() && candidate.len() <= LONGEST).map(|c| (score(c), c));
    scored.filter(|(distance, _)| *distance <= reach).min().map(|(_, candidate)| candidate)
}

/// "did you mean …", or else the whole list, for short lists.
pub(crate) fn suggestion<'c>(word: &str, what: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let mut candidates = candidates.into_iter().collect::<Vec<_>>();
    if let Some(near) = nearest(word, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    candidates.sort_unstable();
    candidates.dedup();
    match candidates.len() {
        0 => None,
        1..=24 => Some(format!("{what}: {}", candidates.join(", "))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_find_their_word_and_strangers_none() {
        let keys = ["targets", "planned", "deferred", "default-features", "features", "binaries"];
        assert_eq!(nearest("tragets", keys), Some("targets"));
        assert_eq!(nearest("Targets", keys), Some("targets"));
        assert_eq!(nearest("target", keys), Some("targets"));
        assert_eq!(nearest("default_features", keys), Some("default-features"));
        assert_eq!(nearest("linux", ["linux-gnu", "linux-musl", "macos"]), Some("linux-gnu"));
        assert_eq!(nearest("zebra", keys), None);
        assert_eq!(nearest("", keys), None);
        assert_eq!(nearest(&"t".repeat(5000), keys), None);
    }

    #[test]
    fn far_words_get_the_list() {
        assert_eq!(suggestion("zebra", "valid here", ["b", "a", "a"]).unwrap(), "valid here: a, b");
        assert_eq!(suggestion("zebra", "valid here", []), None);
    }
}
