//! The keys of `[static.NAME]`.

use plimsoll_pack::Kind;

use crate::manifest::keys::{
    FILE_NAME_OF_CHOICE, Key, KindKeys, LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT, MADE_OF_A_CORE, PROBES, STRING, key,
};

pub(crate) const KEYS: KindKeys = KindKeys {
    kind: Kind::Static,
    place: "static.NAME",
    heading: "Static programs, bare",
    own: OWN,
    shared: &[MADE_OF_A_CORE, LEFT_BY_A_COMMAND, LEVEL_OF_WHAT_IS_LEFT, FILE_NAME_OF_CHOICE, PROBES],
    later: &[],
};

const OWN: &[Key] =
    &[key("static.NAME.binary", STRING, "the only one of the core, else the one of the artifact's name", "The program that is shipped.")];
