//! Every key of the manifest, as data: what the reader accepts, what errors suggest and what the reference page says, in one place.
//! Those of one kind alone stand in its folder.

mod generate;
mod given;

use plimsoll_pack::Kind;

use crate::kinds;

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Where it stands. Words in capitals stand for what the project chooses (`TARGET`, `NAME`, `VARIABLE`), `KIND` for every kind that has it.
    pub path: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// What it is when it is not there.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// A key that the design has and this version does not: no typo, but no use either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterKey {
    /// As in [`Key::path`].
    pub path: &'static str,
    /// What it will be about.
    pub subject: &'static str,
}

pub(crate) const fn key(path: &'static str, takes: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { path, takes, default, meaning }
}

pub(crate) const STRING: &str = "a string";
pub(crate) const STRINGS: &str = "an array of strings";
pub(crate) const BOOLEAN: &str = "a boolean";
pub(crate) const INTEGER: &str = "an integer";

/// Keys that stand before those of artifacts on the reference page.
const BEFORE: &[Key] = &[
    key(
        "name",
        STRING,
        "the core's name if there is one core, else that of the package at the root of the workspace, else that of the repository \
         which the packages with binaries share",
        "Name of the release. Letters, digits, `.`, `_`, `-` and `+`, starting with a letter or digit, as for all names; those of artifacts, \
         which become names of files, have no `+`.",
    ),
    key(
        "version",
        "a string or a table",
        "the version of the core's cargo package",
        "As a string: the version of the release, for a project whose version no cargo package gives; if one gives it, setting it again \
         is an error. As a table: the one file that holds the version, and those that repeat it.",
    ),
    key(
        "epoch",
        INTEGER,
        "the time of the commit",
        "Seconds since 1970 that every packed file carries as its time; at most 4354819199, the end of 2107, after which zip can hold none. In \
         a zip an earlier time than 1980 becomes 1980.",
    ),
    key(
        "targets",
        STRINGS,
        "the targets that artifacts name; required when one names none",
        "Targets that are wanted: rustc triples, or the families `linux-gnu`, `linux-musl`, `macos` and `windows`, which stand for \
         x86_64 and aarch64 each. A target that is named twice is an error.",
    ),
    key("planned.TARGET", STRING, "", "Why a target is not shipped yet. It is listed as a gap and never claimed. Takes families too."),
    key("deferred.TARGET", STRING, "", "Why a target is put off. Like `planned`, for what nobody works on."),
    key(
        "target.TARGET.glibc",
        STRING,
        "`\"2.28\"` with the builder `zig` on a gnu target, else what is measured",
        "The oldest glibc that must be able to load what is built: the floor. On gnu targets only.",
    ),
    key(
        "target.TARGET.macos",
        STRING,
        "`\"11.0\"` on aarch64, `\"10.12\"` on x86_64",
        "The oldest macOS that must be able to load what is built: `MACOSX_DEPLOYMENT_TARGET` of the build, and then measured. On macOS \
         targets only.",
    ),
    key(
        "target.TARGET.builder",
        STRING,
        "`\"zig\"` on Linux, macOS and `x86_64-pc-windows-gnu`, `\"command\"` if only cores with a `command` are built, \
         `\"native\"` elsewhere",
        "What builds for the target: `zig` (cargo-zigbuild: any floor, musl, macOS for code that needs no framework of Apple's, Windows \
         by its GNU ABI), `native` (cargo with the machine's own linker; the floor is measured), `xwin` (cargo-xwin: Windows by \
         Microsoft's ABI; fetches Microsoft's SDK, whose licence you accept by choosing it), `cross` (in a container, by podman or \
         docker) or `command` (the core's own command, on any machine).",
    ),
    key(
        "target.TARGET.roots",
        STRINGS,
        "`[\"sandbox\"]` on Linux, `[\"scrubbed\"]` elsewhere",
        "Clean places in which every probe must pass: `scrubbed`, `sandbox`, or a distribution such as `debian:12`. None is replaced \
         by a weaker one.",
    ),
    key(
        "target.TARGET.native",
        BOOLEAN,
        "`false`",
        "Whether only a run on a real machine of the target counts, not one under an emulator.",
    ),
    key(
        "root.NAME.image",
        STRING,
        "`\"docker.io/library/NAME\"` for distributions that are not Debian; Debian's are made by mmdebstrap",
        "The image that the root is made of, with its registry: `registry.example/team/alpine:3.20`. podman or docker brings it by the digest \
         that `plimsoll root update` wrote into `plimsoll.lock`, and no container is run.",
    ),
    key(
        "root.NAME.archive",
        "a string or a table of strings",
        "none",
        "Instead of an image: the root's files in a tar, plain or compressed by gzip, xz or zstd, as a path relative to the project or an \
         http or https URL. As a table: one for each processor, such as `archive.x86_64`, by the names that targets begin with.",
    ),
    key(
        "root.NAME.sha256",
        "a string or a table of strings",
        "",
        "SHA-256 of the archive as it lies there, in 64 lower-case hexadecimal digits; for the same processors as `archive`. Nothing is \
         unpacked whose digest is another one.",
    ),
    key(
        "core.NAME.path",
        STRING,
        "the project's own folder; if there is no Cargo.toml in it, the only folder in `native/` that has one",
        "The folder of a cargo package or workspace below the project, for one that is a workspace of its own with its own Cargo.lock. cargo is \
         called there, so that its `rust-toolchain.toml` and `.cargo/config.toml` count, and those of the folders above. A path that leads out of \
         the project, by a link too, is an error, and so is a folder without a Cargo.toml among the sources. Other paths of the manifest stay \
         relative to the project. With `command`: where the `package` lies; the command itself runs in the project's folder.",
    ),
    key(
        "core.NAME.package",
        STRING,
        "the core's name; with `path`, if no package of that workspace has it, the package in that very folder",
        "The cargo package that is built. With `command`: the package whose version and binaries the core has. Packages of several workspaces may \
         have one name: a core names its own by `path` and `package`.",
    ),
    key(
        "core.NAME.binaries",
        STRINGS,
        "all binaries of the package whose required features are on",
        "Binaries that it has. Those that no artifact ships are not built. With `command` and without a package it is required; one library makes a core for \
         the BEAM.",
    ),
    key("core.NAME.features", STRINGS, "none", "Features to turn on."),
    key("core.NAME.default-features", BOOLEAN, "`true`", "Whether the package's default features stay on."),
    key("core.NAME.profile", STRING, "`\"release\"`", "The cargo profile."),
    key(
        "core.NAME.cpu",
        STRING,
        "rustc's own choice, which every x86-64 processor runs",
        "Level of the x86-64 processor that the core is compiled for and that users must have: `x86-64`, `x86-64-v2`, `x86-64-v3` or \
         `x86-64-v4`. Every probe must then pass also on an emulated processor of just that level, or the artifact is a gap; `fetch` refuses it \
         on a lesser machine. Without it, programs for x86_64 Linux are run also on a plain one if qemu can be had, and evidence and the \
         load line say if not. Does nothing for other processors.",
    ),
    key(
        "core.NAME.strip",
        STRING,
        "what the cargo profile says, and at least `\"debug\"`; `\"none\"` with `command`",
        "What is taken out of programs before they are inspected and shipped: `none`, `debug` (debug information; names stay, so that a \
         backtrace can be read) or `symbols` (names as well).",
    ),
    key("core.NAME.rustflags", STRINGS, "none", "Flags for rustc, added to those that the user's cargo configuration gives."),
    key("core.NAME.env.VARIABLE", STRING, "none", "Environment of the build; a change of it is a new build."),
    key(
        "core.NAME.inputs",
        STRINGS,
        "none",
        "Files and folders that the build reads and git does not track, relative to the project; a change in them is a new build.",
    ),
    key(
        "core.NAME.system",
        STRINGS,
        "none",
        "Packages of the building machine that the build may find, as pkg-config names them: `system = [\"zlib\"]`. Where zig or cargo-xwin compiles, and \
         for other targets than the machine's own, pkg-config knows these alone, and only on a machine that is alike; crates that bring the source \
         of a library build that then. What pkg-config says of them is part of what a build is remembered by.",
    ),
    key(
        "core.NAME.command",
        STRING,
        "cargo",
        "The project's own build, run by `sh -eu` in the project's folder, for any target. Wants `output`. It finds the target in \
         `PLIMSOLL_TARGET`; for another target than this machine's own, `CC`, `CXX`, `AR` and `RANLIB` call zig for it, if zig is \
         installed and links for it (`core.NAME.env` has the last word). Exit status 77 says that it cannot build for the target on this \
         machine: a gap, whose reason is its last line on standard error, or else on standard output.",
    ),
    key("core.NAME.output", STRING, "", "The file or folder that `command` leaves, relative to the project."),
    key(
        "core.NAME.embed.VARIABLE",
        STRING,
        "none",
        "Environment variable that tells the build the path of a proven file: an artifact's file name, `KIND.NAME/TARGET`, or \
         `KIND.NAME` for the one of the target that is being built. The build waits until that artifact is proven.",
    ),
];

/// Keys of every kind that is made of a core, for targets.
pub(crate) const MADE_OF_A_CORE: &[Key] = &[
    key(
        "KIND.NAME.core",
        STRING,
        "the core of the artifact's name, else the only core",
        "The core whose programs are shipped: a `[core.*]` table, or a cargo package with binaries.",
    ),
    key(
        "KIND.NAME.targets",
        STRINGS,
        "the project's",
        "Targets for which this artifact is wanted, all of them among the project's. With a list of its own, what the \
         project plans or defers does not concern it.",
    ),
    key("KIND.NAME.planned.TARGET", STRING, "the project's", "Why this artifact is not shipped for a target yet."),
    key("KIND.NAME.deferred.TARGET", STRING, "the project's", "Why this artifact is put off for a target."),
];

/// The key of every kind whose file name the project chooses.
pub(crate) const FILE_NAME_OF_CHOICE: &[Key] = &[key(
    "KIND.NAME.filename",
    STRING,
    "`\"{name}-{target}\"`",
    "The file's name without the suffix of its format (or `.exe`), with placeholders filled in. No two files of a release have \
         the same name. Letters, digits, `.`, `_` and `-`: release pages change others, so that a `{version}` with build metadata (`1.2.3+b`) \
         is an error here.",
)];

/// Keys of every kind that is run as the project says.
pub(crate) const PROBES: &[Key] = &[
    key(
        "KIND.NAME.probe",
        "a table or an array of tables",
        "each program that no `run` starts: `PROGRAM --version`, whose output must contain the version; none for what ships no program",
        "What must run in every root before the artifact is shipped. Probes are added to the default ones, and a `run` replaces the \
         default one of the program that it starts.",
    ),
    key("KIND.NAME.probe.name", STRING, "the program's name, or `script`", "Name of the probe, unique within the artifact."),
    key(
        "KIND.NAME.probe.run",
        "a string or an array of strings",
        "",
        "A shipped program and its arguments. A string is split into words; quotes and backslashes work as in a shell, and nothing \
         else of a shell does. Placeholders are filled in.",
    ),
    key(
        "KIND.NAME.probe.script",
        STRING,
        "",
        "Instead of `run`: a script for the root's `/bin/sh -eu`, with the artifact's programs first in PATH, and the folder with all that users \
         get in `PLIMSOLL_ARTIFACT`.",
    ),
    key("KIND.NAME.probe.env.VARIABLE", STRING, "none", "Environment on top of the root's bare one."),
    key("KIND.NAME.probe.setup", STRING, "none", "A script that prepares the working folder; it must succeed."),
    key(
        "KIND.NAME.probe.tty",
        BOOLEAN,
        "`false`",
        "Whether it is run on a terminal, for programs that do not start without one: 80 by 24, with `TERM` set; what it prints there is its output.",
    ),
    key(
        "KIND.NAME.probe.until",
        STRING,
        "none",
        "For a program that does not end by itself: the text in its output that is success; it is then stopped. Placeholders are \
         filled in.",
    ),
    key(
        "KIND.NAME.probe.timeout",
        "an integer or a string",
        "`30`",
        "Seconds, or `\"30s\"`, `\"2m\"`, `\"1h\"`, after which the probe has failed.",
    ),
    key(
        "KIND.NAME.probe.expect",
        "a string or a table",
        "exit status 0",
        "What must be seen. A string is text that the output must contain, as in `output`.",
    ),
    key("KIND.NAME.probe.expect.status", INTEGER, "`0`", "The exit status; not together with `until`."),
    key(
        "KIND.NAME.probe.expect.output",
        STRING,
        "anything",
        "Text that standard output or standard error must contain. Placeholders are filled in.",
    ),
];

/// Keys of every kind that the project's own command may leave as users get it.
pub(crate) const LEFT_BY_A_COMMAND: &[Key] = &[
    key(
        "KIND.NAME.command",
        STRING,
        "",
        "In place of a core: the project's own command, which leaves the file whole. It is run by `sh -eu` in a copy of the project, with the target \
         in `PLIMSOLL_TARGET` and, for another machine's, compilers in `CC` and the like; exit status 77 says that it cannot be made here. What it \
         leaves is inspected, tried and sealed like what plimsoll packs, and made anew if a source file changes. A file that is one for every machine \
         is made with neither target nor compilers of another machine.",
    ),
    key(
        "KIND.NAME.output",
        STRING,
        "",
        "The file that the command leaves, relative to the project. `*` stands for any part of a name, and just one file must be meant. Users get it \
         by the artifact's own name, whatever the command calls it.",
    ),
];

/// The key of every kind of which a command may leave a file that asks for a processor.
pub(crate) const LEVEL_OF_WHAT_IS_LEFT: &[Key] = &[key(
    "KIND.NAME.cpu",
    STRING,
    "none: it must run on every x86-64 processor",
    "Beside `command`: the level of x86-64 that what it leaves is compiled for, as in `core.NAME.cpu`. Users are told, and it is tried once more on an \
     emulated processor of just that level. For targets of x86_64 alone.",
)];

/// Keys of `[test.NAME]`.
const TESTS: &[Key] = &[
    key(
        "test.NAME.install",
        STRINGS,
        "",
        "Artifacts that are installed together, as `KIND.NAME`, or as `NAME` if just one is called so, with those of the release that they need. What is \
         unpacked is in a folder of its name if there are several. Nothing is released of any of them unless the test passes. For each target that all of \
         them fit.",
    ),
    key(
        "test.NAME.roots",
        STRINGS,
        "the target's",
        "Roots in which it must pass on Linux, as in `target.TARGET.roots`; other targets have their own. Of wheels those with the oldest and the newest \
         Python that all of them allow.",
    ),
    key(
        "test.NAME.run",
        "a string or an array of strings",
        "none",
        "A command line in place of `probe`: one probe of that `run`, which has five minutes. What pip installs may start any program by it, installed \
         ones first: `python -m pytest tests`.",
    ),
    key(
        "test.NAME.after",
        STRINGS,
        "none",
        "Tests that must have passed before on the same target: cheap ones, so that what they show is not shown in vain by this one.",
    ),
    key(
        "test.NAME.probe",
        "a table or an array of tables",
        "",
        "What must run there, as in `KIND.NAME.probe`, in the order in which it is written: what one leaves is there for those after it.",
    ),
];

/// Keys that stand after those of artifacts on the reference page.
const AFTER: &[Key] = &[
    key(
        "gates.before",
        "an array of [name, command] pairs",
        "none",
        "Commands that must succeed before anything is built, one after the other, run by `sh -eu`.",
    ),
    key(
        "gates.after",
        "an array of [name, command] pairs",
        "none",
        "Commands that must succeed with the sealed artifacts, one after the other.",
    ),
    key(
        "publish.folder.path",
        STRING,
        "",
        "Folder that releases are published into, absolute or relative to the project, and outside of it.",
    ),
    key(
        "publish.pypi.repository.upload",
        STRING,
        "PyPI's",
        "URL that takes uploads, of a Python package index of one's own. `[publish.pypi]` alone publishes to PyPI; the token is `UV_PUBLISH_TOKEN`, or the \
         workflow is trusted.",
    ),
    key(
        "publish.pypi.repository.index",
        STRING,
        "PyPI's",
        "URL of that index's Simple API, which must answer in JSON (PEP 691): what is there is asked of it.",
    ),
    key(
        "version.source",
        "a string or a table",
        "",
        "The file that a person edits: Cargo.toml, mix.exs, pyproject.toml, package.json, *.spec, APKBUILD, debian/changelog, VERSION, or \
         a table as in `copies`. Where a cargo package gives the core's version, both must agree.",
    ),
    key(
        "version.copies",
        "an array of strings and tables",
        "none",
        "Files that repeat the version, each in its own dialect: those of `source`, lock files, or a table for any other file. Pins on \
         packages of the project move with them. Lock files, and versions beside paths to packages that carry the version, are found \
         without being listed. Before anything is built all of them must agree.",
    ),
    key("version.copies.file", STRING, "", "The file, relative to the project."),
    key(
        "version.copies.pattern",
        "a string or an array of three strings",
        "what the file's name says",
        "A regular expression with one group, which is the version; `^` and `$` are ends of lines. Three expressions stand for major, \
         minor and patch kept apart; each must match once.",
    ),
    key(
        "version.copies.dialect",
        STRING,
        "`\"semver\"`",
        "How the version is written that a pattern finds: `semver`, `npm`, `pep440`, `deb`, `rpm` or `apk`.",
    ),
    key(
        "version.copies.count",
        INTEGER,
        "`1` with a pattern, else whatever is found",
        "How many places the file has; any other number is an error.",
    ),
    key(
        "version.tag",
        STRING,
        "`\"v{version}\"`",
        "The tag of a release, such as `{version}` or `name-v{version}`. A `release` must be of a commit that has it.",
    ),
    key(
        "version.changelog",
        STRING,
        "none",
        "The changelog, with headings such as `## [1.2.3] - 2026-01-02` or `## 1.2.3 (2026-01-02)`, of any level. A `release` must have a \
         section in it that is not empty.",
    ),
    key(
        "version.maintainer",
        STRING,
        "git's `user.name` and `user.email`",
        "Who signs new entries of debian/changelog and of a spec's `%changelog`: `Name <address>`.",
    ),
    key(
        "version.line",
        STRINGS,
        "none",
        "Files that are written before a build with the line `1.2.3 (abcdef1 2026-01-02)`: a Python module (`*.py`), an Elixir module \
         (`lib/…/*.ex`) or plain text, which `plimsoll-version-line` reads in builds without git. They are inputs of every build and \
         do not belong into git: a file that git tracks, or that was not written so, is never replaced.",
    ),
];

const fn later(path: &'static str, subject: &'static str) -> LaterKey {
    LaterKey { path, subject }
}

const LATER: &[LaterKey] = &[
    later("sdist", "source distributions"),
    later("deb", "Debian packages"),
    later("rpm", "RPM packages"),
    later("apk", "Alpine packages"),
    later("image", "container images"),
    later("target.TARGET.runner", "runners of other machines"),
    later("publish.github", "publishing to GitHub"),
    later("publish.hex", "publishing to Hex"),
    later("publish.crates", "publishing to crates.io"),
];

/// What a kind's table takes.
#[derive(Debug, Clone, Copy)]
pub struct KindKeys {
    /// The kind.
    pub kind: Kind,
    /// How a table of it is written: `archive.NAME`.
    pub place: &'static str,
    /// The heading of the kind's part of the reference page.
    pub heading: &'static str,
    /// Keys that only this kind has, written with its place.
    pub own: &'static [Key],
    /// Keys that other kinds have as well, written with `KIND.NAME`.
    pub shared: &'static [&'static [Key]],
    /// Keys that it will have.
    pub later: &'static [LaterKey],
}

/// What each kind's table takes.
pub fn of_kinds() -> impl Iterator<Item = KindKeys> {
    Kind::ALL.iter().map(|kind| kinds::keys(*kind))
}

/// Every key, in the order of the reference page.
pub fn keys() -> Vec<&'static Key> {
    let shared = [MADE_OF_A_CORE, LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT, FILE_NAME_OF_CHOICE, PROBES].into_iter().flatten();
    let before = BEFORE.iter().chain(generate::KEYS).chain(given::PREBUILT).chain(shared);
    let tests = TESTS.iter().chain(given::OF_TESTS).chain(given::PREVIOUS);
    before.chain(of_kinds().flat_map(|kind| kind.own)).chain(tests).chain(AFTER).collect()
}

/// Keys that are refused with the word that they are not there yet.
pub fn later_keys() -> Vec<&'static LaterKey> {
    LATER.iter().chain(of_kinds().flat_map(|kind| kind.later)).collect()
}

/// What stands in `table` (`archive.NAME`, or empty for the top) according to `path`; none when `path` is about another place.
fn child<'p>(table: &str, path: &'p str) -> Option<&'p str> {
    if table.is_empty() {
        return path.split('.').next().filter(|first| *first != SEVERAL);
    }
    path.strip_prefix(table)?.strip_prefix('.')?.split('.').next()
}

/// What stands for every kind that has a key.
const SEVERAL: &str = "KIND";

/// Keys that may stand in `table`.
pub(crate) fn children(table: &str) -> Vec<&'static str> {
    let mut found = keys().into_iter().filter_map(|key| child(table, key.path)).collect::<Vec<_>>();
    if table.is_empty() {
        found.extend(Kind::ALL.iter().map(|kind| kind.as_str()));
    }
    for kind in of_kinds().filter(|kind| kind.place == table) {
        found.extend(kind.shared.iter().copied().flatten().filter_map(|key| child("KIND.NAME", key.path)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What a later version will make of `key` in `table`.
pub(crate) fn later_subject(table: &str, key: &str) -> Option<&'static str> {
    let path = if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") };
    later_keys().into_iter().find(|later| later.path == path).map(|later| later.subject)
}

#[cfg(test)]
mod tests;
