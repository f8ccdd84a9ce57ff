//! What must run before an artifact is shipped: declared probes, and `PROGRAM --version` for each program that none of them starts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use plimsoll_model::{Expectation, Probe, Start};
use plimsoll_pack::{DefaultProbe, Kind, default_probes};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::nearest;
use super::super::template::{Template, Values};
use super::super::words;
use super::super::written::{ProbeTable, Probes, Run, Timeout, Written};
use super::file_names::template;
use super::values;

/// Seconds that a probe has when nothing else is said.
const USUAL_TIMEOUT: u32 = 30;

/// A day: what takes longer is no probe.
const LONGEST_TIMEOUT: u64 = 24 * 60 * 60;

/// A probe whose templates are not filled in yet.
#[derive(Debug, Clone)]
pub(crate) struct ProbeTemplate {
    name: String,
    start: StartTemplate,
    env: BTreeMap<String, String>,
    setup: Option<String>,
    tty: bool,
    until: Option<Template>,
    timeout: u32,
    status: i32,
    output: Option<Template>,
}

#[derive(Debug, Clone)]
enum StartTemplate {
    Run(Vec<Template>),
    Script(String),
}

impl ProbeTemplate {
    /// Whether it says another thing for each target.
    pub(crate) fn depends_on_target(&self) -> bool {
        let words = match &self.start {
            StartTemplate::Run(words) => words.as_slice(),
            StartTemplate::Script(_) => &[],
        };
        words.iter().chain(&self.until).chain(&self.output).any(Template::depends_on_target)
    }

    /// The probe for one target.
    pub(crate) fn fill(&self, values: Values<'_>) -> Probe {
        Probe {
            name: self.name.clone(),
            start: match &self.start {
                StartTemplate::Run(words) => Start::Run(words.iter().map(|word| word.fill(values)).collect()),
                StartTemplate::Script(script) => Start::Script(script.clone()),
            },
            env: self.env.clone(),
            setup: self.setup.clone(),
            tty: self.tty,
            until: self.until.as_ref().map(|until| until.fill(values)),
            timeout: self.timeout,
            expect: Expectation { status: self.status, output: self.output.as_ref().map(|output| output.fill(values)) },
        }
    }
}

/// The probes that an artifact's table declares.
pub(crate) struct Declared<'w> {
    /// `probe`.
    pub(crate) probes: Option<&'w Probes>,
    /// `KIND.NAME`.
    pub(crate) label: &'w str,
    /// Where its name stands.
    pub(crate) place: &'w Range<usize>,
}

impl Declared<'_> {
    /// All probes, those of the kind's own for programs that none starts among them; none when one is wrong, or when there would be none.
    /// `run` may start what is among `binaries` and `files`.
    pub(crate) fn check<'f>(
        &self,
        kind: Kind,
        binaries: &'f [String],
        files: impl IntoIterator<Item = &'f str>,
        out: &mut Diagnostics,
    ) -> Option<Vec<ProbeTemplate>> {
        let label = self.label;
        if let Some(probes) = self.probes.filter(|probes| probes.list.is_empty()) {
            let empty = Diagnostic::new("no-probe", &probes.span, format!("`{label}` has no probe: an empty list proves nothing"));
            let hint = if binaries.is_empty() {
                "give it a `script` that shows that it works"
            } else {
                "leave `probe` out for the default, which runs each program with --version"
            };
            out.push(empty.label("empty").hint(hint));
            return None;
        }
        let programs = Some(binaries.iter().map(String::as_str).chain(files).collect::<BTreeSet<_>>());
        let declared = self.probes.iter().flat_map(|probes| &probes.list).collect::<Vec<_>>();
        let mut taken = names(&declared, out)?;
        let mut probes = Vec::new();
        let mut started = BTreeSet::new();
        let mut sound = true;
        for written in declared {
            match probe(written, label, programs.as_ref(), &mut taken, out) {
                Some((probe, program)) => {
                    started.extend(program);
                    probes.push(probe);
                }
                None => sound = false,
            }
        }
        let silent = binaries.iter().filter(|binary| !started.contains(*binary)).cloned().collect::<Vec<_>>();
        for default in default_probes(kind, &silent) {
            probes.push(default_probe(&default, &mut taken)?);
        }
        if sound && probes.is_empty() {
            let message = format!("`{label}` ships no program and has no probe");
            let hint = format!("add [{label}.probe] with a `script` that shows that it works");
            out.push_absence(Diagnostic::new("no-probe", self.place, message).label("nothing would be proven").hint(hint));
            return None;
        }
        sound.then_some(probes)
    }
}

impl Declared<'_> {
    /// The steps of a test, in their order: those that are declared and no others. `run` may start one of `programs`, or anything.
    pub(crate) fn of_test(&self, programs: Option<&BTreeSet<&str>>, out: &mut Diagnostics) -> Option<Vec<ProbeTemplate>> {
        let declared = self.probes.iter().flat_map(|probes| &probes.list).collect::<Vec<_>>();
        if declared.is_empty() {
            let missing = Diagnostic::new("no-probe", self.place, format!("`{}` has no probe: an empty list proves nothing", self.label));
            out.push_absence(
                missing.label("nothing would be proven").hint(format!("add [[{}.probe]] with a `run` or a `script`", self.label)),
            );
            return None;
        }
        let mut taken = names(&declared, out)?;
        let read = declared.into_iter().map(|written| probe(written, self.label, programs, &mut taken, out)).collect::<Vec<_>>();
        read.into_iter().map(|probe| Some(probe?.0)).collect()
    }
}

/// The names that are written, each once.
fn names(declared: &[&ProbeTable], out: &mut Diagnostics) -> Option<BTreeSet<String>> {
    let mut taken = BTreeMap::<String, &Written<String>>::new();
    let before = out.count();
    for written in declared.iter().filter_map(|probe| probe.name.as_ref()) {
        if values::name(written, "a probe", out).is_none() {
            continue;
        }
        if let Some(earlier) = taken.get(&written.value) {
            let twice = Diagnostic::new("duplicate-probe", &written.span, format!("two probes are called `{}`", written.value));
            out.push(twice.context(&earlier.span, "the first one"));
        }
        taken.insert(written.value.clone(), written);
    }
    (out.count() == before).then(|| taken.into_keys().collect())
}

/// `wanted`, or with a number behind it.
fn free_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1_u32;
    while !taken.insert(name.clone()) {
        number += 1;
        name = format!("{wanted}-{number}");
    }
    name
}

/// A probe that the kind asks for by itself.
fn default_probe(default: &DefaultProbe, taken: &mut BTreeSet<String>) -> Option<ProbeTemplate> {
    // A program's name is no template: braces in it are doubled.
    let program = default.binary.replace('{', "{{").replace('}', "}}");
    let words = std::iter::once(&program).chain(&default.arguments).map(|word| Template::parse(word).ok());
    let output = default.expect_output.as_deref().map(Template::parse).transpose().ok()?;
    Some(ProbeTemplate {
        name: free_name(&default.binary, taken),
        start: StartTemplate::Run(words.collect::<Option<_>>()?),
        env: BTreeMap::new(),
        setup: None,
        tty: false,
        until: None,
        timeout: USUAL_TIMEOUT,
        status: default.expect_exit,
        output,
    })
}

/// One probe, and the program that its `run` starts.
fn probe(
    written: &ProbeTable,
    label: &str,
    programs: Option<&BTreeSet<&str>>,
    taken: &mut BTreeSet<String>,
    out: &mut Diagnostics,
) -> Option<(ProbeTemplate, Option<String>)> {
    let start = start(written, label, programs, out);
    let env = values::environment(&written.env, out);
    let setup = written.setup.as_ref().filter(|setup| values::filled(setup, "setup", "nothing to run", out));
    let until = text(written.until.as_ref(), "until", out);
    let timeout = timeout(written.timeout.as_ref(), written.until.is_some(), out);
    let expect = written.expect.as_ref().map(|expect| &expect.value);
    let output = text(expect.and_then(|expect| expect.output.as_ref()), "expect", out);
    let status = status(expect.and_then(|expect| expect.status.as_ref()), written.until.as_ref(), out);
    let (start, program) = start?;
    let name = match &written.name {
        Some(name) => name.value.clone(),
        None => free_name(program.as_deref().map_or("script", |program| program.rsplit('/').next().unwrap_or(program)), taken),
    };
    let setup = setup.map(|setup| setup.value.clone());
    let tty = written.tty.as_ref().is_some_and(|tty| tty.value);
    Some((ProbeTemplate { name, start, env, setup, tty, until: until?, timeout: timeout?, status: status?, output: output? }, program))
}

fn start(
    written: &ProbeTable,
    label: &str,
    programs: Option<&BTreeSet<&str>>,
    out: &mut Diagnostics,
) -> Option<(StartTemplate, Option<String>)> {
    match (&written.run, &written.script) {
        (Some(run), Some(script)) => {
            let both = Diagnostic::new("run-and-script", &script.span, format!("a probe of `{label}` has both `run` and `script`"));
            out.push(
                both.context(&run.span, "the other one").hint("take one out, or make two probes: probe = [{ run = … }, { script = … }]"),
            );
            None
        }
        (None, None) => {
            let neither = Diagnostic::new("no-start", &written.span, format!("a probe of `{label}` has neither `run` nor `script`"));
            out.push_absence(neither.label("nothing would run").hint("add run = \"PROGRAM ARGUMENTS\""));
            None
        }
        (None, Some(script)) => {
            values::filled(script, "script", "nothing to run", out).then(|| (StartTemplate::Script(script.value.clone()), None))
        }
        (Some(run), None) => {
            let words = run_words(run, out)?;
            let program = program(run, &words, label, programs, out)?;
            let templates = words.iter().map(|word| template(word, out)).collect::<Vec<_>>();
            Some((StartTemplate::Run(templates.into_iter().collect::<Option<Vec<_>>>()?), Some(program)))
        }
    }
}

/// The words of a command line that no shell reads.
pub(crate) fn run_words(run: &Written<Run>, out: &mut Diagnostics) -> Option<Vec<Written<String>>> {
    let words = match &run.value {
        Run::Words(words) => words.clone(),
        Run::Line(line) => match words::split(line) {
            Ok(words) => words.into_iter().map(|value| Written { value, span: run.span.clone() }).collect(),
            Err(error) => {
                let hint = match error {
                    words::InvalidWords::Assignment(_) => Some("use `env`, or `script` for what needs a shell".to_owned()),
                    words::InvalidWords::Shell(_) => {
                        Some("quote it with '…' if it is meant as it is, or use `script` for what needs a shell".to_owned())
                    }
                    words::InvalidWords::OpenQuote(_) | words::InvalidWords::LastBackslash => None,
                };
                let wrong = Diagnostic::new("bad-command-line", &run.span, error.to_string());
                out.push(wrong.label("in this command line").maybe_hint(hint));
                return None;
            }
        },
    };
    let sound = words.iter().filter(|word| values::has_no_nul(word, out)).count() == words.len();
    sound.then_some(words)
}

/// The first word, which must be something that is shipped, if what that may be is known.
fn program(
    run: &Written<Run>,
    words: &[Written<String>],
    label: &str,
    programs: Option<&BTreeSet<&str>>,
    out: &mut Diagnostics,
) -> Option<String> {
    let Some(first) = words.first().filter(|first| !first.value.is_empty()) else {
        out.push(Diagnostic::new("empty", &run.span, "`run` is empty").label("nothing to run"));
        return None;
    };
    let Some(programs) = programs.filter(|programs| !programs.contains(first.value.as_str())) else {
        return Some(first.value.clone());
    };
    let shown = first.value.chars().take(80).collect::<String>();
    let unknown = Diagnostic::new("unknown-program", &first.span, format!("`{label}` ships no program `{shown}`"));
    let hint = match nearest(&first.value, programs.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`run` starts what is shipped; use `script` for programs of the root".to_owned(),
    };
    out.push(unknown.label("not in the artifact").hint(hint));
    None
}

/// An optional template that must not be empty: the outer option tells whether it is sound.
#[expect(clippy::option_option, reason = "wrong and not written are different things")]
fn text(written: Option<&Written<String>>, key: &str, out: &mut Diagnostics) -> Option<Option<Template>> {
    let Some(written) = written else {
        return Some(None);
    };
    if !values::filled(written, key, "every output contains nothing: this proves nothing", out) {
        return None;
    }
    template(written, out).map(Some)
}

fn status(written: Option<&Written<i64>>, until: Option<&Written<String>>, out: &mut Diagnostics) -> Option<i32> {
    let Some(written) = written else {
        return Some(0);
    };
    if let Some(until) = until {
        let message = "`expect.status` is not looked at when the probe has `until`, since the program is stopped";
        out.push(Diagnostic::new("status-with-until", &written.span, message).context(&until.span, "stopped when this appears"));
        return None;
    }
    let status = i32::try_from(written.value).ok();
    if status.is_none() {
        out.push(Diagnostic::new("bad-status", &written.span, "no program exits with this status").label("out of range"));
    }
    status
}

pub(crate) fn timeout(written: Option<&Written<Timeout>>, until: bool, out: &mut Diagnostics) -> Option<u32> {
    let Some(written) = written else {
        return Some(USUAL_TIMEOUT);
    };
    let seconds = match &written.value {
        Timeout::Seconds(seconds) => u64::try_from(*seconds).ok(),
        Timeout::Text(text) => seconds(text),
    };
    let (message, hint) = match seconds {
        Some(0) if until => ("a timeout of zero leaves no time for `until` to appear", "leave it out for 30 seconds"),
        Some(0) => ("a timeout of zero leaves no time to run", "leave it out for 30 seconds"),
        Some(seconds) if seconds <= LONGEST_TIMEOUT => return u32::try_from(seconds).ok(),
        Some(_) => ("a probe has a day at most", "at most \"24h\""),
        None => ("this is not a timeout", "seconds, or \"30s\", \"2m\", \"1h\""),
    };
    out.push(Diagnostic::new("bad-timeout", &written.span, message).label("not a useful time").hint(hint));
    None
}

/// `30`, `30s`, `2m`, `1h` in seconds.
fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!((seconds("30"), seconds("30s"), seconds("2m"), seconds("1 h")), (Some(30), Some(30), Some(120), Some(3600)));
        assert_eq!((seconds(""), seconds("s"), seconds("-1"), seconds("1d"), seconds("1m30s")), (None, None, None, None, None));
        assert_eq!(seconds("99999999999999999999h"), None);
    }

    #[test]
    fn free_names_get_numbers() {
        let mut taken = BTreeSet::from(["a".to_owned(), "a-2".to_owned()]);
        assert_eq!(free_name("a", &mut taken), "a-3");
        assert_eq!(free_name("b", &mut taken), "b");
        assert_eq!(free_name("b", &mut taken), "b-2");
    }
}
