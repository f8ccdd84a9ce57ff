//! Apple's SDK: which frameworks a program for macOS asks for, and whether they are to be had. zig brings the C library of macOS and nothing else.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Digest, Failure};
use regex::Regex;

use super::environment::SDKROOT;
use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage, launch_failure};
use crate::graph::Stop;
use plimsoll_exec::launcher::Ended;
use plimsoll_store::plain_file;

/// Files that say which SDK a folder holds.
const SETTINGS: [&str; 2] = ["SDKSettings.json", "SDKSettings.plist"];

/// Crates that link frameworks whatever is used of them, each with the feature that has it link, where there is one.
const CRATES: &[(&str, &str, &str)] = &[
    ("core-foundation-sys", "CoreFoundation", "link"),
    ("security-framework-sys", "Security", ""),
    ("system-configuration-sys", "SystemConfiguration", ""),
    ("fsevent-sys", "CoreServices", ""),
    ("core-graphics-types", "CoreGraphics", "link"),
    ("core-graphics", "CoreGraphics", "link"),
    ("core-text", "CoreText", "link"),
    ("io-kit-sys", "IOKit", ""),
    ("cocoa", "AppKit", "link"),
    ("cocoa-foundation", "Foundation", "link"),
    ("objc2-foundation", "Foundation", ""),
    ("objc2-core-foundation", "CoreFoundation", ""),
    ("objc2-app-kit", "AppKit", ""),
    ("objc2-io-kit", "IOKit", ""),
    ("objc2-security", "Security", ""),
    ("objc2-system-configuration", "SystemConfiguration", ""),
    ("objc2-core-graphics", "CoreGraphics", ""),
    ("objc2-core-services", "CoreServices", ""),
    ("objc2-metal", "Metal", ""),
    ("objc2-quartz-core", "QuartzCore", ""),
    ("objc2-user-notifications", "UserNotifications", ""),
    ("objc2-local-authentication", "LocalAuthentication", ""),
];

/// Libraries that every macOS has and zig does not bring.
const LIBRARIES: [&str; 12] = ["iconv", "objc", "z", "bz2", "xml2", "xslt", "sqlite3", "curl", "resolv", "ncurses", "edit", "compression"];

/// What zig says of a framework, a library and a header that it does not find.
static NOT_FOUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:unable to find (?:dynamic |static )?(?:system )?framework |framework not found:? )['"]?(?P<framework>[\w+-]+)|unable to find (?:dynamic |static )?(?:system )?library ['"](?P<library>[\w+.-]+)['"]|fatal error: ['"](?P<header>Accelerate|AppKit|ApplicationServices|AudioToolbox|Carbon|Cocoa|CommonCrypto|CoreAudio|CoreFoundation|CoreGraphics|CoreMIDI|CoreServices|CoreText|DiskArbitration|Foundation|IOKit|ImageIO|Metal|Network|OpenGL|QuartzCore|Security|SystemConfiguration)/[\w+/-]+\.h['"] file not found"#,
    )
    .ok()
});

/// An SDK of Apple's.
#[derive(Debug)]
pub(super) struct AppleSdk {
    /// Which one.
    pub(super) digest: Digest,
}

/// What a linker's or a compiler's words ask of Apple's SDK, by names of frameworks and libraries.
pub(super) fn lacks(said: &str) -> BTreeSet<String> {
    let found = NOT_FOUND.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(said));
    let named = found.filter_map(|found| match (found.name("framework"), found.name("library"), found.name("header")) {
        (Some(framework), ..) | (.., Some(framework)) => Some(framework.as_str().to_owned()),
        (_, Some(library), _) => LIBRARIES.contains(&library.as_str()).then(|| format!("lib{}", library.as_str())),
        _ => None,
    });
    named.collect()
}

/// A gap's reason.
pub(crate) fn needs(names: &BTreeSet<String>) -> String {
    let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("needs Apple's SDK ({names}): name one in SDKROOT, or build on a Mac")
}

/// The frameworks that the lines of `cargo tree` link: a package, its version, and its features.
fn linked(tree: &str) -> BTreeSet<String> {
    let mut frameworks = BTreeSet::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        let features = line.rsplit_once(FEATURES).map_or("", |(_, features)| features).trim_end_matches(" (*)").trim();
        let features = features.split(',').collect::<BTreeSet<_>>();
        let links = CRATES.iter().filter(|(known, _, feature)| *known == name && (feature.is_empty() || features.contains(feature)));
        frameworks.extend(links.map(|(_, framework, _)| (*framework).to_owned()));
    }
    frameworks
}

/// The frameworks that crates of these names link, as far as it is known without their features.
pub(crate) fn of_crates(names: &BTreeSet<String>) -> BTreeSet<String> {
    CRATES.iter().filter(|(name, ..)| names.contains(*name)).map(|(_, framework, _)| (*framework).to_owned()).collect()
}

/// What stands between a package and its features.
const FEATURES: &str = " with ";

impl BuildStage<'_> {
    /// Whether zig links for macOS on a machine that is none.
    pub(super) fn links_for_apple(&self, request: BuildRequest<'_>) -> bool {
        request.product.target.os() == "macos" && request.target.builder == Builder::Zig && self.toolchain.host.os() != "macos"
    }

    /// The SDK that the caller or the core names.
    ///
    /// # Errors
    /// Not run, if there is none where it is named.
    pub(super) fn apple_sdk(&self, request: BuildRequest<'_>) -> Result<Option<AppleSdk>, Stop> {
        if !self.links_for_apple(request) {
            return Ok(None);
        }
        let named = request.product.env.get(SDKROOT).or_else(|| self.environment.keyed.get(SDKROOT));
        let Some(folder) = named.filter(|name| !name.is_empty()).map(PathBuf::from) else { return Ok(None) };
        let settings = SETTINGS.iter().find_map(|name| plain_file::read(&folder.join(name)).ok());
        let has_frameworks = folder.is_absolute() && folder.join("System/Library/Frameworks").is_dir();
        match settings.filter(|_| has_frameworks) {
            Some(settings) => Ok(Some(AppleSdk { digest: Digest::of(&settings) })),
            None => {
                let wants = "an absolute path of a folder with SDKSettings.json and System/Library/Frameworks";
                Err(Stop::NotRun(format!("needs Apple's SDK, and SDKROOT names none: it wants {wants}, and is {}", folder.display())))
            }
        }
    }

    /// Looks at the dependencies before anything is compiled: what links a framework cannot be linked here without an SDK.
    ///
    /// # Errors
    /// Not run, with the frameworks.
    pub(super) fn without_frameworks(&self, request: BuildRequest<'_>, place: &BuildPaths) -> Result<(), Stop> {
        let Compile::Cargo { package, features, default_features, .. } = &request.product.compile else { return Ok(()) };
        if !self.links_for_apple(request) {
            return Ok(());
        }
        let at = place.at_start();
        let words = ["tree", "--locked", "--package", package, "--target", request.product.target.as_str(), "--edges"];
        let format = format!("{{p}}{FEATURES}{{f}}");
        let rest = ["normal,no-proc-macro", "--prefix", "none", "--charset", "ascii", "--format", &format];
        let mut arguments = words.into_iter().chain(rest).map(OsString::from).collect::<Vec<_>>();
        arguments.extend(["--manifest-path".into(), at.sources.join(self.workspace).join("Cargo.toml").into_os_string()]);
        if !default_features {
            arguments.push("--no-default-features".into());
        }
        if !features.is_empty() {
            arguments.extend(["--features".into(), features.join(",").into()]);
        }
        let cargo = place.inside(&self.toolchain.rust()?.cargo);
        let working_folder: &Path = &at.sources.join(self.called_in(request.product));
        let launch = self.with_environment(self.launch(place, working_folder, &cargo, arguments)?, request, place);
        let finished = self.launcher.output(&launch).map_err(|error| launch_failure(&error))?;
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted().into());
        }
        // What is wrong with a manifest or a lock file is told by the build.
        let frameworks = if finished.succeeded() { linked(&finished.stdout_text()) } else { BTreeSet::new() };
        if frameworks.is_empty() { Ok(()) } else { Err(Stop::NotRun(needs(&frameworks))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn frameworks_of_dependencies_are_known_before_anything_is_compiled() {
        let tree = "clock v0.1.0 (/plimsoll/src) with \nchrono v0.4.45 with clock,default\ncore-foundation-sys v0.8.7 with default,link\n\
                    core-foundation-sys v0.8.7 with default,link (*)\nobjc2-foundation v0.3.0 with default,std\nobjc2 v0.6.0 with std\n";
        assert_eq!(linked(tree), set(&["CoreFoundation", "Foundation"]));
        assert_eq!(linked("core-foundation-sys v0.8.7 with \nmy-core-foundation-sys v1.0.0 with link\n"), set(&[]));
    }

    #[test]
    fn what_a_linker_does_not_find_of_apples_is_told_from_the_projects_own() {
        let said = "error: unable to find framework 'CoreFoundation'. searched paths: none\nerror: unable to find system framework \"Security\"\n\
                    error: unable to find dynamic system library 'iconv' using strategy 'paths_first'. searched paths: none\n\
                    error: unable to find dynamic system library 'mine' using strategy 'paths_first'. searched paths: none\n\
                    src/a.c:1:10: fatal error: 'IOKit/IOKitLib.h' file not found\nsrc/a.c:1:10: fatal error: 'Mine/ssl.h' file not found\n";
        assert_eq!(lacks(said), set(&["CoreFoundation", "IOKit", "Security", "libiconv"]));
        assert_eq!(
            needs(&lacks(said)),
            "needs Apple's SDK (CoreFoundation, IOKit, Security, libiconv): name one in SDKROOT, or build on a Mac"
        );
    }
}
