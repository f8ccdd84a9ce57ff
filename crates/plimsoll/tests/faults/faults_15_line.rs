//! Files of the version's line, and tags of other versions.
