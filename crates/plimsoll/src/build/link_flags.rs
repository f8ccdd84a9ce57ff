//! Flags that a platform's linker needs: a dynamic library so that its host can load it, whatever is for macOS so that its bytes repeat, and
//! whatever is for Windows by Microsoft's ABI so that it runs without an installer's help.

use plimsoll_model::plan::{Compile, Strip};
use plimsoll_model::{Libc, ProductPlan};

/// The flags for rustc, in order; `said` are the flags that the user gives.
pub fn of(product: &ProductPlan, said: &[String]) -> Vec<String> {
    let mut flags = of_library(product);
    // rustc's default there is VCRUNTIME140.dll, which Windows does not have. Of a plus and a minus rustc takes the plus, so a user's word is not
    // joined by ours.
    if product.target.as_str().ends_with("-windows-msvc") && !said.iter().any(|flag| flag.contains("crt-static")) {
        flags.push("-Ctarget-feature=+crt-static".to_owned());
    }
    // A linker for macOS writes into the program when each object was made (N_OSO, <mach-o/stab.h>), and counts that into LC_UUID; objcopy leaves both.
    if product.target.os() == "macos" && product.strip != Strip::None {
        flags.push("-Clink-arg=-Wl,-S".to_owned());
    }
    flags
}

fn of_library(product: &ProductPlan) -> Vec<String> {
    let Compile::Cargo { library: Some(library), .. } = &product.compile else { return Vec::new() };
    match (product.target.os(), product.target.libc()) {
        // What the library calls is in the program that loads it, and found only then; and it is known by its own name wherever it lies.
        ("macos", _) => [
            "-Clink-arg=-undefined".to_owned(),
            "-Clink-arg=dynamic_lookup".to_owned(),
            format!("-Clink-arg=-Wl,-install_name,@rpath/lib{library}.so"),
        ]
        .into(),
        // rustc links musl statically unless it is told otherwise, and makes no cdylib then: it warns, and leaves what lay there before.
        (_, Some(Libc::Musl)) => vec!["-Ctarget-feature=-crt-static".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use plimsoll_model::plan::Strip;

    use super::*;

    fn product(target: &str, library: Option<&str>) -> ProductPlan {
        let compile = Compile::Cargo {
            path: String::new(),
            package: "x".to_owned(),
            binaries: Vec::new(),
            library: library.map(str::to_owned),
            features: Vec::new(),
            default_features: true,
            profile: "release".to_owned(),
            rustflags: Vec::new(),
        };
        let (core, target) = ("x".parse().unwrap(), target.parse().unwrap());
        let (env, embed, prebuilt) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        ProductPlan {
            core,
            variant: None,
            target,
            compile,
            strip: Strip::None,
            cpu: None,
            env,
            inputs: Vec::new(),
            embed,
            prebuilt,
            leaves: BTreeMap::new(),
            system: Vec::new(),
        }
    }

    #[test]
    fn what_is_stripped_for_macos_says_nothing_of_its_objects() {
        let stripped = ProductPlan { strip: Strip::Debug, ..product("aarch64-apple-darwin", None) };
        assert_eq!(of(&stripped, &[]), ["-Clink-arg=-Wl,-S"]);
        assert!(of(&product("aarch64-apple-darwin", None), &[]).is_empty());
    }

    #[test]
    fn the_c_runtime_of_microsoft_is_linked_in_unless_the_user_says_of_it_otherwise() {
        let flags = |target, said: &str| of(&product(target, None), &[said.to_owned()]);
        assert_eq!(flags("x86_64-pc-windows-msvc", "-Cdebuginfo=1"), ["-Ctarget-feature=+crt-static"]);
        assert!(flags("x86_64-pc-windows-msvc", "-Ctarget-feature=-crt-static").is_empty());
        assert!(flags("x86_64-pc-windows-gnu", "-Cdebuginfo=1").is_empty());
    }

    #[test]
    fn only_libraries_are_given_flags() {
        let flags = |target, library| of(&product(target, library), &[]).join(" ");
        assert_eq!(flags("x86_64-unknown-linux-musl", None), "");
        assert_eq!(flags("x86_64-unknown-linux-musl", Some("x")), "-Ctarget-feature=-crt-static");
        assert_eq!(flags("x86_64-unknown-linux-gnu", Some("x")), "");
        assert_eq!(
            flags("aarch64-apple-darwin", Some("x")),
            "-Clink-arg=-undefined -Clink-arg=dynamic_lookup -Clink-arg=-Wl,-install_name,@rpath/libx.so"
        );
    }
}
