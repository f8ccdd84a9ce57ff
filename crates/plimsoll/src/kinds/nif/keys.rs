//! The keys of `[nif.NAME]`.

use plimsoll_pack::Kind;

use crate::manifest::keys::{Key, KindKeys, LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT, STRING, STRINGS, key};

pub(crate) const KEYS: KindKeys = KindKeys {
    kind: Kind::Nif,
    place: "nif.NAME",
    heading: "Libraries for the BEAM",
    own: OWN,
    shared: &[LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT],
    later: &[],
};

const OWN: &[Key] = &[
    key(
        "nif.NAME.core",
        STRING,
        "the core of the NIF's name, else the cargo package of that name, else the only one with a dynamic library",
        "The core whose library is shipped to the BEAM: a `[core.*]` table, or a cargo package with `crate-type = [\"cdylib\"]`.",
    ),
    key(
        "nif.NAME.module",
        STRING,
        "the only module of the project that says `use RustlerPrecompiled`",
        "The Elixir module that loads the library.",
    ),
    key("nif.NAME.app", STRING, "`app:` of mix.exs", "The OTP application in whose priv folder the library lies."),
    key(
        "nif.NAME.base-url",
        STRING,
        "`base_url:` of the Elixir module",
        "Where users download the archives, for a module of which neither its evaluation nor its text tells: the manifest then vouches for it.",
    ),
    key(
        "nif.NAME.nif-versions",
        STRINGS,
        "`nif_versions:` of the Elixir module, else `[\"2.15\"]`",
        "NIF versions, one file each. A crate's feature `nif_version_2_16` and the like is turned on for the file of that version; a `command` is run for \
         each, and finds it in `PLIMSOLL_NIF_VERSION`.",
    ),
    key(
        "nif.NAME.scheme",
        STRING,
        "`\"rustler_precompiled\"`",
        "Whose file names and steps the package's users follow: `\"rustler_precompiled\"`, or `\"elixir_make\"` with cc_precompiler. With the \
         latter, `nif-versions` is read from `make_precompiler_nif_versions:` of mix.exs and the library's name in priv from \
         `make_precompiler_filename:`.",
    ),
    key(
        "nif.NAME.files",
        "an array of paths, or a table of path in the project = path in priv",
        "none",
        "For `elixir_make` alone: other files of the project in the archive, which is the tree of the application's priv folder.",
    ),
    key("nif.NAME.targets", STRINGS, "the project's", "Targets for which the library is wanted."),
    key("nif.NAME.planned.TARGET", STRING, "the project's", "Why the library is not shipped for a target yet."),
    key("nif.NAME.deferred.TARGET", STRING, "the project's", "Why the library is put off for a target."),
    key(
        "nif.NAME.load",
        "a string or an array of strings",
        "none",
        "Expressions that must be true once the library is loaded, with the module's functions imported: `\"add(40, 2) == 42\"`. One that names another \
         module of the package is evaluated where the package is compiled.",
    ),
    key(
        "nif.NAME.test",
        STRING,
        "none",
        "A command that tests the package on the packed library, in the root's copy of the package, run by `sh -eu` with MIX_ENV=test: `\"mix test\"`.",
    ),
    key(
        "nif.NAME.timeout",
        "seconds as an integer, or a string such as `\"2m\"`",
        "`\"5m\"`",
        "How long a BEAM may take to compile the module, load the library and call it, on an emulated processor too.",
    ),
    key(
        "nif.NAME.variant.VARIANT.features",
        STRINGS,
        "the core's",
        "Features that are turned on for this variant, besides the core's. A variant is one more file for each of its targets and each NIF \
         version, with `--VARIANT` in its name; which one a machine takes is decided by the functions in `variants:` of the Elixir module. A `command` \
         has no features: it finds the variant in `PLIMSOLL_VARIANT`.",
    ),
    key(
        "nif.NAME.variant.VARIANT.cpu",
        STRING,
        "the core's",
        "The level of x86-64 that this variant is compiled for, as in `core.NAME.cpu`: it is loaded once more on an emulated processor of \
         just that level.",
    ),
    key("nif.NAME.variant.VARIANT.rustflags", STRINGS, "none", "Flags of the compiler, added to the core's."),
    key(
        "nif.NAME.variant.VARIANT.targets",
        STRINGS,
        "the library's; with `cpu`, those of x86_64",
        "Targets for which there is this variant.",
    ),
];
