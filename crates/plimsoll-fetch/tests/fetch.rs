//! Fetching from a harbor with each fault, from a folder, into places that others use at the same time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::Path;

use common::{GNU, MUSL, World, archive, impatient, machine, network, publish, usual};
use plimsoll_fetch::{
    BuildScript, BuildScriptError, Environment, FetchError, Fetched, Fit, Found, Missing, Network, Offline, OpenError, Problem, Wish, fetch,
};
use plimsoll_harbor::{Effect, Faults, Harbor};
use plimsoll_model::Digest;

const ARCHIVE: &str = "*/tool-x86_64-unknown-linux-gnu.tar.xz";

fn harbor(world: &World, faults: Faults) -> Harbor {
    Harbor::serve_folder(&world.registry(), faults).unwrap()
}

fn get(world: &World, harbor: &Harbor) -> Result<Fetched, FetchError> {
    fetch(&world.request(&harbor.url()), &network(), &mut |_, _| {})
}

/// After a refusal there is neither a destination nor a download, nor work in progress.
#[track_caller]
fn nothing_is_left(world: &World) {
    assert_eq!(World::listing(&world.work()), Vec::<String>::new());
    assert_eq!(World::listing(&world.cache().join("sha256")), Vec::<String>::new());
}

#[test]
fn the_archive_is_fetched_verified_and_unpacked() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    let mut progress = Vec::new();
    let fetched = fetch(&world.request(&harbor.url()), &network(), &mut |so_far, total| progress.push((so_far, total))).unwrap();
    assert_eq!((fetched.version.to_string().as_str(), fetched.artifact.target.as_ref().unwrap().as_str()), ("1.2.3", GNU));
    assert_eq!(fetched.programs, [world.work().join("tool/bin/tool")]);
    assert_eq!(fetched.files, [Path::new("bin/tool"), Path::new("README.md")]);
    assert_eq!(fs::read(&fetched.programs[0]).unwrap(), b"gnu program");
    assert_eq!(progress.last(), Some(&(fetched.artifact.size, fetched.artifact.size)));
    assert_eq!(World::listing(&world.work()), ["tool"]);
    let asked = harbor.requests().iter().map(|request| request.path.clone()).collect::<Vec<_>>();
    let file = format!("/tool/1.2.3/tool-{GNU}.tar.xz");
    assert_eq!(asked, ["/tool/index.json", "/tool/1.2.3/release.json", "/tool/1.2.3/SHA256SUMS", &file]);
}

#[test]
fn an_old_system_gets_the_static_binary() {
    let world = World::new();
    let mut request = world.request(world.registry().to_str().unwrap());
    request.fit = machine(Some((2, 17)));
    request.cache = None;
    let fetched = fetch(&request, &network(), &mut |_, _| {}).unwrap();
    assert_eq!(fetched.artifact.target.unwrap().as_str(), MUSL);
    assert_eq!(fs::read(world.work().join("tool/tool")).unwrap(), b"musl program");
    assert_eq!(World::listing(&world.work()), ["tool"]);
}

#[test]
fn a_second_fetch_downloads_nothing_and_a_spoilt_entry_is_replaced() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    let first = get(&world, &harbor).unwrap();
    assert!(!first.from_cache && get(&world, &harbor).unwrap().from_cache);
    let entry = world.cache().join("sha256").join(first.artifact.sha256.to_string());
    for spoilt in [b"short".to_vec(), vec![0; usize::try_from(first.artifact.size).unwrap()]] {
        fs::write(&entry, spoilt).unwrap();
        assert!(!get(&world, &harbor).unwrap().from_cache);
        assert_eq!(Digest::of(&fs::read(&entry).unwrap()), first.artifact.sha256);
    }
    #[cfg(unix)]
    {
        fs::remove_file(&entry).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &entry).unwrap();
        assert!(!get(&world, &harbor).unwrap().from_cache);
    }
    assert_eq!(World::listing(&world.cache().join("sha256")).len(), 1);
}

#[test]
fn passing_faults_are_survived() {
    for faults in [
        Faults::none().first(2, "*", Effect::Status(503)),
        Faults::none().first(2, ARCHIVE, Effect::Status(429)),
        Faults::none().first(1, ARCHIVE, Effect::RetryAfter(503, 0)),
        Faults::none().first(2, ARCHIVE, Effect::Cut(0)),
        Faults::none().first(5, ARCHIVE, Effect::Cut(20)),
        Faults::none().first(1, "*/release.json", Effect::Cut(100)),
        Faults::none().first(2, ARCHIVE, Effect::Cut(50)).always(ARCHIVE, Effect::NoRange),
        Faults::none().always("*", Effect::Delay(std::time::Duration::from_millis(1))),
    ] {
        let world = World::new();
        let harbor = harbor(&world, faults.clone());
        get(&world, &harbor).unwrap_or_else(|error| panic!("{faults:?}: {error}"));
        assert_eq!(fs::read(world.work().join("tool/bin/tool")).unwrap(), b"gnu program");
    }
}

#[test]
fn an_interrupted_download_goes_on_where_it_stopped() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none().first(2, ARCHIVE, Effect::Cut(40)));
    get(&world, &harbor).unwrap();
    let asked =
        harbor.requests().into_iter().filter(|request| request.path.ends_with(".tar.xz")).map(|request| (request.range, request.status));
    let expected = [(None, Some(200)), (Some("bytes=40-".to_owned()), Some(206)), (Some("bytes=80-".to_owned()), Some(206))];
    assert_eq!(asked.collect::<Vec<_>>(), expected);
}

#[test]
fn lasting_faults_end_with_a_reason_and_nothing_left() {
    for (faults, expected, network_error) in [
        (Faults::none().always("*", Effect::Status(503)), "in 3 attempts: status 503", true),
        (Faults::none().always(ARCHIVE, Effect::Cut(0)), "in 3 attempts: ", true),
        (Faults::none().always(ARCHIVE, Effect::Cut(30)).always(ARCHIVE, Effect::NoRange), "attempts: ", true),
        (Faults::none().always(ARCHIVE, Effect::Status(404)), "does not exist", false),
        (Faults::none().always("*", Effect::Status(403)), "answered with status 403", true),
        (Faults::none().always(ARCHIVE, Effect::ContentLength(5)), "is 5 bytes long, and the release says", false),
        (Faults::none().always(ARCHIVE, Effect::ContentLength(1 << 40)), "is 1099511627776 bytes long", false),
        (Faults::none().always("*/index.json", Effect::ContentLength(1 << 40)), "is longer than 16777216 bytes", false),
        (Faults::none().always("*/index.json", Effect::ContentLength(10)), "not a registry index", false),
        (Faults::none().always("*", Effect::Redirect("/tool/index.json".to_owned())), "there are too many of them", true),
        (Faults::none().always("*", Effect::Redirect("ftp://127.0.0.1/".to_owned())), "only http and https", true),
        (Faults::none().always("*", Effect::Redirect("http://user:secret@127.0.0.1/".to_owned())), "credentials are not sent", true),
    ] {
        let world = World::new();
        let harbor = harbor(&world, faults);
        let error = get(&world, &harbor).unwrap_err();
        assert!(error.to_string().contains(expected), "said `{error}`, expected `{expected}`");
        assert_eq!(error.is_network(), network_error, "{error}");
        nothing_is_left(&world);
    }
}

#[test]
fn what_is_not_there_is_asked_for_once() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    let mut request = world.request(&harbor.url());
    request.name = "other".parse().unwrap();
    let error = fetch(&request, &network(), &mut |_, _| {}).unwrap_err();
    assert!(error.is_missing() && !error.is_mismatch() && harbor.requests().len() == 1, "{error}");
}

#[test]
fn redirects_are_followed() {
    let world = World::new();
    let real = harbor(&world, Faults::none());
    let target = format!("{}/tool/1.2.3/tool-{GNU}.tar.xz", real.url());
    let moved = harbor(&world, Faults::none().always(ARCHIVE, Effect::Redirect(target)));
    get(&world, &moved).unwrap();
    assert_eq!(real.requests().len(), 1);
}

#[test]
fn one_flipped_byte_aborts_with_both_digests() {
    let world = World::new();
    let size = fs::metadata(world.release().join(format!("tool-{GNU}.tar.xz"))).unwrap().len();
    for at in [0, size / 2, size - 1] {
        let harbor = harbor(&world, Faults::none().always(ARCHIVE, Effect::Flip(at)));
        let error = get(&world, &harbor).unwrap_err();
        assert!(error.is_mismatch() && !error.is_missing());
        let FetchError::Mismatch { subject, finding } = &error else { panic!("{error}") };
        let Problem::Digest { says, is } = finding.problem else { panic!("{error}") };
        assert!(error.to_string().contains(&says.to_string()) && error.to_string().contains(&is.to_string()));
        assert!(subject.ends_with(".tar.xz") && says != is);
        nothing_is_left(&world);
    }
    for document in ["release.json", "SHA256SUMS"] {
        let harbor = harbor(&world, Faults::none().always(&format!("*/{document}"), Effect::Flip(9)));
        let error = get(&world, &harbor).unwrap_err();
        assert!(error.is_mismatch() && error.to_string().contains(document), "{error}");
        nothing_is_left(&world);
    }
}

#[test]
fn the_old_folder_stays_until_the_new_one_is_whole() {
    let world = World::new();
    get(&world, &harbor(&world, Faults::none())).unwrap();
    let mut parts = usual();
    parts[0].bytes = archive(GNU, b"next program");
    publish(&world.registry(), "1.3.0", &parts);
    let broken = harbor(&world, Faults::none().always("/tool/1.3.0/*.tar.xz", Effect::Flip(3)));
    assert!(get(&world, &broken).unwrap_err().is_mismatch());
    assert_eq!(fs::read(world.work().join("tool/bin/tool")).unwrap(), b"gnu program");
    let fetched = get(&world, &harbor(&world, Faults::none())).unwrap();
    assert_eq!(fetched.version.to_string(), "1.3.0");
    assert_eq!(fs::read(world.work().join("tool/bin/tool")).unwrap(), b"next program");
    assert_eq!(World::listing(&world.work()), ["tool"]);
}

#[test]
fn released_bytes_that_are_a_hostile_archive_are_not_unpacked() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..7].copy_from_slice(b"../evil");
    header.set_size(1);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append(&header, b"x".as_slice()).unwrap();
    let world = World::new();
    let mut parts = usual();
    parts[0].bytes = common::xz(&builder.into_inner().unwrap());
    publish(&world.registry(), "1.3.0", &parts);
    let error = get(&world, &harbor(&world, Faults::none())).unwrap_err();
    assert!(error.is_mismatch() && error.to_string().contains("member `../evil` climbs"), "{error}");
    assert_eq!(World::listing(&world.work()), Vec::<String>::new());
}

#[test]
fn versions_are_chosen_and_missing_ones_are_listed() {
    let world = World::new();
    for version in ["1.10.0", "2.0.0-rc.1"] {
        publish(&world.registry(), version, &usual());
    }
    let get = |version| {
        let request = plimsoll_fetch::Request { version, ..world.request(world.registry().to_str().unwrap()) };
        fetch(&request, &network(), &mut |_, _| {}).map(|fetched| fetched.version.to_string())
    };
    assert_eq!(get(Wish::Latest { pre_releases: false }).unwrap(), "1.10.0");
    assert_eq!(get(Wish::Latest { pre_releases: true }).unwrap(), "2.0.0-rc.1");
    assert_eq!(get(Wish::Exact("1.2.3".parse().unwrap())).unwrap(), "1.2.3");
    let error = get(Wish::Exact("9.0.0".parse().unwrap())).unwrap_err();
    assert!(error.is_missing());
    assert_eq!(error.to_string(), "tool has no version 9.0.0; it has 2.0.0-rc.1, 1.10.0, 1.2.3");
    // A release under another version's name is another release, however sound it is.
    fs::remove_dir_all(world.release()).unwrap();
    fs::rename(world.registry().join("tool/1.10.0"), world.release()).unwrap();
    let error = get(Wish::Exact("1.2.3".parse().unwrap())).unwrap_err();
    assert!(error.is_mismatch() && error.to_string().ends_with("is the release tool 1.10.0, not tool 1.2.3"), "{error}");
}

#[test]
fn a_pinned_release_cannot_be_exchanged() {
    let world = World::new();
    let mut request = world.request(world.registry().to_str().unwrap());
    request.release_sha256 = Some(Digest::of(&fs::read(world.release().join("release.json")).unwrap()));
    fetch(&request, &network(), &mut |_, _| {}).unwrap();
    let mut parts = usual();
    parts[1].bytes = b"evil program".to_vec();
    fs::remove_dir_all(world.release()).unwrap();
    publish(&world.registry(), "1.2.3", &parts);
    let error = fetch(&request, &network(), &mut |_, _| {}).unwrap_err();
    assert!(error.is_mismatch() && error.to_string().contains("release.json was changed"), "{error}");
}

#[test]
fn many_at_once_into_one_place() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    std::thread::scope(|scope| {
        let threads = (0..8).map(|_| scope.spawn(|| (0..3).map(|_| get(&world, &harbor).unwrap().programs[0].clone()).collect::<Vec<_>>()));
        for thread in threads.collect::<Vec<_>>() {
            assert_eq!(thread.join().unwrap(), vec![world.work().join("tool/bin/tool"); 3]);
        }
    });
    assert_eq!(fs::read(world.work().join("tool/bin/tool")).unwrap(), b"gnu program");
    assert_eq!((World::listing(&world.work()), World::listing(&world.cache().join("sha256")).len()), (vec!["tool".to_owned()], 1));
}

/// While two versions replace each other, a reader finds one of them whole. A swap keeps the folder there at every moment.
#[test]
#[cfg(target_os = "linux")]
fn readers_never_see_a_mixture() {
    let world = World::new();
    let mut parts = usual();
    parts[0].bytes = archive(GNU, b"next program");
    publish(&world.registry(), "1.3.0", &parts);
    let get = |version: &str| {
        let version = Wish::Exact(version.parse().unwrap());
        let request = plimsoll_fetch::Request { version, ..world.request(world.registry().to_str().unwrap()) };
        fetch(&request, &network(), &mut |_, _| {}).unwrap();
    };
    get("1.2.3");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = 0;
            while !done.load(std::sync::atomic::Ordering::SeqCst) || seen == 0 {
                // One open folder is one version, whatever happens at its path meanwhile.
                let folder = fs::File::open(world.work().join("tool")).unwrap();
                let at = std::path::PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&folder)));
                let marker = fs::read_to_string(at.join(".plimsoll-fetch.json"));
                let program = fs::read(at.join("bin/tool"));
                if let (Ok(marker), Ok(program)) = (marker, program) {
                    let expected: &[u8] = if marker.contains("1.3.0") { b"next program" } else { b"gnu program" };
                    assert_eq!(program, expected);
                    seen += 1;
                }
            }
        });
        for _ in 0..20 {
            get("1.3.0");
            get("1.2.3");
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        reader.join().unwrap();
    });
}

#[test]
fn what_a_killed_process_leaves_does_not_hinder() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    fs::create_dir_all(world.cache().join("sha256")).unwrap();
    fs::write(world.cache().join("sha256/partial-abc"), "half").unwrap();
    fs::create_dir_all(world.work().join(".plimsoll-fetch-abc/unpacked/tool")).unwrap();
    fs::create_dir_all(world.work().join("tool")).unwrap();
    let fetched = get(&world, &harbor).unwrap();
    assert_eq!(fs::read(&fetched.programs[0]).unwrap(), b"gnu program");
}

#[test]
fn folders_of_others_are_not_replaced() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    fs::create_dir_all(world.work().join("tool")).unwrap();
    fs::write(world.work().join("tool/mine"), "precious").unwrap();
    let error = get(&world, &harbor).unwrap_err();
    assert!(error.to_string().contains("was not made by fetch"), "{error}");
    assert!(harbor.requests().is_empty());
    assert_eq!(fs::read(world.work().join("tool/mine")).unwrap(), b"precious");
}

#[test]
fn offline_refuses_http_and_takes_folders() {
    let world = World::new();
    let harbor = harbor(&world, Faults::none());
    let offline = Network::new(Some(Offline::Asked), impatient());
    let error = fetch(&world.request(&harbor.url()), &offline, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, FetchError::Open(OpenError::Offline { reason: Offline::Asked, .. })) && harbor.requests().is_empty());
    fetch(&world.request(world.registry().to_str().unwrap()), &offline, &mut |_, _| {}).unwrap();
}

#[test]
fn nothing_that_fits_names_the_source_build() {
    let world = World::new();
    let mut request = world.request(world.registry().to_str().unwrap());
    request.fit = Fit::Target("aarch64-apple-darwin".parse().unwrap());
    let FetchError::NoFit(no_fit) = fetch(&request, &network(), &mut |_, _| {}).unwrap_err() else { panic!("it fitted") };
    assert_eq!((no_fit.refused.len(), no_fit.from_source.as_deref()), (2, Some("cargo install tool")));
}

mod build_scripts {
    use super::*;

    fn script(registry: &str) -> BuildScript {
        BuildScript::new("TOOL", "tool".parse().unwrap(), "1.2.3".parse().unwrap(), registry).patience(impatient())
    }

    fn environment(world: &World, more: &[(&str, &str)]) -> Environment {
        let out = world.work();
        let cache = world.cache();
        let usual = [("OUT_DIR", out.to_str().unwrap()), ("PLIMSOLL_FETCH_CACHE", cache.to_str().unwrap()), ("TARGET", MUSL)];
        Environment::from_variables(usual.iter().chain(more).copied())
    }

    #[test]
    fn the_artifact_for_cargos_target_is_fetched() {
        let world = World::new();
        let harbor = harbor(&world, Faults::none());
        let found = script(&harbor.url()).find(&environment(&world, &[])).unwrap();
        let Found::Fetched(fetched) = found else { panic!("{found:?}") };
        assert_eq!(fs::read(&fetched.programs[0]).unwrap(), b"musl program");
        let gnu = script("/none").target(GNU.parse().unwrap());
        let mirror = harbor.url();
        let found = gnu.find(&environment(&world, &[("TOOL_MIRROR", &mirror)])).unwrap();
        let Found::Fetched(fetched) = found else { panic!("{found:?}") };
        assert_eq!(fs::read(&fetched.programs[0]).unwrap(), b"gnu program");
    }

    #[test]
    fn a_given_path_wins_over_everything() {
        let world = World::new();
        let given = world.folder.path().join("given");
        let variables = [("TOOL_PATH", given.to_str().unwrap()), ("TOOL_FROM_SOURCE", "1"), ("DOCS_RS", "1")];
        let error = script("/none").find(&environment(&world, &variables)).unwrap_err();
        assert!(matches!(&error, BuildScriptError::NoSuchPath { variable, .. } if variable == "TOOL_PATH"), "{error}");
        fs::write(&given, "x").unwrap();
        assert!(matches!(script("/none").find(&environment(&world, &variables)), Ok(Found::Given(path)) if path == given));
    }

    #[test]
    fn what_a_registry_says_is_one_line_for_cargo() {
        let world = World::new();
        let mut document: serde_json::Value = serde_json::from_slice(&fs::read(world.release().join("release.json")).unwrap()).unwrap();
        for artifact in document["artifacts"].as_array_mut().unwrap() {
            artifact["format"] = "tar.\ncargo::rustc-env=LD_PRELOAD=x\u{1b}[2J".into();
        }
        world.write_release(document);
        let harbor = harbor(&world, Faults::none());
        let error = script(&harbor.url()).find(&environment(&world, &[])).unwrap_err();
        assert!(matches!(&error, BuildScriptError::Missing(Missing::NotFound(_))), "{error}");
        let told = error.to_string();
        assert!(told.contains("cargo::rustc-env") && !told.chars().any(char::is_control), "{told:?}");
    }

    #[test]
    fn missing_means_source_and_mismatch_means_stop() {
        let world = World::new();
        let good = harbor(&world, Faults::none());
        let gone = harbor(&world, Faults::none().always("*", Effect::Status(503)));
        let bad = harbor(&world, Faults::none().always("*musl", Effect::Flip(0)));
        let missing = |script: BuildScript, variables: &[(&str, &str)]| match script.find(&environment(&world, variables)) {
            Err(BuildScriptError::Missing(missing)) => missing,
            other => panic!("{other:?}"),
        };
        assert!(matches!(missing(script(&good.url()), &[("TOOL_FROM_SOURCE", "1")]), Missing::Forced(_)));
        assert!(matches!(missing(script(&good.url()), &[("CARGO_NET_OFFLINE", "true")]), Missing::Offline(Offline::Cargo)));
        assert!(matches!(missing(script(&good.url()), &[("DOCS_RS", "1")]), Missing::Offline(Offline::DocsRs)));
        assert!(matches!(missing(script(&gone.url()), &[]), Missing::NotFound(_)));
        assert!(matches!(missing(script("/none"), &[]), Missing::NotFound(_)));
        assert!(matches!(missing(script(&good.url()).target("aarch64-apple-darwin".parse().unwrap()), &[]), Missing::NotFound(_)));
        assert!(good.requests().len() == 3, "only the last one asked");
        let error = script(&bad.url()).find(&environment(&world, &[])).unwrap_err();
        assert!(matches!(&error, BuildScriptError::Fetch(inner) if inner.is_mismatch()), "{error}");
        let pinned = script(&good.url()).release_sha256(Digest::of(b"other"));
        assert!(matches!(pinned.find(&environment(&world, &[])), Err(BuildScriptError::Fetch(_))));
        assert!(matches!(script("ftp://x").find(&environment(&world, &[])), Err(BuildScriptError::Registry(_))));
    }
}
