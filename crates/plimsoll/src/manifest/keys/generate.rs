//! Keys of files that are made while the release is.

use super::{Key, STRING, key};

/// `[generate.NAME]`.
pub(super) const KEYS: &[Key] = &[
    key(
        "generate.NAME.run",
        "a string or an array of strings",
        "",
        "A shipped program and its arguments, such as `app --completions zsh`, run once in a clean root: a string is split into words as in a probe. \
         What it leaves in its working folder by the name of `output` is taken, or else, if that is one name, what it prints. One of `run`, `command` and \
         `build-script` is required.",
    ),
    key("generate.NAME.core", STRING, "the only core with that program", "The core whose program `run` starts."),
    key(
        "generate.NAME.command",
        STRING,
        "",
        "In place of `run`: the project's own command, such as `cargo xtask man`, run by `sh -eu` in a copy of the project.",
    ),
    key("generate.NAME.build-script", STRING, "", "In place of `run`: a core whose build script makes the files in its `OUT_DIR`."),
    key(
        "generate.NAME.output",
        STRING,
        "",
        "The file, or the files, with `*` for any part of a name: in the working folder of `run`, relative to the project for `command`, and in `OUT_DIR` \
         for `build-script`. They are the same for every target, and archives take them unless their `files` are declared: man pages as `man/man1/app.1`, \
         completions as `completions/_app`.",
    ),
];
