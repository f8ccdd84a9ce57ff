//! The consumer's day on the example: the package is compiled by mix, the archive comes over HTTP, is verified, unpacked, loaded and called; then
//! with one byte changed; then from the package's own sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll::kinds::nif::consumer::{self, Gateway, Places, Source};
use plimsoll_elixir::{is_packaged, read_mix};
use plimsoll_harbor::{Faults, Harbor};
use plimsoll_model::Digest;
use plimsoll_pack::nif::{ChecksumMap, checksums};

use super::beam::{Beam, LIMIT, MODULE, Ran, archive_name, built, packed};
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

/// A user's machine: the unpacked package, a cache, a home.
pub struct Machine<'a> {
    beam: &'a Beam<'a>,
    package: PathBuf,
    cache: PathBuf,
}

impl<'a> Machine<'a> {
    /// A machine with only what the package's `files:` name of the example, its tests, and a checksum map.
    fn new(beam: &'a Beam<'a>, name: &str, map: &ChecksumMap) -> Result<Self, Trouble> {
        Self::with(beam, name, &beam.testbed.root.join("examples/nif-counter"), map)
    }

    /// The same of a project in any folder: what its mix.exs says that the package holds, and no other file but its tests.
    pub fn with(beam: &'a Beam<'a>, name: &str, project: &Path, map: &ChecksumMap) -> Result<Self, Trouble> {
        let (testbed, all) = (beam.testbed, beam.testbed.folder(&format!("{name}/all"))?);
        project::copy_tree(project, &all)?;
        let mix = fs::read_to_string(all.join("mix.exs")).map_err(Trouble::io(&all))?;
        let mix = read_mix("mix.exs", &mix).map_err(|error| Trouble::Broken(error.to_string()))?;
        let files = mix.and_then(|mix| mix.files.value().cloned());
        let package = testbed.folder(&format!("{name}/package"))?;
        for file in project::files(&all)? {
            let path = file.strip_prefix(&all).unwrap_or(&file);
            let packaged = path.to_str().is_some_and(|path| is_packaged(path, files.as_deref()));
            if packaged || path.starts_with("test") {
                let to = package.join(path);
                let folder = to.parent().unwrap_or(&to);
                fs::create_dir_all(folder).map_err(Trouble::io(folder))?;
                fs::copy(&file, &to).map_err(Trouble::io(&file))?;
            }
        }
        project::write(&package.join(checksums::precompiled_file(MODULE)), &map.to_string())?;
        testbed.folder(&format!("{name}/home"))?;
        if let Some(theirs) = &beam.theirs {
            project::copy_tree(theirs, &package.join("deps/rustler_precompiled"))?;
        }
        Ok(Self { beam, package, cache: testbed.folder(&format!("{name}/cache"))? })
    }

    fn environment(&self, source: Source<'_>, mix_env: &str) -> Vec<(String, String)> {
        let home = self.package.with_file_name("home");
        let (offline, libraries) = (self.beam.testbed.path("offline_mix.exs"), &self.beam.libraries);
        let text = |path: &Path| path.display().to_string();
        let places = Places {
            offline_mix: &text(&offline),
            libraries: &text(libraries),
            cache: &text(&self.cache),
            dependencies: &text(&self.package.join("deps")),
            // What these packages depend on has none that rebar3 compiles.
            rebar: "/usr/bin/rebar3",
            home: &text(&home),
        };
        let told = match source {
            Source::Download(_) if self.beam.theirs.is_some() => Source::AsWritten,
            source => source,
        };
        let mut variables = consumer::environment(&places, told, mix_env);
        if matches!(source, Source::Build(_)) {
            // cargo is found through the user's own home, where nothing else says where it is.
            for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
                if let (Err(_), Ok(real)) = (std::env::var(name), std::env::var("HOME")) {
                    variables.push((name.to_owned(), format!("{real}/{folder}")));
                }
            }
        }
        variables
    }

    /// Compiles the package, and with that downloads or builds the library.
    pub fn compile(&self, source: Source<'_>) -> Result<Ran, Trouble> {
        let mut ran = self.beam.run(&self.compile_words(source), &self.package, self.environment(source, "prod"), LIMIT * 5)?;
        // A compile says nothing of its own when it ends well, and proves nothing.
        if ran.report.failed.is_none() && ran.output.contains("Exited(0)") {
            ran.verdict = Ok(());
        }
        Ok(ran)
    }

    /// Words that compile the package. The library itself downloads by the gateway: neither it nor the package is changed.
    fn compile_words(&self, source: Source<'_>) -> Vec<String> {
        let Source::Download(url) = source else { return consumer::compile_words() };
        if self.beam.theirs.is_none() {
            return consumer::compile_words();
        }
        let (programs, folder) =
            (self.beam.testbed.path("").display().to_string(), self.cache.with_file_name("gateway").display().to_string());
        let gateway = Gateway { programs: programs.trim_end_matches('/'), url: url.trim_end_matches('/'), folder: &folder };
        let script = format!("rm -rf {folder}\n{}\n{}\n{}\n", gateway.open(), consumer::compile_words().join(" "), gateway.close());
        ["sh".to_owned(), "-euc".to_owned(), script].to_vec()
    }

    /// Loads the compiled module and calls it.
    pub fn call(&self, source: Source<'_>, calls: &[&str]) -> Result<Ran, Trouble> {
        let calls = calls.iter().map(|call| (*call).to_owned()).collect::<Vec<_>>();
        let module = MODULE.parse().map_err(|error: plimsoll::kinds::nif::InvalidModuleName| Trouble::Broken(error.to_string()))?;
        let words = consumer::call_words(&self.beam.testbed.path("call.exs").display().to_string(), &module, &calls);
        self.beam.run(&words, &self.package, self.environment(source, "prod"), LIMIT)
    }
}

/// Compiles the example's modules for the test that loads them itself; gives back their folder.
pub fn compiled_with(beam: &Beam<'_>, testbed: &Testbed, archive: &Path) -> Result<PathBuf, Trouble> {
    let map = map_of(archive)?;
    let machine = Machine::new(beam, "compiled", &map)?;
    let to = machine.cache.join(archive.file_name().unwrap_or_default());
    fs::copy(archive, &to).map_err(Trouble::io(archive))?;
    let ran = machine.compile(Source::AsWritten)?;
    if ran.verdict.is_err() {
        return Err(Trouble::Broken(ran.all()));
    }
    Ok(testbed.path("compiled/package/_build/prod/lib/nif_counter/ebin"))
}

fn map_of(archive: &Path) -> Result<ChecksumMap, Trouble> {
    let mut map = ChecksumMap::new();
    let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    map.insert(&name, Digest::of(&fs::read(archive).map_err(Trouble::io(archive))?));
    Ok(map)
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let beam = Beam::new(testbed)?;
    let library = built(testbed, &testbed.root.join("examples/nif-counter/native/nif_counter"), "nif_counter", &project::host())?;
    let release = testbed.folder("release")?;
    let name = archive_name("nif_counter", "0.2.0", "2.15");
    let archive = packed(&library, &name, &release)?;
    let map = map_of(&archive)?;
    let sums = testbed::expect_well(Command::new("sha256sum").arg(&archive))?;
    let told = map.iter().next().map(|(_, digest)| digest.to_string()).unwrap_or_default();
    checks.that("the checksum map says what sha256sum says", sums.stdout.starts_with(&told) && told.len() == 64, || sums.all());

    let harbor = Harbor::serve_folder(&release, Faults::none()).map_err(Trouble::io(&release))?;
    // A `base_url` without a path is refused by the library, and so by us.
    let url = format!("{}/", harbor.url());
    let download = Source::Download(&url);
    let machine = Machine::new(&beam, "user", &map)?;
    let ran = machine.compile(download)?;
    checks.that(
        "a user's mix downloads, verifies and unpacks it",
        ran.verdict.is_ok() && (beam.theirs.is_some() || ran.report.fact("cached") == Some("false")),
        || ran.all(),
    );
    let ran = machine.call(download, &["add(40, 2) == 42", "NifCounter.native_version() == \"0.2.0\""])?;
    checks.that("loads it and calls it", ran.verdict.is_ok() && ran.report.called.len() == 2, || ran.all());
    let test = ["mix", "test"].map(str::to_owned);
    let tested = beam.run(&test, &machine.package, machine.environment(download, "test"), LIMIT * 5)?;
    checks.that("and its tests pass on it", tested.output.contains("5 tests, 0 failures"), || tested.all());

    let unpacked = machine.package.join("_build/prod/lib/nif_counter/priv/native").join(name.trim_end_matches(".tar.gz"));
    project::write(&unpacked, "no library, and long enough to be looked at as one: the loader reads a header first\n")?;
    let ran = machine.call(download, &["add(40, 2) == 42"])?;
    checks.that("a library that was spoilt after it was verified is told when it is loaded", ran.code() == "nif-library", || ran.all());

    refusals(&beam, checks, &map, &archive, &url)?;

    // The library itself builds by Rustler, which has to be fetched too.
    if beam.theirs.is_none() {
        from_source(&beam, checks)?;
    }
    Ok(())
}

/// The build that users force.
fn from_source(beam: &Beam<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let builder = Machine::new(beam, "builder", &ChecksumMap::new())?;
    let own = Source::Build(Some("NIF_COUNTER_BUILD"));
    let ran = builder.compile(own)?;
    checks.that(
        "it is built from the package's own files",
        ran.verdict.is_ok() && ran.report.fact("built") == Some("libnif_counter.so"),
        || ran.all(),
    );
    let ran = builder.call(own, &["add(40, 2) == 42"])?;
    checks.that("and what was built loads", ran.verdict.is_ok(), || ran.all());
    fs::remove_dir_all(builder.package.join("native")).map_err(Trouble::io(&builder.package))?;
    let ran = builder.compile(Source::Build(None))?;
    checks.that("a package without its sources cannot be built", beam.refused(&ran, "nif-source-build"), || ran.all());
    Ok(())
}

/// What must not reach a user's BEAM.
fn refusals(beam: &Beam<'_>, checks: &mut Checks, map: &ChecksumMap, archive: &Path, url: &str) -> Result<(), Trouble> {
    let download = Source::Download(url);
    let empty = Machine::new(beam, "empty", &ChecksumMap::new())?;
    let ran = empty.compile(download)?;
    checks.that("an archive that the map does not have is refused", beam.refused(&ran, "nif-checksum-map"), || ran.all());

    project::flip(archive, 1000)?;
    let poisoned = Machine::new(beam, "poisoned", map)?;
    let ran = poisoned.compile(download)?;
    checks.that("an archive with one byte changed is refused", beam.refused(&ran, "nif-checksum"), || ran.all());
    project::flip(archive, 1000)?;
    let ran = poisoned.compile(download)?;
    let still = beam.refused(&ran, "nif-checksum") && (beam.theirs.is_some() || ran.report.fact("cached") == Some("true"));
    checks.that("and stays in that user's cache though it is whole again", still, || ran.all());

    let away = archive.with_extension("away");
    fs::rename(archive, &away).map_err(Trouble::io(archive))?;
    let ran = Machine::new(beam, "early", map)?.compile(download)?;
    checks.that("an archive that is not there yet is told", beam.refused(&ran, "nif-download"), || ran.all());
    fs::rename(&away, archive).map_err(Trouble::io(&away))?;

    let strange = Machine::new(beam, "strange", map)?;
    let mut variables = strange.environment(download, "prod");
    variables.push(("TARGET_ARCH".to_owned(), "sparc".to_owned()));
    let ran = beam.run(&strange.compile_words(download), &strange.package, variables, LIMIT)?;
    checks.that("a machine for which nothing is offered is told", beam.refused(&ran, "nif-no-target"), || ran.all());
    Ok(())
}
