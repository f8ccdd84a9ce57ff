//! The version in every place, and changes of it, as a person reads them and as documents.

use serde::Serialize;

use super::{Paint, Style, Text, count};
use plimsoll_version::{Binding, Change, Role, Survey};

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

/// The beginning of what a file says.
fn shown(text: &str) -> String {
    let text = text.chars().take(40).collect::<String>();
    if text.is_empty() { "(empty)".to_owned() } else { text }
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default()
}

/// A table: file and line, place, what stands there, and whether that agrees.
pub fn render(places: &Places, paint: Paint) -> Text {
    let mut text = Text::new(paint);
    text.strong(&places.version).end();
    let spots = places.places.iter().map(|row| format!("{}:{}", row.file, row.line)).collect::<Vec<_>>();
    let says = places.places.iter().map(|row| shown(&row.text)).collect::<Vec<_>>();
    let spot_width = widest(spots.iter().map(String::as_str));
    let place_width = widest(places.places.iter().map(|row| row.place.as_str()));
    let says_width = widest(says.iter().map(String::as_str));
    for ((row, spot), says) in places.places.iter().zip(&spots).zip(&says) {
        text.put(format!("  {spot:<spot_width$}  ")).faint(format!("{:<place_width$}", row.place));
        text.put(format!("  {says:<says_width$}  "));
        match (&row.wanted, row.agrees) {
            (_, true) if row.role == Role::Source && !row.pin => text.good("source"),
            (_, true) => text.good("agrees"),
            (Some(wanted), false) => text.bad(format!("differs: {wanted} is due")),
            (None, false) => text.bad("cannot say it"),
        };
        text.faint(if row.role == Role::Found { "  found beside it" } else { "" }).end();
    }
    binding(&mut text, &places.release);
    let differing = places.differing();
    let agreeing = count(places.places.len() - differing, "place");
    let verb = if places.places.len() - differing == 1 { "agrees" } else { "agree" };
    match differing {
        0 => text.good(format!("{agreeing} {verb}")),
        1 => text.put(format!("{agreeing} {verb}, ")).bad("1 does not"),
        more => text.put(format!("{agreeing} {verb}, ")).bad(format!("{more} do not")),
    };
    text.end();
    text
}

/// The tag and the changelog.
fn binding(text: &mut Text, release: &Binding) {
    let width = widest([release.tag.as_str()].into_iter().chain(release.heading.iter().map(|heading| heading.file.as_str())));
    text.put("  ").label(format!("{:<9}", "tag")).put(format!(" {:<width$}  ", release.tag));
    match release.tags.as_slice() {
        [] => text.faint("this commit has none"),
        tags if tags.contains(&release.tag) => text.good("agrees"),
        tags => text.bad(format!("differs: this commit has {}", tags.join(", "))),
    };
    text.end();
    if let Some(heading) = &release.heading {
        text.put("  ").label(format!("{:<9}", "changelog")).put(format!(" {:<width$}  ", heading.file));
        match &heading.problem {
            None => text.good("has its notes"),
            Some(problem) => text.faint(format!("{problem} yet")),
        };
        text.end();
    }
}

/// One line for a check that found nothing.
pub fn agreed(places: &Places, is_release: bool, paint: Paint) -> Text {
    let mut with = count(places.places.len(), "place");
    if is_release {
        with.push_str(&format!(", tag {}", places.release.tag));
        with.push_str(places.release.heading.as_ref().map_or("", |_| ", changelog"));
    }
    let mut text = Text::new(paint);
    text.strong(&places.version).put(" ").good("everywhere").put("  ").faint(with).end();
    text
}

/// What was changed, a line a file, or what would change, as a diff.
pub fn changed(changed: &Changed, paint: Paint) -> Text {
    let mut text = Text::new(paint);
    if changed.files.is_empty() {
        text.strong(&changed.to).put("  ").faint("every place says it already").end();
        return text;
    }
    if !changed.written {
        for line in changed.files.iter().flat_map(|file| file.diff.lines()) {
            let style = match line.as_bytes() {
                [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Style::Strong,
                [b'+', ..] => Style::Good,
                [b'-', ..] => Style::Bad,
                [b'@', ..] => Style::Label,
                _ => Style::Plain,
            };
            text.styled(style, line).end();
        }
    }
    if changed.from != changed.to {
        text.put(format!("{} → ", changed.from));
    }
    text.strong(&changed.to).end();
    let width = widest(changed.files.iter().map(|file| file.file.as_str()));
    for file in &changed.files {
        let note = if file.places == 0 { "changelog".to_owned() } else { count(file.places, "place") };
        text.put(format!("  {:<width$}  ", file.file)).faint(note).end();
    }
    if !changed.written {
        text.faint("only planned: nothing was written").end();
    }
    text
}
