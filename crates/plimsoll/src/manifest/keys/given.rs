//! Keys of what somebody else made, and of the previous release: `plimsoll lock update` writes the digests of all of it.

use super::{BOOLEAN, Key, STRING, STRINGS, key};

/// `[prebuilt.NAME]`.
pub(super) const PREBUILT: &[Key] = &[
    key(
        "prebuilt.NAME.url",
        STRING,
        "",
        "A file that somebody else made and builds use: an http or https URL, or a path relative to the project. `{target}`, `{arch}` and `{os}` are \
         filled in for each target that is built, `{name}` and `{version}` with the name of the file's table and the version of the release. \
         `plimsoll lock update prebuilt` writes its SHA-256 into `plimsoll.lock`; it is fetched when a build first needs it, and other bytes stop \
         the run.",
    ),
    key(
        "prebuilt.NAME.env",
        STRING,
        "",
        "Environment variable in which a build finds the file's path, under the last part of the URL as its name.",
    ),
    key("prebuilt.NAME.cores", STRINGS, "every core", "Cores whose builds are given it."),
    key("prebuilt.NAME.targets", STRINGS, "all that those cores are built for", "Targets whose builds are given it: triples or families."),
];

/// Of `[test.NAME]`.
pub(super) const OF_TESTS: &[Key] = &[
    key(
        "test.NAME.given.FILE",
        STRING,
        "none",
        "A file that the test needs and users do not get: an http or https URL, or a path relative to the project, locked by `plimsoll lock update \
         tests`. Scripts find it under that name in the folder `PLIMSOLL_GIVEN`.",
    ),
    key(
        "test.NAME.requirements",
        STRINGS,
        "none",
        "Packages that others publish and the test needs, as pip takes them: `pytest>=8`. They are installed together with the wheels, from what `plimsoll \
         lock update tests` has locked: for each Python and processor of the roots, file names and SHA-256. What the wheels themselves require of others \
         is locked with it.",
    ),
    key(
        "test.NAME.files",
        STRINGS,
        "none",
        "Files and folders of the project that the test needs and users do not get, relative to the project. They lie under the same path in the working \
         folder.",
    ),
    key(
        "test.NAME.previous",
        BOOLEAN,
        "`false`",
        "Whether the test is given the release before this one, for upgrades: what it has of the installed artifacts is unpacked in the folder \
         `PLIMSOLL_PREVIOUS`, each in a folder of its artifact's name. `plimsoll lock update previous` chooses and locks it; the folder is empty if there \
         is no earlier release.",
    ),
];

/// `[previous]`.
pub(super) const PREVIOUS: &[Key] = &[key(
    "previous.from",
    STRING,
    "`publish.folder.path`",
    "Where earlier releases are: a folder, absolute or relative to the project, or the http or https URL of one.",
)];
