//! Snapshots of every error that a user can see, by subject.

mod generate;
mod given;
mod names;
mod publish;
mod trials;
mod wheels;
mod workspaces;

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// What is wrong in each, its facts, its text.
type Case = (&'static str, fn() -> CargoFacts, &'static str);

fn nothing() -> CargoFacts {
    CargoFacts::default()
}

const SYNTAX: &[Case] = &[
    ("not TOML", single, "targets = [\"linux-gnu\"\nname = ht\n"),
    ("a key twice", single, "targets = [\"linux-gnu\"]\ntargets = [\"macos\"]\n"),
];

const KEYS: &[Case] = &[
    ("a misspelt key; what it would have meant is not reported as missing", single, "tragets = [\"linux-gnu\"]\n"),
    ("a strange key", single, "targets = [\"linux-gnu\"]\nzebra = 1\n"),
    (
        "misspelt keys deep inside",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfromat = \"zip\"\n[archive.ht.probe]\nrun = \"ht\"\nexpect = { outptu = \"x\" }\n",
    ),
    ("a kind that is not there yet", single, "targets = [\"linux-gnu\"]\n[image.htty]\n"),
    (
        "keys that are not there yet",
        minne,
        "targets = [\"linux-gnu\"]\nversion.source = \"mix.exs\"\n[archive.main]\nbundle = [\"libonnxruntime\"]\n[publish.github]\n",
    ),
    ("a key of another kind", single, "targets = [\"linux-musl\"]\n[static.ht]\nformat = \"zip\"\n"),
    ("a string for an array", single, "targets = \"linux-gnu\"\n"),
    ("a number in an array of strings", single, "targets = [\"linux-gnu\", 5]\n"),
    ("a float for a version", single, "targets = [\"linux-gnu\"]\n[target.x86_64-unknown-linux-gnu]\nglibc = 2.28\n"),
    ("an array of tables where names are wanted", single, "targets = [\"linux-gnu\"]\n[[archive]]\nname = \"ht\"\n"),
    ("a string for a table", single, "targets = [\"linux-gnu\"]\n[archive]\nht = \"zip\"\n"),
    (
        "a gate that is no pair",
        single,
        "targets = [\"linux-gnu\"]\n[gates]\nbefore = [[\"test\"], \"lint\", { name = \"x\" }]\nafter = \"x\"\n",
    ),
    ("a date and a boolean", single, "targets = [\"linux-gnu\"]\nepoch = 2024-01-01\n[core.ht]\ndefault-features = \"no\"\n"),
    ("an integer out of range", single, "targets = [\"linux-gnu\"]\nepoch = 99999999999999999999\n"),
    (
        "values of the wrong type in a probe",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfiles = 1\nprobe = [{ run = 1, timeout = [], expect = 0 }]\n",
    ),
    ("a probe of the wrong type", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = \"ht --version\"\n"),
];

const TARGETS: &[Case] = &[
    ("no targets", single, "name = \"ht\"\n"),
    ("an empty file", single, ""),
    ("an empty list", single, "targets = []\n"),
    ("a misspelt triple", single, "targets = [\"x86_64-unknown-linux-gun\"]\n"),
    ("a family by its short name", single, "targets = [\"linux\"]\n"),
    ("one target twice", single, "targets = [\"linux-gnu\", \"x86_64-unknown-linux-gnu\"]\n"),
    ("wanted and planned", single, "targets = [\"linux-gnu\"]\n[planned]\naarch64-unknown-linux-gnu = \"no machine\"\n"),
    (
        "planned and deferred",
        single,
        "targets = [\"linux-gnu\"]\n[planned]\nmacos = \"no machine\"\n[deferred]\naarch64-apple-darwin = \"later\"\n",
    ),
    ("planned without a reason", single, "targets = [\"linux-gnu\"]\n[planned]\nmacos = \" \"\n"),
    (
        "an artifact's target that the project does not have",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\ntargets = [\"x86_64-unknown-linux-musl\", \"x86_64-unknown-linux-gnu\"]\nplanned.aarch64-unknown-linux-gnu = \"no machine\"\n",
    ),
    (
        "an artifact's target that the project only plans",
        single,
        "targets = [\"linux-gnu\"]\n[planned]\nmacos = \"no machine\"\n[archive.ht]\ntargets = [\"macos\", \"linux-gnu\"]\n",
    ),
    ("a target that no artifact has", single, "targets = [\"linux-gnu\", \"windows\"]\n[archive.ht]\ntargets = [\"linux-gnu\"]\n"),
    (
        "an artifact without targets beside one that has some",
        fastboop,
        "[static.fastboop-stage0]\ntargets = [\"linux-musl\"]\n[archive.fastboop-cli]\n",
    ),
    ("a floor on a musl target", single, "targets = [\"linux-musl\"]\n[target.x86_64-unknown-linux-musl]\nglibc = \"2.28\"\n"),
    ("a floor on macOS", single, "targets = [\"macos\"]\n[target.aarch64-apple-darwin]\nglibc = \"2.28\"\n"),
    ("a floor that is no version", single, "targets = [\"linux-gnu\"]\n[target.x86_64-unknown-linux-gnu]\nglibc = \"buster\"\n"),
    (
        "details for targets that are not there",
        single,
        "targets = [\"linux-gnu\"]\n[target.x86_64-unknown-linux-musl]\nbuilder = \"zig\"\n[target.x86_64-unknown-linux-gnuu]\n[target.linux-gnu]\n",
    ),
    (
        "builders",
        single,
        "targets = [\"linux-gnu\", \"macos\"]\n[target.x86_64-unknown-linux-gnu]\nbuilder = \"zigg\"\n[target.aarch64-unknown-linux-gnu]\nbuilder = \"xwin\"\n[target.x86_64-apple-darwin]\nbuilder = \"cross\"\n[target.aarch64-apple-darwin]\nbuilder = \"command\"\n",
    ),
    (
        "a glibc older than its processor",
        single,
        "targets = [\"riscv64gc-unknown-linux-gnu\"]\n[target.riscv64gc-unknown-linux-gnu]\nglibc = \"2.17\"\n",
    ),
    (
        "versions of macOS",
        single,
        "targets = [\"macos\", \"linux-gnu\"]\n[target.aarch64-apple-darwin]\nmacos = \"10.12\"\n[target.x86_64-apple-darwin]\nmacos = \"12\"\n[target.x86_64-unknown-linux-gnu]\nmacos = \"12.0\"\n",
    ),
    (
        "a builder for a core that builds itself",
        minne,
        "targets = [\"linux-gnu\"]\n[core.main]\ncommand = \"make\"\noutput = \"out\"\n[target.x86_64-unknown-linux-gnu]\nbuilder = \"native\"\n",
    ),
    (
        "roots",
        single,
        "targets = [\"linux-gnu\"]\n[target.x86_64-unknown-linux-gnu]\nroots = [\"sandox\", \"debian\", \"debain:12\", \"Fedora 40\", \"debian:12\", \"debian:12\"]\n[target.aarch64-unknown-linux-gnu]\nroots = []\n",
    ),
    ("a Linux root elsewhere", single, "targets = [\"windows\"]\n[target.x86_64-pc-windows-msvc]\nroots = [\"sandbox\"]\n"),
];

/// A target that requires two roots.
macro_rules! rooted {
    ($text:literal) => {
        concat!(
            "targets = [\"x86_64-unknown-linux-gnu\"]\n[target.x86_64-unknown-linux-gnu]\nroots = [\"alpine:3.20\", \"ubuntu:22.04\"]\n",
            $text
        )
    };
}

const ROOTS: &[Case] = &[
    (
        "roots that nobody requires",
        single,
        rooted!(
            "[root.\"alpine:3.2\"]\nimage = \"docker.io/library/alpine:3.2\"\n[root.sandbox]\nimage = \"a.example/b:1\"\n[root.\"fedora:40\"]\nimage = \"a.example/b:1\"\n"
        ),
    ),
    ("a misspelt key of a root", single, rooted!("[root.\"alpine:3.20\"]\narchiv = \"a.tar\"\n[root.\"ubuntu:22.04\"]\narchive = 3\n")),
    (
        "two sources",
        single,
        rooted!("[root.\"alpine:3.20\"]\nimage = \"docker.io/library/alpine:3.20\"\narchive = \"a.tar\"\n[root.\"ubuntu:22.04\"]\n"),
    ),
    (
        "names that are no images",
        single,
        rooted!("[root.\"alpine:3.20\"]\nimage = \"alpine:3.20\"\n[root.\"ubuntu:22.04\"]\nimage = \"docker.io/library/ubuntu\"\n"),
    ),
    (
        "more names that are no images",
        single,
        rooted!(
            "[root.\"alpine:3.20\"]\nimage = \"docker.io/library/alpine@sha256:00\"\n[root.\"ubuntu:22.04\"]\nimage = \"--help/x y:1\"\n"
        ),
    ),
    (
        "archives without digests",
        single,
        rooted!("[root.\"alpine:3.20\"]\narchive = \"a.tar\"\n[root.\"ubuntu:22.04\"]\nsha256 = \"00\"\n"),
    ),
    ("archives and digests of different forms", single, rooted!("[root.\"alpine:3.20\"]\narchive = \"a.tar\"\nsha256.x86_64 = \"00\"\n")),
    (
        "archives by processor",
        single,
        rooted!("[root.\"alpine:3.20\"]\narchive.x86_46 = \"a.tar\"\narchive.aarch64 = \"b.tar\"\nsha256.x86_46 = \"00\"\n"),
    ),
    (
        "archives that are none",
        single,
        rooted!(
            "[root.\"alpine:3.20\"]\narchive = \"ftp://a.example/b.tar\"\nsha256 = \"ABC\"\n[root.\"ubuntu:22.04\"]\narchive = \"https://a.example/b.tar?c\"\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n"
        ),
    ),
];

const CORES: &[Case] = &[
    ("nothing to build", nothing, "targets = [\"linux-gnu\"]\n"),
    ("several packages with binaries", fastboop, "targets = [\"linux-gnu\"]\n"),
    ("an artifact that does not say which", fastboop, "targets = [\"linux-gnu\"]\n[archive.tools]\n"),
    ("a core that no package has", fastboop, "targets = [\"linux-gnu\"]\n[archive.fastboop]\ncore = \"fastboop-cil\"\n"),
    ("a package that is not there", minne, "targets = [\"linux-gnu\"]\n[core.app]\npackage = \"mian\"\n"),
    ("a core that is no package", minne, "targets = [\"linux-gnu\"]\n[core.app]\n"),
    ("a core without a cargo workspace", nothing, "targets = [\"linux-gnu\"]\n[core.app]\n"),
    ("a package without binaries", minne, "targets = [\"linux-gnu\"]\n[core.common]\n"),
    ("a binary that no package has", minne, "targets = [\"linux-gnu\"]\n[core.main]\nbinaries = [\"main\", \"servre\", \"main\"]\n"),
    ("an empty list of binaries", minne, "targets = [\"linux-gnu\"]\n[core.main]\nbinaries = []\n"),
    ("a binary behind a feature", single, "targets = [\"linux-gnu\"]\n[core.ht]\nbinaries = [\"ht\", \"ht-debug\"]\n"),
    ("a feature that is not there", single, "targets = [\"linux-gnu\"]\n[core.ht]\nfeatures = [\"colour\"]\n"),
    ("a profile and a flag", single, "targets = [\"linux-gnu\"]\n[core.ht]\nprofile = \"my profile\"\nrustflags = [\"\"]\n"),
    ("a processor level", single, "targets = [\"linux-gnu\"]\n[core.ht]\ncpu = \"x86-64-v5\"\n"),
    ("a level of stripping", single, "targets = [\"linux-gnu\"]\n[core.ht]\nstrip = \"symbol\"\n"),
    ("variables", single, "targets = [\"linux-gnu\"]\n[core.ht.env]\nRUSTFLAGS = \"-C lto\"\n\"1X\" = \"y\"\nOK = \"\\u0000\"\n"),
    ("paths", single, "targets = [\"linux-gnu\"]\n[core.ht]\ninputs = [\"/etc/passwd\", \"../other\", \"a//b\", \"\", \"C:\\\\x\"]\n"),
    ("packages of the machine", single, "targets = [\"linux-gnu\"]\n[core.ht]\nsystem = [\"zlib\", \"zlib >= 1\", \"\", \"zlib\"]\n"),
    ("a command without an output", minne, "targets = [\"linux-gnu\"]\n[core.main]\ncommand = \"make\"\n"),
    ("an output without a command", minne, "targets = [\"linux-gnu\"]\n[core.main]\noutput = \"result\"\n"),
    ("an empty command", minne, "targets = [\"linux-gnu\"]\n[core.main]\ncommand = \" \"\noutput = \"result\"\n"),
    (
        "a command with cargo's keys",
        minne,
        "targets = [\"linux-gnu\"]\n[core.main]\ncommand = \"make\"\noutput = \"result\"\nprofile = \"release\"\nfeatures = [\"x\"]\n",
    ),
    ("a command without version and binaries", nothing, "targets = [\"linux-gnu\"]\n[core.app]\ncommand = \"make\"\noutput = \"result\"\n"),
    (
        "a core that nothing ships",
        fastboop,
        "targets = [\"linux-gnu\"]\n[core.fastboop-cli]\n[core.fastboop-stage0]\n[archive.fastboop]\ncore = \"fastboop-cli\"\n",
    ),
    (
        "names",
        nothing,
        "targets = [\"linux-gnu\"]\nname = \"my tool\"\nversion = \"1.0.0\"\n[core.\"a/b\"]\ncommand = \"make\"\noutput = \"x\"\nbinaries = [\"../x\"]\n[archive.\".hidden\"]\n",
    ),
    (
        "a name that is too long",
        single,
        "targets = [\"linux-gnu\"]\n[archive.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
    ),
];

const IDENTITY: &[Case] = &[
    ("a version in two places", single, "targets = [\"linux-gnu\"]\nversion = \"0.4.0\"\n"),
    (
        "a version that is none",
        nothing,
        "targets = [\"linux-gnu\"]\nversion = \"1.0\"\n[core.app]\ncommand = \"make\"\noutput = \"x\"\nbinaries = [\"app\"]\n",
    ),
    ("no name", mixed, "targets = [\"linux-gnu\"]\n[archive.one]\n[archive.two]\n"),
    ("cores of different versions", mixed, "name = \"suite\"\ntargets = [\"linux-gnu\"]\n[archive.one]\n[archive.two]\n"),
    ("an epoch before 1970", single, "targets = [\"linux-gnu\"]\nepoch = -1\n"),
    ("a publish folder", single, "targets = [\"linux-gnu\"]\n[publish.folder]\npath = \"\"\n"),
    ("a publish folder in the project", single, "targets = [\"linux-gnu\"]\n[publish.folder]\npath = \"dist/../pub\"\n"),
];

fn mixed() -> CargoFacts {
    CargoFacts {
        packages: vec![package("one", "1.0.0", "one", &["one"]), package("two", "2.0.0", "two", &["two"])],
        ..CargoFacts::default()
    }
}

const ARTIFACTS: &[Case] = &[
    ("two artifacts with one file name", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[archive.other]\nfilename = \"HT-{target}\"\n"),
    ("one artifact with one file name for two targets", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nfilename = \"{name}\"\n"),
    (
        "placeholders",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfilename = \"{name}-{triple}\"\n[archive.two]\nfilename = \"{nmae}-{target}\"\n[archive.three]\nfilename = \"{name-{target}\"\n[archive.four]\nfilename = \"{Name}\"\n",
    ),
    ("file names", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nfilename = \"ht {target}\"\n"),
    ("a file name of the release's own", single, "targets = [\"x86_64-unknown-linux-musl\"]\n[static.ht]\nfilename = \"SHA256SUMS\"\n"),
    (
        "a suffix twice",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfilename = \"{name}-{target}.tar.gz\"\n[static.ht]\nfilename = \"{name}.exe\"\n",
    ),
    ("a format", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nformat = \".tar.bz2\"\n"),
    ("a format of no system", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nformat = { windwos = \"zip\", unix = \"rar\" }\n"),
    ("binaries of another core", minne, "targets = [\"linux-gnu\"]\n[archive.main]\nbinaries = [\"main\", \"wroker\", \"main\"]\n"),
    ("a static of several binaries", minne, "targets = [\"linux-musl\"]\n[static.tools]\n"),
    ("a static with a strange binary", minne, "targets = [\"linux-musl\"]\n[static.tools]\nbinary = \"mian\"\n"),
    (
        "files that are not there",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfiles = [\"READNE.md\", \"docs\", \"target/ht.bash\"]\n",
    ),
    (
        "files on one another",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht.files]\n\"README.md\" = \"ht\"\n\"LICENSE-MIT\" = \"doc\"\n\"docs/guide.md\" = \"doc/\"\n\"CHANGELOG.md\" = \"../up\"\n",
    ),
];

const PROBES: &[Case] = &[
    ("an empty list of probes", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = []\n"),
    ("no program and no probe", single, "targets = [\"linux-gnu\"]\n[archive.ht]\nbinaries = []\n"),
    ("both run and script", single, "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nrun = \"ht --version\"\nscript = \"ht --version\"\n"),
    ("neither run nor script", single, "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nexpect = \"{version}\"\n"),
    ("an unknown program", single, "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nrun = \"hte --version\"\n"),
    ("a program of the system", single, "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nrun = [\"grep\", \"x\"]\n"),
    (
        "nothing to run",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = [{ run = \"\" }, { run = [] }, { script = \"\" }, { run = \"ht\", setup = \" \" }]\n",
    ),
    (
        "shell in run",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = [{ run = \"ht $HOME\" }, { run = \"ht | cat\" }, { run = \"A=1 ht\" }, { run = \"ht 'x\" }, { run = \"ht \\\\\" }]\n",
    ),
    (
        "placeholders",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = [{ run = \"ht {versoin}\" }, { run = \"ht\", expect = \"{\\\"ok\\\": true}\" }, { run = \"ht\", until = \"a } b\" }]\n",
    ),
    (
        "timeouts",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = [{ run = \"ht\", timeout = 0, until = \"ready\" }, { run = \"ht\", timeout = \"0s\" }, { run = \"ht\", timeout = \"5 days\" }, { run = \"ht\", timeout = \"48h\" }, { run = \"ht\", timeout = -1 }]\n",
    ),
    (
        "until with a status",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nrun = \"ht\"\nuntil = \"ready\"\nexpect = { status = 1 }\n",
    ),
    ("a status", single, "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nrun = \"ht\"\nexpect = { status = 99999999999 }\n"),
    (
        "empty expectations",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = [{ run = \"ht\", expect = \"\" }, { run = \"ht\", until = \"\" }]\n",
    ),
    (
        "names",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nprobe = [{ name = \"a\", run = \"ht\" }, { name = \"a\", run = \"ht\" }, { name = \"a b\", run = \"ht\" }]\n",
    ),
    ("environment", single, "targets = [\"linux-gnu\"]\n[archive.ht.probe]\nrun = \"ht\"\nenv = { \"A-B\" = \"x\" }\n"),
];

const GATES: &[Case] = &[
    (
        "two gates of one name",
        single,
        "targets = [\"linux-gnu\"]\n[gates]\nbefore = [[\"test\", \"cargo test\"], [\"lint\", \"x\"], [\"test\", \"true\"]]\nafter = [[\"test\", \"x\"]]\n",
    ),
    ("an empty command and a bad name", single, "targets = [\"linux-gnu\"]\n[gates]\nbefore = [[\"test\", \"\"], [\"a b\", \"x\"]]\n"),
];

const EMBEDS: &[Case] = &[
    (
        "an artifact that is not there",
        fastboop,
        "name = \"fastboop\"\ntargets = [\"linux-musl\"]\n[core.fastboop-cli.embed]\nSTAGE0 = \"fastboop-stage1\"\n[static.fastboop-stage0]\n[archive.fastboop-cli]\n",
    ),
    (
        "an artifact that is not wanted",
        fastboop,
        "name = \"fastboop\"\ntargets = [\"x86_64-unknown-linux-musl\"]\n[core.fastboop-cli.embed]\nSTAGE0 = \"static.fastboop-stage0/armv7-unknown-linux-musleabihf\"\n[static.fastboop-stage0]\ndeferred.armv7-unknown-linux-musleabihf = \"io-uring\"\n[archive.fastboop-cli]\ntargets = [\"x86_64-unknown-linux-musl\"]\n",
    ),
    (
        "for the same target, which it does not have",
        fastboop,
        "name = \"fastboop\"\ntargets = [\"linux-musl\"]\n[core.fastboop-cli.embed]\nSTAGE0 = \"static.fastboop-stage0\"\n[static.fastboop-stage0]\ntargets = [\"x86_64-unknown-linux-musl\"]\n[archive.fastboop-cli]\n",
    ),
    (
        "a core that embeds itself",
        fastboop,
        "name = \"fastboop\"\ntargets = [\"linux-musl\"]\n[core.fastboop-cli.embed]\nSELF = \"archive.fastboop-cli\"\n[archive.fastboop-cli]\n",
    ),
    (
        "two cores that embed one another",
        fastboop,
        "name = \"fastboop\"\ntargets = [\"linux-musl\"]\n[core.fastboop-cli.embed]\nSTAGE0 = \"fastboop-stage0-aarch64-unknown-linux-musl\"\n[core.fastboop-stage0.embed]\nCLI = \"archive.fastboop-cli\"\n[static.fastboop-stage0]\n[archive.fastboop-cli]\n",
    ),
    (
        "a variable twice, and one that is none",
        fastboop,
        "name = \"fastboop\"\ntargets = [\"linux-musl\"]\n[core.fastboop-cli.env]\nSTAGE0 = \"x\"\n[core.fastboop-cli.embed]\nSTAGE0 = \"static.fastboop-stage0\"\n\"A B\" = \"static.fastboop-stage0\"\n[static.fastboop-stage0]\n[archive.fastboop-cli]\n",
    ),
];

/// An Elixir package with its crate, and what its sources say.
fn elixir() -> CargoFacts {
    let mut counter = package("counter", "0.2.0", "", &[]);
    counter.library = Some("counter".to_owned());
    counter.features = BTreeMap::from([("simd".to_owned(), Vec::new())]);
    let mix = "defmodule C.MixProject do\n  use Mix.Project\n  def project, do: [app: :counter, version: \"0.1.0\", package: [files: [\"lib\"]]]\nend\n";
    let native = "defmodule C.Native do\n  use RustlerPrecompiled,\n    otp_app: :counter,\n    crate: \"counter\",\n    base_url: \"https://example.org/v0.1.0\",\n    version: \"0.1.0\",\n    nif_versions: [\"2.16\"],\n    targets: ~w(x86_64-unknown-linux-gnu aarch64-apple-darwin)\nend\n";
    let files = [("mix.exs", mix), ("lib/native.ex", native)];
    let of_kinds =
        crate::kinds::Facts { elixir: plimsoll_elixir::ElixirProject::read(files.into_iter()), ..crate::kinds::Facts::default() };
    CargoFacts { packages: vec![counter], of_kinds, ..CargoFacts::default() }
}

/// The same crate, with an Elixir side that takes Elixir to be understood, and no Elixir.
fn unread() -> CargoFacts {
    let native = "defmodule C.Native do\n  use RustlerPrecompiled, otp_app: :counter, version: version(), base_url: {C.Urls, :of}, targets: all()\nend\n";
    let mix = "defmodule C.MixProject do\n  use Mix.Project\n  def project, do: [app: :counter, version: \"0.2.0\", package: [files: files()]]\nend\n";
    let read = plimsoll_elixir::ElixirProject::read([("mix.exs", mix), ("lib/native.ex", native)].into_iter());
    let teller = plimsoll_elixir::Teller::TextFor { reason: "there is no Elixir here".to_owned(), cure: "install it".to_owned() };
    CargoFacts {
        of_kinds: crate::kinds::Facts { elixir: plimsoll_elixir::ElixirProject { teller, ..read }, ..crate::kinds::Facts::default() },
        ..elixir()
    }
}

/// The same crate without an Elixir side.
fn library() -> CargoFacts {
    CargoFacts { of_kinds: crate::kinds::Facts::default(), ..elixir() }
}

const NIFS: &[Case] = &[
    (
        "an Elixir side that says something else",
        elixir,
        "targets = [\"linux-gnu\"]\nplanned.aarch64-apple-darwin = \"no Mac\"\n[nif.counter]\nnif-versions = [\"2.15\"]\n",
    ),
    ("an Elixir side that nobody could read", unread, "targets = [\"linux-gnu\"]\n[nif.counter]\n"),
    ("no module", library, "targets = [\"linux-gnu\"]\n[nif.counter]\n"),
    ("a module that is no alias", library, "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"counter.native\"\n"),
    (
        "NIF versions",
        library,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\nnif-versions = [\"2.15\", \"2.15\", \"2.51\"]\n[nif.other]\ncore = \"counter\"\nmodule = \"D\"\nnif-versions = []\n",
    ),
    (
        "tests without a package, and no time",
        library,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\ntest = \"mix test\"\ntimeout = 0\n",
    ),
    (
        "variants that cannot be",
        library,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\n[nif.counter.variant.avx-2]\ncpu = \"x86-64-v9\"\n[nif.counter.variant.same]\n[nif.counter.variant.fast]\nfeatures = [\"simt\"]\ntargets = [\"linux-musl\", \"linux-gnu\", \"x86_64-unknown-linux-gnu\"]\ncpu = \"x86-64-v3\"\nflags = []\n[nif.counter.variant.none]\nrustflags = [\"-Cx\"]\ntargets = []\n",
    ),
    (
        "variants that the Elixir side does not have",
        elixir,
        "targets = [\"x86_64-unknown-linux-gnu\", \"aarch64-apple-darwin\"]\n[nif.counter]\n[nif.counter.variant.fast]\nfeatures = [\"simd\"]\n",
    ),
    (
        "schemes",
        library,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\nscheme = \"elixir-make\"\nfiles = [\"README.md\"]\n[nif.other]\ncore = \"counter\"\nscheme = \"elixir_make\"\n[nif.third]\ncore = \"counter\"\nmodule = \"D\"\nscheme = \"elixir_make\"\nvariant.fast.features = [\"simd\"]\n",
    ),
    (
        "a mix.exs that elixir_make would not understand",
        elixir,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C.Native\"\nscheme = \"elixir_make\"\nnif-versions = [\"2.16\"]\n",
    ),
    ("a crate without a dynamic library", single, "targets = [\"linux-gnu\"]\n[nif.ht]\nmodule = \"Ht\"\n"),
    (
        "a command that makes no library, as far as it says",
        library,
        "targets = [\"linux-gnu\"]\nversion = \"1.0.0\"\n[core.made]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"a\", \"b\"]\n[nif.made]\nmodule = \"C\"\n",
    ),
    ("a library in an archive", library, "targets = [\"linux-gnu\"]\n[archive.counter]\n"),
];

const FILES: &[Case] = &[
    ("a file without anything", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[file.install]\n"),
    (
        "a file that is none, is called after a target, and is tried nowhere",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[file.a]\npath = \"READNE.md\"\nprobe.run = \"README.md\"\n[file.b]\npath = \"README.md\"\nfilename = \"readme-{os}\"\nroots = []\nprobe.script = \"true\"\n[file.c]\npath = \"README.md\"\nroots = [\"debain:12\", \"sandbox\", \"sandbox\"]\nprobe.script = \"true\"\n[file.d]\npath = \"README.md\"\ntargets = [\"linux-gnu\"]\nprobe.script = \"true\"\n",
    ),
    ("files alone without a name and a version", nothing, "[file.a]\npath = \"README.md\"\nprobe.script = \"true\"\n"),
    (
        "files with names that no release page keeps, and probes that mean a target",
        single,
        "targets = [\"linux-gnu\"]\n[file.a]\npath = \"src/größe.csv\"\nprobe.script = \"true\"\n[file.aux]\npath = \"src/aux.rs\"\nprobe.script = \"true\"\n[file.b]\npath = \"README.md\"\nprobe = { script = \"true\", expect = \"{os}\" }\n[file.c]\npath = \"README.md\"\nprobe = []\n",
    ),
    (
        "two files of one name",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[file.a]\npath = \"README.md\"\nprobe.script = \"true\"\n[file.b]\npath = \"README.md\"\nprobe.script = \"true\"\n",
    ),
];

const GROUPS: [&[Case]; 20] = [
    SYNTAX,
    KEYS,
    ROOTS,
    TARGETS,
    CORES,
    workspaces::CASES,
    trials::FOREIGN,
    trials::TOGETHER,
    given::GIVEN,
    generate::GENERATE,
    IDENTITY,
    ARTIFACTS,
    names::CASES,
    PROBES,
    GATES,
    EMBEDS,
    NIFS,
    wheels::WHEELS,
    publish::PUBLISH,
    FILES,
];

fn report(cases: &[Case]) -> String {
    let mut text = String::new();
    for (title, facts, manifest) in cases {
        let error = read_with(&facts(), manifest).expect_err(title);
        text.push_str(&format!("### {title}\n{error}\n\n"));
    }
    text
}

#[test]
fn syntax() {
    insta::assert_snapshot!(report(SYNTAX));
}

#[test]
fn keys_and_types() {
    insta::assert_snapshot!(report(KEYS));
}

#[test]
fn targets() {
    insta::assert_snapshot!(report(TARGETS));
}

#[test]
fn cores() {
    insta::assert_snapshot!(report(CORES));
}

#[test]
fn identity() {
    insta::assert_snapshot!(report(IDENTITY));
}

#[test]
fn artifacts() {
    insta::assert_snapshot!(report(ARTIFACTS));
}

#[test]
fn probes() {
    insta::assert_snapshot!(report(PROBES));
}

#[test]
fn gates() {
    insta::assert_snapshot!(report(GATES));
}

#[test]
fn roots() {
    insta::assert_snapshot!(report(ROOTS));
}

#[test]
fn embeds() {
    insta::assert_snapshot!(report(EMBEDS));
}

#[test]
fn files() {
    insta::assert_snapshot!(report(FILES));
}

#[test]
fn nifs() {
    insta::assert_snapshot!(report(NIFS));
}

#[test]
fn wheels() {
    insta::assert_snapshot!(report(wheels::WHEELS));
}

#[test]
fn every_code_in_the_sources_is_in_a_snapshot() {
    const SOURCES: [&str; 38] = [
        include_str!("../decode.rs"),
        include_str!("../reader.rs"),
        include_str!("../check/artifacts.rs"),
        include_str!("../check/builder.rs"),
        include_str!("../check/cargo.rs"),
        include_str!("../check/command.rs"),
        include_str!("../check/core_keys.rs"),
        include_str!("../check/cores.rs"),
        include_str!("../check/cpu.rs"),
        include_str!("../check/details.rs"),
        include_str!("../check/embeds.rs"),
        include_str!("../check/files.rs"),
        include_str!("../check/floors.rs"),
        include_str!("../check/identity.rs"),
        include_str!("../check/mod.rs"),
        include_str!("../../kinds/archive/check.rs"),
        include_str!("../../kinds/file/check.rs"),
        include_str!("../../kinds/static_binary/check.rs"),
        include_str!("../check/file_names.rs"),
        include_str!("../check/programs.rs"),
        include_str!("../../kinds/nif/check/mod.rs"),
        include_str!("../../kinds/nif/check/module.rs"),
        include_str!("../../kinds/nif/check/names.rs"),
        include_str!("../../kinds/nif/check/scheme.rs"),
        include_str!("../../kinds/nif/check/shipment.rs"),
        include_str!("../../kinds/nif/check/variants.rs"),
        include_str!("../../kinds/wheel/check/described.rs"),
        include_str!("../../kinds/wheel/check/extension.rs"),
        include_str!("../../kinds/wheel/check/left.rs"),
        include_str!("../../kinds/wheel/check/modules.rs"),
        include_str!("../../kinds/wheel/check/tag.rs"),
        include_str!("../../kinds/wheel/check/mod.rs"),
        include_str!("../check/probes.rs"),
        include_str!("../check/roots.rs"),
        include_str!("../check/strip.rs"),
        include_str!("../check/targets.rs"),
        include_str!("../check/users.rs"),
        include_str!("../check/workspaces.rs"),
    ];
    let literals =
        SOURCES.iter().chain(&[include_str!("../check/values.rs")]).flat_map(|source| source.split("Diagnostic::new(\"").skip(1));
    let codes = literals.filter_map(|rest| rest.split('"').next()).collect::<BTreeSet<_>>();
    let mut seen = BTreeSet::from(["too-large"]);
    for (title, facts, manifest) in GROUPS.iter().copied().flatten() {
        let error = read_with(&facts(), manifest).expect_err(title);
        seen.extend(error.diagnostics().iter().map(|diagnostic| diagnostic.code));
    }
    assert!(codes.len() > 50);
    assert_eq!(codes.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(!seen.contains("unclear"));
}

#[test]
fn a_manifest_that_is_too_large_is_not_read() {
    let error = read_with(&single(), &"#".repeat(super::super::MAX_SIZE + 1)).unwrap_err();
    assert_eq!(error.diagnostics()[0].code, "too-large");
}

#[test]
fn many_errors_are_cut_and_counted() {
    let text = (0..80).map(|n| format!("zebra{n} = 1\n")).collect::<String>();
    let error = read_with(&single(), &text).unwrap_err();
    assert_eq!(error.diagnostics().len(), 50);
    assert!(error.to_string().ends_with("and 30 more errors"));
}

#[test]
fn places_are_lines_and_columns_and_failures_are_of_class_usage() {
    let error = read_with(&single(), "targets = [\"linux-gnu\"]\r\n# äöü\r\n  zebra = 1\r\n").unwrap_err();
    assert_eq!(error.line_and_column(error.diagnostics()[0].span.start), (3, 3));
    let failure = error.failure();
    assert_eq!((failure.class.exit_code(), failure.code.as_str(), failure.subject.as_str()), (2, "manifest", "plimsoll.toml"));
    assert_eq!(failure.causes[0].label, "3:3");
    assert!(error.render(true).contains('\u{1b}') && !error.render(false).contains('\u{1b}'));
}
