//! A Python index as a channel: the real uv against the harbor's index, whole, cut off, late and with other files in it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use plimsoll_exec::environment;
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::locate::Toolbox;
use plimsoll_fetch::{Network, Patience};
use plimsoll_harbor::{Effect, Fault, Faults, Harbor, Request, Response, ServeOptions, Service, Simple, SimpleOptions};
use plimsoll_model::{ArtifactId, ArtifactPlan};
use tempfile::TempDir;
use test_needs::Need;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::cut::{Cuts, Moment, Tear, cut_everywhere};
use super::sealed::{SealedRelease, plan_with};
use super::{publish, publish_well};
use crate::kinds::wheel::project::PythonProjects;
use crate::publish::{Channel, Edition, Publication, PypiChannel, Repository, Secret, Trust, Uploader, Waiting, Witness, Write};

const MANIFEST: &str = "name = \"htty\"\ntargets = [\"x86_64-unknown-linux-gnu\", \"x86_64-unknown-linux-musl\"]\n\
    [core.app]\n[wheel.htty-core]\n[wheel.htty]\npure = true\n";

const CORE: &str = "[project]\nname = \"htty-core\"\ndynamic = [\"version\"]\n";
/// By its name it would come first.
const FRONT: &str = "[project]\nname = \"htty\"\nversion = \"1.2.3\"\ndependencies = [\"htty-core==1.2.3\"]\n";

/// Files in the order in which they must come.
const ORDER: [&str; 3] = [
    "htty_core-1.2.3-py3-none-manylinux_2_28_x86_64.whl",
    "htty_core-1.2.3-py3-none-musllinux_1_2_x86_64.whl",
    "htty-1.2.3-py3-none-any.whl",
];

/// A release of two wheels of a core and one that needs them.
fn sealed(says: &str) -> SealedRelease {
    let python = PythonProjects::of_texts([("core", CORE), ("front", FRONT)]);
    let plan = plan_with(MANIFEST, crate::kinds::Facts { python, ..crate::kinds::Facts::default() });
    SealedRelease::holding(&plan, &|id, artifact| wheel(id, artifact, says), 1)
}

fn wheel(_: &ArtifactId, artifact: &ArtifactPlan, says: &str) -> Vec<u8> {
    let name = artifact.file_name.as_str();
    let stem = name.split('-').take(2).collect::<Vec<_>>().join("-");
    let project = name.split('-').next().unwrap().replace('_', "-");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let files = [
        ("says.py".to_owned(), format!("SAYS = {says:?}\n")),
        (format!("{stem}.dist-info/METADATA"), format!("Metadata-Version: 2.1\nName: {project}\nVersion: 1.2.3\n")),
        (format!("{stem}.dist-info/WHEEL"), "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned()),
    ];
    for (path, text) in files {
        zip.start_file(path, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// What publishes, apart from all that this machine is set to.
struct Publisher {
    uploader: Uploader,
    network: Network,
    place: TempDir,
    patience: Duration,
}

impl Publisher {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let env = environment::inherited(&["PATH", "HOME", "PYENV_ROOT"]).into_iter().collect();
        let toolbox = Toolbox::new(place.path().join("tools"), place.path().join("memory.json"), env, Launcher::new().unwrap());
        let trust = Trust::Token(Secret::new("t").unwrap());
        // Its own repetitions would hide what is broken here.
        let uploader = Uploader::find(&toolbox, trust).unwrap().env([("UV_HTTP_RETRIES", "0")]);
        let network = Network::new(None, Patience { attempts: 1, silence: Duration::from_secs(5), ..Patience::default() });
        Self { uploader, network, place, patience: Duration::from_secs(20) }
    }

    fn simple(&self) -> Arc<Simple> {
        Arc::new(Simple::new(self.place.path(), SimpleOptions::new("t")).unwrap())
    }

    fn channel(&self, sealed: &SealedRelease, url: &str) -> PypiChannel<'_> {
        let repository = Repository::new(&format!("{url}/legacy/"), format!("{url}/simple/").parse().unwrap());
        let waiting = Waiting { patience: self.patience, stop: &|| false, tell: &|_| {} };
        PypiChannel::new(&sealed.release, repository, &self.uploader, &self.network, self.place.path(), waiting)
    }
}

fn serve(simple: &Arc<Simple>, faults: Faults) -> Harbor {
    Harbor::serve(simple.clone(), ServeOptions { faults, ..ServeOptions::default() }).unwrap()
}

fn held(simple: &Simple) -> BTreeMap<String, plimsoll_model::Digest> {
    simple.uploaded().into_iter().map(|file| (file.file_name, file.sha256)).collect()
}

fn uploads(harbor: &Harbor) -> usize {
    harbor.requests().iter().filter(|request| request.path == "/legacy/").count()
}

/// An index takes a file whole or not at all.
impl Tear for PypiChannel<'_> {
    fn tear(&self, _: &Write) {}
}

fn can_run() -> bool {
    test_needs::met(&[Need::Uv])
}

#[test]
fn what_is_needed_is_uploaded_first_and_only_once() {
    let sealed = sealed("one");
    if !can_run() {
        return;
    }
    let publisher = Publisher::new();
    let simple = publisher.simple();
    let harbor = serve(&simple, Faults::none());
    let channel = publisher.channel(&sealed, &harbor.url());
    let writes = channel.writes(&Edition::sealed(&sealed.release, sealed.dist()));
    assert_eq!(writes.iter().map(|write| write.name.as_str()).collect::<Vec<_>>(), ORDER);
    let publication = Publication::prepare(&sealed.release, sealed.dist(), &[&channel]).unwrap();
    assert_eq!((publication.outlook()[0].writes.len(), uploads(&harbor)), (3, 0), "looking uploads nothing");
    let mut order = Vec::new();
    let published = publication.run(&mut Witness { stop: &|| false, record: &mut |_, write, _| order.push(write.name.clone()) });
    assert_eq!((published.failure, order.as_slice()), (None, ORDER.map(str::to_owned).as_slice()));
    assert_eq!((held(&simple).len(), uploads(&harbor)), (3, 3));
    assert_eq!((publish_well(&sealed, &[&channel]), uploads(&harbor)), (0, 3), "the same again uploads nothing");
    let told = format!("{:?}", publisher.uploader);
    assert!(told.contains("[secret]") && !told.contains("\"t\""), "{told}");
}

#[test]
fn another_file_of_the_same_name_is_refused_before_any_upload() {
    if !can_run() {
        return;
    }
    let (ours, theirs) = (sealed("one"), sealed("two"));
    let publisher = Publisher::new();
    let simple = publisher.simple();
    let harbor = serve(&simple, Faults::none());
    // The file that comes last is there already, and is another.
    let channel = publisher.channel(&theirs, &harbor.url());
    let last = channel.writes(&Edition::sealed(&theirs.release, theirs.dist())).pop().unwrap();
    channel.perform(&last).unwrap();
    let before = held(&simple);
    let failure = publish(&ours, &[&publisher.channel(&ours, &harbor.url())]).unwrap().failure.unwrap();
    assert_eq!((failure.code.as_str(), held(&simple), uploads(&harbor)), ("published-damaged", before, 1), "{failure}");
    assert!(failure.hint.is_some_and(|hint| hint.contains("a new version")));
    // Nor is a file uploaded that was changed since it was sealed.
    let simple = publisher.simple();
    let harbor = serve(&simple, Faults::none());
    std::fs::write(ours.dist().join(ORDER[0]), "changed").unwrap();
    let failure = publish(&ours, &[&publisher.channel(&ours, &harbor.url())]).unwrap().failure.unwrap();
    assert_eq!((failure.code.as_str(), uploads(&harbor)), ("not-the-sealed-bytes", 0), "{failure}");
}

#[test]
fn a_refusal_is_told_in_the_words_of_uv_and_without_the_token() {
    if !can_run() {
        return;
    }
    let sealed = sealed("one");
    let mut publisher = Publisher::new();
    let simple = Arc::new(Simple::new(publisher.place.path(), SimpleOptions::new("another")).unwrap());
    let harbor = serve(&simple, Faults::none());
    let failure = publish(&sealed, &[&publisher.channel(&sealed, &harbor.url())]).unwrap().failure.unwrap();
    let said = failure.causes.iter().find(|cause| cause.label == "said").unwrap();
    assert!(failure.code == "upload-failed" && said.text.contains("403"), "{failure:?}");
    assert_eq!(uploads(&harbor), 1, "nothing after it is tried");
    // An index that shows nothing is not given what needs the first file.
    publisher.patience = Duration::from_millis(300);
    let simple = publisher.simple();
    let hidden = Arc::new(Hidden(simple.clone()));
    let harbor = Harbor::serve(hidden, ServeOptions::default()).unwrap();
    let failure = publish(&sealed, &[&publisher.channel(&sealed, &harbor.url())]).unwrap().failure.unwrap();
    assert_eq!((failure.code.as_str(), held(&simple).len()), ("not-shown", 1), "{failure}");
}

/// An index whose pages come too late.
struct Hidden(Arc<Simple>);

impl Service for Hidden {
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
        if request.method() == "GET" { Ok(Response::empty(404)) } else { self.0.answer(request) }
    }
}

#[test]
fn a_file_is_waited_for_until_the_index_shows_it() {
    if !can_run() {
        return;
    }
    let sealed = sealed("one");
    let publisher = Publisher::new();
    let simple = publisher.simple();
    let page = "/simple/htty-core/";
    // The page is asked for eight times until the first file is there: twice by each look at all, before the write, and by uv.
    let late = (9..12).fold(Faults::none(), |faults, nth| faults.with(Fault::new(page, Effect::Status(404)).nth(nth)));
    let harbor = serve(&simple, late);
    assert_eq!(publish_well(&sealed, &[&publisher.channel(&sealed, &harbor.url())]), 3);
    let log = harbor.requests();
    let first = log.iter().position(|request| request.path == "/legacy/").unwrap();
    let second = log.iter().skip(first + 1).position(|request| request.path == "/legacy/").unwrap();
    let asked = log[first + 1..first + 1 + second].iter().filter(|request| request.path == page).map(|request| request.status);
    assert_eq!(asked.take(4).collect::<Vec<_>>(), [Some(404), Some(404), Some(404), Some(200)]);
}

/// Each moment that matters to writes; for good or not makes no other difference to an index, which forgets nothing.
#[test]
fn an_index_converges_wherever_its_channel_is_cut() {
    if !can_run() {
        return;
    }
    let publisher = Publisher::new();
    let cuts = Cuts { sealed: sealed("one"), moments: vec![(Moment::Before, true), (Moment::After, false)] };
    let harbors = RefCell::new(Vec::new());
    let make = || {
        let simple = publisher.simple();
        let harbor = serve(&simple, Faults::none());
        let channel = publisher.channel(&cuts.sealed, &harbor.url());
        *harbors.borrow_mut() = vec![(simple, harbor)];
        channel
    };
    cut_everywhere(&cuts, make, |_| held(&harbors.borrow()[0].0), |_| BTreeMap::new());
}

/// Each request over HTTP, those of uv among them, is left without an answer: before it is handled, and after.
#[test]
fn an_index_converges_wherever_a_connection_is_cut() {
    if !can_run() {
        return;
    }
    let (publisher, sealed) = (Publisher::new(), sealed("one"));
    let simple = publisher.simple();
    let harbor = serve(&simple, Faults::none());
    assert_eq!(publish_well(&sealed, &[&publisher.channel(&sealed, &harbor.url())]), 3);
    let (wanted, requests) = (held(&simple), harbor.requests().len() as u64);
    for nth in 1..=requests {
        for after in [false, true] {
            let what = format!("request {nth} of {requests}, after it was handled: {after}");
            let simple = publisher.simple();
            let fault = Fault::new("*", Effect::NoAnswer).nth(nth);
            let cut = serve(&simple, Faults::none().with(if after { fault.after() } else { fault }));
            let _ = publish(&sealed, &[&publisher.channel(&sealed, &cut.url())]);
            let whole = serve(&simple, Faults::none());
            let left = 3 - held(&simple).len();
            assert_eq!(publish_well(&sealed, &[&publisher.channel(&sealed, &whole.url())]), left, "{what}");
            assert_eq!((held(&simple), uploads(&whole)), (wanted.clone(), left), "{what}");
            assert_eq!((publish_well(&sealed, &[&publisher.channel(&sealed, &whole.url())]), uploads(&whole)), (0, left), "{what}");
        }
    }
}

#[test]
fn uv_says_which_index_is_the_usual_one() {
    if !can_run() {
        return;
    }
    let publisher = Publisher::new();
    let index = publisher.uploader.usual_index().unwrap().to_string();
    assert!(index.starts_with("https://") && index.ends_with("/simple"), "{index}");
}
