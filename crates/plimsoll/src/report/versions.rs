//! The version in every place, and changes of it, as a person reads them and as documents.

use std::fmt::Write;

use serde::Serialize;

use super::{Paint, count};
use crate::version::{Binding, Change, Role, Survey};

/// Everything that says a version.
#[derive(Debug, Serialize)]
pub struct Places {
    /// The source's.
    pub version: String,
    /// Whether all places say it.
    pub agrees: bool,
    /// The source first.
    pub places: Vec<Row>,
    /// Tag and changelog.
    pub release: Binding,
}

/// One place.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Relative to the project.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Why the file is looked at.
    pub role: Role,
    /// Which place of the file.
    pub place: String,
    /// Whether it is what another package requires.
    pub pin: bool,
    /// How versions are written there.
    pub dialect: String,
    /// What stands there.
    pub text: String,
    /// What must stand there; none where the dialect cannot say it.
    pub wanted: Option<String>,
    /// Whether it says the source's version.
    pub agrees: bool,
}

/// What a change did, or would do.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// The version before.
    pub from: String,
    /// The version after.
    pub to: String,
    /// Whether files were written.
    pub written: bool,
    /// Files that change.
    pub files: Vec<ChangedFile>,
}

/// A file that changes.
#[derive(Debug, Serialize)]
pub struct ChangedFile {
    /// Relative to the project.
    pub file: String,
    /// How many places of the version; 0 for a changelog.
    pub places: usize,
    /// As a unified diff.
    pub diff: String,
}

/// The line, and the files that it was written to.
#[derive(Debug, Serialize)]
pub struct Written {
    /// The line.
    pub line: String,
    /// Files that did not hold it yet.
    pub written: Vec<String>,
}

impl Places {
    /// What a survey found.
    pub fn of(survey: &Survey, release: Binding) -> Self {
        let mut places = Vec::new();
        for file in &survey.files {
            places.extend(file.places.iter().map(|place| Row {
                file: file.path.clone(),
                line: file.line(place),
                role: file.role,
                place: place.what.clone(),
                pin: place.is_pin,
                dialect: place.dialect.name().to_owned(),
                text: place.text.clone(),
                wanted: place.saying(&survey.version).ok(),
                agrees: place.agrees(&survey.version),
            }));
        }
        let agrees = places.iter().all(|row| row.agrees);
        Self { version: survey.version.to_string(), agrees, places, release }
    }

    fn differing(&self) -> usize {
        self.places.iter().filter(|row| !row.agrees).count()
    }
}

impl Changed {
    /// A change, written or not.
    pub fn of(change: &Change, written: bool) -> Self {
        let files = change.files.iter().map(|file| ChangedFile { file: file.path.clone(), places: file.places, diff: file.diff() });
        Self { from: change.from.to_string(), to: change.to.to_string(), written, files: files.collect() }
    }
}

/// Without what would steer a terminal: the text is a file's.
fn shown(text: &str) -> String {
    let text = text.chars().take(40).map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect::<String>();
    if text.is_empty() { "(empty)".to_owned() } else { text }
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default()
}

/// A table: file and line, place, what stands there, and whether that agrees.
pub fn render(places: &Places, paint: Paint) -> String {
    let mut text = format!("{}\n", paint.strong(&places.version));
    let spots = places.places.iter().map(|row| format!("{}:{}", row.file, row.line)).collect::<Vec<_>>();
    let says = places.places.iter().map(|row| shown(&row.text)).collect::<Vec<_>>();
    let spot_width = widest(spots.iter().map(String::as_str));
    let place_width = widest(places.places.iter().map(|row| row.place.as_str()));
    let says_width = widest(says.iter().map(String::as_str));
    for ((row, spot), says) in places.places.iter().zip(&spots).zip(&says) {
        let verdict = match (&row.wanted, row.agrees) {
            (_, true) if row.role == Role::Source && !row.pin => paint.good("source"),
            (_, true) => paint.good("agrees"),
            (Some(wanted), false) => paint.bad(format!("differs: {wanted} is due")),
            (None, false) => paint.bad("cannot say it"),
        };
        let found = if row.role == Role::Found { paint.faint("  found beside it") } else { String::new() };
        let place = paint.faint(format!("{:<place_width$}", row.place));
        let _ = writeln!(text, "  {spot:<spot_width$}  {place}  {says:<says_width$}  {verdict}{found}");
    }
    let release = &places.release;
    let tag = match release.tags.as_slice() {
        [] => paint.faint("this commit has none"),
        tags if tags.contains(&release.tag) => paint.good("agrees"),
        tags => paint.bad(format!("differs: this commit has {}", tags.join(", "))),
    };
    let label = |word: &str| paint.label(format!("{word:<9}"));
    let width = widest([release.tag.as_str()].into_iter().chain(release.heading.iter().map(|heading| heading.file.as_str())));
    let _ = writeln!(text, "  {} {:<width$}  {tag}", label("tag"), release.tag);
    if let Some(heading) = &release.heading {
        let state = heading.problem.as_ref().map_or_else(|| paint.good("has its notes"), |problem| paint.faint(format!("{problem} yet")));
        let _ = writeln!(text, "  {} {:<width$}  {state}", label("changelog"), heading.file);
    }
    let differing = places.differing();
    let agreeing = count(places.places.len() - differing, "place");
    let verb = if places.places.len() - differing == 1 { "agrees" } else { "agree" };
    let _ = match differing {
        0 => writeln!(text, "{}", paint.good(format!("{agreeing} {verb}"))),
        1 => writeln!(text, "{agreeing} {verb}, {}", paint.bad("1 does not")),
        more => writeln!(text, "{agreeing} {verb}, {}", paint.bad(format!("{more} do not"))),
    };
    text
}

/// One line for a check that found nothing.
pub fn agreed(places: &Places, is_release: bool, paint: Paint) -> String {
    let mut with = count(places.places.len(), "place");
    if is_release {
        with.push_str(&format!(", tag {}", places.release.tag));
        with.push_str(places.release.heading.as_ref().map_or("", |_| ", changelog"));
    }
    format!("{} {}  {}\n", paint.strong(&places.version), paint.good("everywhere"), paint.faint(with))
}

/// What was changed, a line a file, or what would change, as a diff.
pub fn changed(changed: &Changed, paint: Paint) -> String {
    let mut text = String::new();
    if changed.files.is_empty() {
        return format!("{}  {}\n", paint.strong(&changed.to), paint.faint("every place says it already"));
    }
    if !changed.written {
        for line in changed.files.iter().flat_map(|file| file.diff.lines()) {
            let line = line.chars().map(|character| if character.is_control() && character != '\t' { '\u{fffd}' } else { character });
            let line = line.collect::<String>();
            let painted = match line.as_bytes() {
                [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => paint.strong(&line),
                [b'+', ..] => paint.good(&line),
                [b'-', ..] => paint.bad(&line),
                [b'@', ..] => paint.label(&line),
                _ => line,
            };
            let _ = writeln!(text, "{painted}");
        }
    }
    let width = widest(changed.files.iter().map(|file| file.file.as_str()));
    let _ = if changed.from == changed.to {
        writeln!(text, "{}", paint.strong(&changed.to))
    } else {
        writeln!(text, "{} → {}", changed.from, paint.strong(&changed.to))
    };
    for file in &changed.files {
        let note = if file.places == 0 { "changelog".to_owned() } else { count(file.places, "place") };
        let _ = writeln!(text, "  {:<width$}  {}", file.file, paint.faint(note));
    }
    if !changed.written {
        let _ = writeln!(text, "{}", paint.faint("only planned: nothing was written"));
    }
    text
}
