//! What builds find of the machine, and what they lack of it.

use super::*;

const ZIGBUILD: &str = include_str!("zigbuild.sh");
/// A machine with two packages, of which one has two libraries.
const PKG_CONFIG: &str = "#!/bin/sh\n[ -z \"${PKG_CONFIG_LIBDIR-}\" ] || { echo \"in $PKG_CONFIG_LIBDIR\"; exit 0; }\necho \"$*\" | \
                          sed 's/^.*\\(zlib\\|openssl\\).*$/-l\\1/'; cat @FOLDER@/release";

fn by_zig(triple: &str, script: &str) -> Bench {
    let bench = Bench::new(triple, Builder::Zig, &[]);
    bench.program("cargo-zigbuild", ZIGBUILD);
    bench.program("zig", "#!/bin/sh\n");
    bench.program("pkg-config", PKG_CONFIG);
    bench.write("release", "1.2.13");
    bench.write("script", script);
    bench
}

fn host() -> String {
    Bench::new("x86_64-unknown-linux-gnu", Builder::Native, &[]).host()
}

#[test]
fn packages_of_the_machine_are_found_by_zig_only_if_the_core_declares_them() {
    let ask = "pkg-config --libs --cflags 'zlib >= 1.2'\n";
    let mut bench = by_zig(&host(), ask);
    let failure = bench.failure();
    let said = serde_json::to_string(&failure).unwrap();
    assert!(said.contains("plimsoll keeps the packages of this machine out of this build: zlib"), "{said}");
    assert!(failure.hint.unwrap().contains("system = [\"zlib\"]"), "{said}");
    bench.product.system = vec!["zlib".to_owned()];
    let (product, text) = bench.built();
    assert!(text.starts_with("-lzlib") && text.ends_with("1.2.13"), "{text}");
    assert!(!product.remembered && bench.built().0.remembered);
    bench.write("release", "1.3");
    assert!(bench.built().1.ends_with("1.3"), "another release of the package is another build");
    bench.write("script", "pkg-config --exists zlib openssl");
    bench.write("project/src/main.rs", "fn main() { }\n");
    assert!(serde_json::to_string(&bench.failure()).unwrap().contains("out of this build: openssl"));
}

#[test]
fn a_declared_package_is_of_no_use_to_another_kind_of_machine_and_a_declared_folder_is() {
    let mut bench = by_zig("riscv64gc-unknown-linux-gnu", "pkg-config --libs zlib\n");
    bench.product.system = vec!["zlib".to_owned()];
    assert!(serde_json::to_string(&bench.failure()).unwrap().contains("out of this build: zlib"));
    bench.product.env.insert("PKG_CONFIG_LIBDIR".to_owned(), "/sysroot/pkgconfig".to_owned());
    assert_eq!(bench.built().1, "in /sysroot/pkgconfig\n");
}

#[test]
fn a_package_that_the_machine_does_not_have_is_a_missing_tool() {
    let mut bench = by_zig(&host(), "");
    bench.program("pkg-config", "#!/bin/sh\necho 'No package found' >&2\nexit 1\n");
    bench.product.system = vec!["zlib".to_owned()];
    let failure = bench.failure();
    assert_eq!((failure.code.as_str(), failure.class), ("package-missing", plimsoll_model::Class::ToolMissing));
}

#[test]
fn variables_of_the_machine_reach_its_own_compiler_alone() {
    let mut bench = by_zig(&host(), "echo \"${CC-} ${CFLAGS-} ${PKG_CONFIG_PATH-} ${CFLAGS_x-}\"");
    bench.variables = ["CC", "CFLAGS", "PKG_CONFIG_PATH", "CFLAGS_x"].map(|name| (name, "host".to_owned())).into();
    assert_eq!(bench.built().1, "   host\n");
}

#[test]
fn what_needs_apples_sdk_is_a_gap_that_names_the_framework_and_the_cure() {
    let link = "echo \"error: unable to find framework 'CoreFoundation'. searched paths: none\" >&2\nexit 1\n";
    let mut bench = by_zig("aarch64-apple-darwin", link);
    assert_eq!(bench.gap(), "needs Apple's SDK (CoreFoundation): name one in SDKROOT, or build on a Mac");
    let sdk = bench.at("sdk");
    bench.variables.push(("SDKROOT", sdk.display().to_string()));
    assert!(bench.gap().starts_with("needs Apple's SDK, and SDKROOT names none: it wants"), "{}", bench.gap());
    fs::create_dir_all(sdk.join("System/Library/Frameworks")).unwrap();
    bench.write("sdk/SDKSettings.json", "{\"Version\":\"13.3\"}");
    bench.write("script", "echo linked with $SDKROOT");
    assert_eq!(bench.built().1, format!("linked with {}\n", sdk.display()));
    assert!(bench.built().0.remembered);
    bench.write("sdk/SDKSettings.json", "{\"Version\":\"14.0\"}");
    assert!(!bench.built().0.remembered, "another SDK is another build");
}

#[test]
fn frameworks_of_dependencies_are_a_gap_before_anything_is_compiled() {
    let bench = by_zig("aarch64-apple-darwin", "echo compiled");
    bench.write(
        "project/core-foundation-sys/Cargo.toml",
        "[package]\nname = \"core-foundation-sys\"\nversion = \"0.8.7\"\n[features]\nlink = []\n",
    );
    bench.write("project/core-foundation-sys/src/lib.rs", "");
    let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"core-foundation-sys\",\n]\n\n[[package]]\nname = \
                \"core-foundation-sys\"\nversion = \"0.8.7\"\n";
    bench.write("project/Cargo.lock", lock);
    let app = |dependency: &str| {
        format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n[target.'cfg(target_os = \
                                           \"macos\")'.dependencies]\ncore-foundation-sys = {dependency}\n"
        )
    };
    bench.write("project/Cargo.toml", &app("{ path = \"core-foundation-sys\", features = [\"link\"] }"));
    assert_eq!(bench.gap(), "needs Apple's SDK (CoreFoundation): name one in SDKROOT, or build on a Mac");
    bench.write("project/Cargo.toml", &app("{ path = \"core-foundation-sys\" }"));
    assert_eq!(bench.built().1, "compiled\n", "a crate that links nothing needs no SDK");
}

#[test]
fn a_tool_that_a_build_script_misses_is_the_message_and_the_whole_log_is_kept() {
    let mut noise = "   Compiling a v1.0.0\nerror: failed to run custom build command for `a v1.0.0`\n  --- stderr\n  is `cmake-of-a-test` not installed?\n".to_owned();
    noise.push_str(&"  note: \"ld\" \"-m\" \"x\" \"y\" \"z\" \"a\"\n".repeat(1000));
    let bench = by_zig(&host(), &format!("cat >&2 <<'END'\n{noise}END\nexit 1\n"));
    let failure = bench.failure();
    assert_eq!(failure.message, "the build needs `cmake-of-a-test`, which is not installed");
    assert_eq!(failure.class, plimsoll_model::Class::ToolMissing);
    let [said, log] = ["said", "log"].map(|label| failure.causes.iter().find(|cause| cause.label == label).unwrap().text.clone());
    assert_eq!(said.lines().count(), 2, "{said}");
    assert_eq!(fs::read_to_string(log).unwrap(), noise);
}
