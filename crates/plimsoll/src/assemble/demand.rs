//! What all programs of an artifact ask of a machine together: the most demanding of them decides.

use plimsoll_inspect::{Facts, Floor, measured_system};
use plimsoll_model::Measured;

/// Grows program by program; their order is of no consequence.
#[derive(Debug, Default)]
pub(super) struct Demand {
    floor: Option<Floor>,
    linkage: String,
    needed: Vec<String>,
}

impl Demand {
    pub(super) fn add(&mut self, facts: &Facts) {
        let measured = measured_system(facts);
        // A file of another system is refused by its gates, so that two floors are always of one.
        let is_higher = |floor: &Floor| self.floor.as_ref().is_none_or(|before| floor.is_above(before) == Some(true));
        if measured.as_ref().is_some_and(is_higher) {
            self.floor = measured;
        }
        let keep = self.linkage == "dynamic" || (!self.linkage.is_empty() && facts.linkage.is_static());
        if !keep {
            self.linkage = facts.linkage.to_string();
        }
        self.needed.extend(facts.needed.iter().cloned());
    }

    pub(super) fn measured(self) -> Measured {
        let mut needed = self.needed;
        needed.sort();
        needed.dedup();
        let (glibc, system) = match self.floor {
            Some(Floor::Glibc(version)) => (Some(version), None),
            Some(floor @ (Floor::Macos(_) | Floor::Windows(_))) => (None, Some(floor.to_string())),
            None => (None, None),
        };
        Measured { glibc, system, linkage: self.linkage, needed }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn measured(programs: &[&Value]) -> Measured {
        let mut demand = Demand::default();
        for program in programs {
            demand.add(&serde_json::from_value((*program).clone()).unwrap());
        }
        demand.measured()
    }

    fn elf(linkage: &str, glibc: &[&str]) -> Value {
        let demands = glibc.iter().map(|version| json!({ "name": format!("GLIBC_{version}"), "library": "libc.so.6" })).collect::<Vec<_>>();
        json!({
            "format": "elf", "class": 64, "endianness": "little", "machine": "x86_64", "linkage": linkage, "demands": demands,
            "needed": if glibc.is_empty() { json!([]) } else { json!(["libm.so.6", "libc.so.6"]) },
        })
    }

    fn macho(minimum: &str) -> Value {
        json!({
            "format": "macho", "class": 64, "endianness": "little", "machine": "aarch64", "linkage": "dynamic",
            "macho": {
                "cpu_type": 1, "cpu_subtype": 0, "file_type": "execute",
                "platforms": [{ "platform": "macos", "minimum": minimum, "sdk": "15.0", "command": "LC_BUILD_VERSION" }],
            },
        })
    }

    fn pe(minimum: &str) -> Value {
        json!({
            "format": "pe", "class": 64, "endianness": "little", "machine": "x86_64", "linkage": "dynamic",
            "pe": {
                "machine": 0x8664, "subsystem": "console", "subsystem_version": minimum, "os_version": "6.0", "dll": false,
                "aslr": true, "high_entropy": true, "nx": true, "guard_cf": false, "checksum": "absent",
            },
        })
    }

    #[test]
    fn the_most_demanding_program_decides_in_any_order() {
        let floor = |measured: &Measured| measured.system.clone().or(measured.glibc.map(|version| format!("glibc {version}")));
        for (lesser, greater, expected) in [
            (macho("11.0"), macho("13.0"), "macOS 13.0"),
            (macho("10.12"), macho("11.0"), "macOS 11.0"),
            (pe("6.0"), pe("10.0"), "Windows 10.0"),
            (elf("dynamic", &["2.9"]), elf("dynamic", &["2.28"]), "glibc 2.28"),
            (elf("static", &[]), elf("dynamic", &["2.17"]), "glibc 2.17"),
        ] {
            let both = [measured(&[&lesser, &greater]), measured(&[&greater, &lesser])];
            assert_eq!(both[0], both[1]);
            assert_eq!(floor(&both[0]).as_deref(), Some(expected));
            assert_eq!(measured(&[&lesser, &greater, &lesser]), both[0]);
        }
    }

    #[test]
    fn one_dynamic_program_makes_the_artifact_dynamic() {
        let (fixed, dynamic) = (elf("static", &[]), elf("dynamic", &["2.17"]));
        assert_eq!(measured(&[&fixed, &fixed]).linkage, "static");
        for programs in [[&fixed, &dynamic], [&dynamic, &fixed]] {
            let both = measured(&programs);
            assert_eq!((both.linkage.as_str(), both.needed.as_slice()), ("dynamic", &["libc.so.6".to_owned(), "libm.so.6".to_owned()][..]));
        }
    }
}
