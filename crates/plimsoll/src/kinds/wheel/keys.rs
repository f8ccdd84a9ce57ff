//! The keys of `[wheel.NAME]`.

use plimsoll_pack::Kind;

use crate::manifest::keys::{BOOLEAN, Key, KindKeys, LEFT_BY_A_COMMAND, MADE_OF_A_CORE, PROBES, STRING, STRINGS, key};

pub(crate) const KEYS: KindKeys = KindKeys {
    kind: Kind::Wheel,
    place: "wheel.NAME",
    heading: "Packages of Python's: wheels",
    own: OWN,
    shared: &[MADE_OF_A_CORE, LEFT_BY_A_COMMAND, PROBES],
    later: &[],
};

const OWN: &[Key] = &[
    key(
        "wheel.NAME.project",
        STRING,
        "the folder whose `pyproject.toml` names the distribution NAME; else that of the core's package",
        "The folder with `pyproject.toml`, relative to the project. Its `[project]` table gives all that the wheel says of itself; for keys that \
         `project.dynamic` names, and the version if it is missing, the core's Cargo.toml.",
    ),
    key("wheel.NAME.binaries", STRINGS, "all of the core", "Programs that are installed beside Python's own commands."),
    key(
        "wheel.NAME.modules",
        STRINGS,
        "of `[tool.maturin]`, `python-source` and `module-name`; else the folder or file of the distribution's name (`-` as `_`) in the project's \
         folder, or in `src/` or `python/` there, if there is one",
        "Python modules that lie beside the programs: folders with their files, or single `.py` files, relative to the project. Each is found by \
         its own name once the wheel is installed.",
    ),
    key(
        "wheel.NAME.pythons",
        STRINGS,
        "those of Debian's roots that `requires-python` allows: `[\"3.9\", \"3.11\", \"3.13\"]`",
        "Versions of Python, by their first two numbers, of which each has a wheel of its own, called `NAME-cp312`: of a library that does not ask for pyo3's \
         stable interface (`abi3-py39`). One that no root has is a gap.",
    ),
    key(
        "wheel.NAME.pure",
        BOOLEAN,
        "`false`",
        "Whether it is one wheel for every machine, with Python alone in it. It has no core: `command` leaves it, or, if there is none, the project's \
         own back end by `uv build --wheel`.",
    ),
];
