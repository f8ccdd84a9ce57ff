//! The keys of `[archive.NAME]`.

use plimsoll_pack::Kind;

use crate::manifest::keys::{
    FILE_NAME_OF_CHOICE, Key, KindKeys, LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT, LaterKey, MADE_OF_A_CORE, PROBES, STRINGS, key,
};

pub(crate) const KEYS: KindKeys = KindKeys {
    kind: Kind::Archive,
    place: "archive.NAME",
    heading: "Archives: programs with their files",
    own: OWN,
    shared: &[MADE_OF_A_CORE, LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT, FILE_NAME_OF_CHOICE, PROBES],
    later: LATER,
};

const LATER: &[LaterKey] = &[LaterKey { path: "archive.NAME.bundle", subject: "bundled libraries" }];

const OWN: &[Key] = &[
    key(
        "archive.NAME.binaries",
        STRINGS,
        "all of the core; of what a command leaves, the one of the artifact's name",
        "Programs that are shipped, at the root of the archive.",
    ),
    key(
        "archive.NAME.files",
        "an array of strings or a table of strings",
        "`README*` and `CHANGELOG*` at the root of the project; `LICENSE*`, `LICENCE*`, `COPYING*`, `COPYRIGHT*`, `NOTICE*`, `UNLICENSE*` and \
         `LICENSES/` there, in the package's folder and at the root of the workspace, and its `license-file`. For a core with a `path`, what lies \
         in that folder comes first, and keeps its name: the project's README is taken if there is none in the core's folder, its changelog \
         likewise, and its licences beside the core's",
        "Other files, relative to the project, and `generate.NAME` for what a generator makes; without the key, what all of them make. In an array they keep their path; a table gives the path in the archive, and one that \
         ends in `/` is a folder to put them in. A folder stands for the source files in it. Of licences the same text is taken once, and another \
         text of the same name becomes `LICENSE-PACKAGE`; an archive that holds none is told of. A path that Windows cannot hold is an error in what \
         is for Windows and in every zip.",
    ),
    key(
        "archive.NAME.format",
        "a string or a table of strings",
        "`\"tar.xz\"`, on Windows `\"zip\"`",
        "`tar.xz`, `tar.gz`, `tar.zst` or `zip`. As a table: one for `unix` (all that is not Windows) and one for `windows`, such as `format = { unix = \"tar.gz\" }`.",
    ),
];
