//! The keys of `[file.NAME]`.

use plimsoll_pack::Kind;

use crate::manifest::keys::{Key, KindKeys, LEFT_BY_A_COMMAND, PROBES, STRING, STRINGS, key};

pub(crate) const KEYS: KindKeys = KindKeys {
    kind: Kind::File,
    place: "file.NAME",
    heading: "Files of the project, as they are",
    own: OWN,
    shared: &[LEFT_BY_A_COMMAND, PROBES],
    later: &[],
};

const OWN: &[Key] = &[
    key(
        "file.NAME.path",
        STRING,
        "",
        "If no `command` makes it: the source file that users get, relative to the project: a script that installs the rest, a table of data. It is one for every machine. A probe \
         with a `script` must show that it is of use, such as `sh \"$PLIMSOLL_ARTIFACT/install.sh\" --help`.",
    ),
    key(
        "file.NAME.filename",
        STRING,
        "the file's own name, or that of `output`",
        "The name that users get it by, whole, with placeholders filled in; none of a target.",
    ),
    key(
        "file.NAME.targets",
        STRINGS,
        "none: it fits every machine",
        "Targets for which the file is meant, all of them among the project's: one file for all of them, tried for each. It is released if it passed \
         for one of them whole and failed for none; what only another machine can try is told beside the claim.",
    ),
    key(
        "file.NAME.roots",
        STRINGS,
        "`[\"sandbox\"]`, or those of its `targets`",
        "Roots in which every probe must pass on Linux, as in `target.TARGET.roots`.",
    ),
];
