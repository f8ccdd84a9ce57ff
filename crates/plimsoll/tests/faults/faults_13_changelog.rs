//! Changelogs as people write them.
