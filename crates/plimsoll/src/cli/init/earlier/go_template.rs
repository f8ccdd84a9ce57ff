//! Names of files as GoReleaser writes them, in Go's templates: worked out for each target, and then written in the manifest's own placeholders if
//! these say the same for every one.

use std::str::Chars;

use plimsoll_model::Target;

use crate::manifest::{goarch, goos};

/// Blocks within blocks beyond which a name is none that a person wrote.
const DEEPEST: usize = 16;

/// Blocks that may say together what one placeholder says.
const JOINED: usize = 3;

/// What a template says for all targets alike.
pub(super) struct Given<'a> {
    /// The project's name.
    pub(super) project: &'a str,
    /// The first program's.
    pub(super) binary: &'a str,
}

/// What a placeholder says of a target.
type OfTarget = fn(&Target) -> &str;

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    /// What stands in braces, by its words.
    Action(Vec<String>),
}

/// The same name as a template of the manifest; none if it cannot say it.
pub(super) fn translated(template: &str, given: &Given<'_>, targets: &[Target]) -> Option<String> {
    let parts = parts(template)?;
    let mut ends = Vec::new();
    while let Some(rest) = parts.get(ends.last().copied().unwrap_or_default()..).filter(|rest| !rest.is_empty()) {
        ends.push(parts.len() - block(rest)?.1.len());
    }
    let (mut name, mut begin, mut ends) = (String::new(), 0, ends.as_slice());
    while !ends.is_empty() {
        // Of a processor a second block may say the version.
        let (count, said) = (1..=ends.len().min(JOINED)).find_map(|count| {
            let said = in_placeholders(&parts[begin..*ends.get(count - 1)?], given, targets)?;
            Some((count, said))
        })?;
        name.push_str(&said);
        begin = *ends.get(count - 1)?;
        ends = &ends[count..];
    }
    Some(name)
}

/// A block for all targets, as text or as one placeholder.
fn in_placeholders(block: &[Part], given: &Given<'_>, targets: &[Target]) -> Option<String> {
    if let [Part::Action(words)] = block {
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [".Version" | ".RawVersion"] => return Some("{version}".to_owned()),
            [".Tag"] => return Some("v{version}".to_owned()),
            _ => {}
        }
    }
    let values = targets.iter().map(|target| evaluated(block, given, target)).collect::<Option<Vec<_>>>()?;
    let first = values.first()?;
    if values.iter().all(|value| value == first) {
        return Some(first.replace('{', "{{").replace('}', "}}"));
    }
    let placeholders: [(&str, OfTarget); 5] =
        [("{goos}", goos), ("{goarch}", goarch), ("{arch}", Target::arch), ("{os}", Target::os), ("{target}", Target::as_str)];
    let says = |of: OfTarget| targets.iter().zip(&values).all(|(target, value)| of(target) == value);
    placeholders.into_iter().find(|(_, of)| says(*of)).map(|(name, _)| name.to_owned())
}

/// Text and actions; none if a brace has no partner.
fn parts(template: &str) -> Option<Vec<Part>> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}")?;
        // `{{-` and `-}}` take the blanks beside them away.
        let (trim_before, inside) = inside.strip_prefix('-').map_or((false, inside), |inside| (true, inside));
        let (trim_after, inside) = inside.strip_suffix('-').map_or((false, inside), |inside| (true, inside));
        parts.push(Part::Text(if trim_before { before.trim_end() } else { before }.to_owned()));
        parts.push(Part::Action(words(inside)?));
        rest = if trim_after { after.trim_start() } else { after };
    }
    parts.push(Part::Text(rest.to_owned()));
    parts.retain(|part| *part != Part::Text(String::new()));
    Some(parts)
}

/// The words of an action; brackets are words of their own, and what is quoted keeps one quote as its mark.
fn words(action: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = action.chars();
    while let Some(character) = rest.next() {
        match character {
            _ if character.is_whitespace() => {}
            '(' | ')' | '|' => words.push(character.to_string()),
            '"' | '`' => words.push(format!("\"{}", until(&mut rest, character)?)),
            _ => {
                let end = rest.as_str().find(|next: char| next.is_whitespace() || "()|".contains(next)).unwrap_or(rest.as_str().len());
                words.push(format!("{character}{}", &rest.as_str()[..end]));
                rest = rest.as_str()[end..].chars();
            }
        }
    }
    Some(words)
}

fn until(rest: &mut Chars<'_>, quote: char) -> Option<String> {
    let (inside, after) = rest.as_str().split_once(quote)?;
    *rest = after.chars();
    Some(inside.to_owned())
}

/// The first block and what comes after it: one part, or everything up to the `end` of one that begins here.
fn block(parts: &[Part]) -> Option<(&[Part], &[Part])> {
    let mut open = 0_usize;
    for (at, part) in parts.iter().enumerate() {
        match keyword(part) {
            Some("if" | "with") => open += 1,
            Some("end") => open = open.checked_sub(1)?,
            Some("else") if open == 0 => return None,
            // What may go on without end is no name.
            Some("range" | "define" | "block" | "template") => return None,
            _ => {}
        }
        if open > DEEPEST {
            return None;
        }
        if open == 0 {
            return Some(parts.split_at(at + 1));
        }
    }
    None
}

fn keyword(part: &Part) -> Option<&str> {
    match part {
        Part::Action(words) => words.first().map(String::as_str),
        Part::Text(_) => None,
    }
}

fn evaluated(parts: &[Part], given: &Given<'_>, target: &Target) -> Option<String> {
    let (mut text, mut rest) = (String::new(), parts);
    while !rest.is_empty() {
        let (block, after) = block(rest)?;
        rest = after;
        match block {
            [Part::Text(plain)] => text.push_str(plain),
            [Part::Action(words)] => text.push_str(&value(words, given, target)?),
            [Part::Action(condition), inside @ .., Part::Action(_)] => text.push_str(&chosen(condition, inside, given, target)?),
            _ => return None,
        }
    }
    Some(text)
}

/// The branch that is taken of `if A … else if B … else …`; `with` names what is not empty with a dot.
fn chosen(condition: &[String], inside: &[Part], given: &Given<'_>, target: &Target) -> Option<String> {
    let (word, question) = condition.split_first()?;
    let (mut open, mut at) = (0_usize, inside.len());
    for (here, part) in inside.iter().enumerate() {
        match keyword(part) {
            Some("if" | "with") => open += 1,
            Some("end") => open = open.checked_sub(1)?,
            Some("else") if open == 0 => {
                at = here;
                break;
            }
            _ => {}
        }
    }
    let answer = value(question, given, target)?;
    if !answer.is_empty() && answer != "false" {
        let dot = |part: &Part| match part {
            Part::Action(words) if word == "with" && *words == ["."] => Part::Text(answer.clone()),
            other => other.clone(),
        };
        return evaluated(&inside[..at].iter().map(dot).collect::<Vec<_>>(), given, target);
    }
    let Some((Part::Action(other), rest)) = inside.get(at..).and_then(<[Part]>::split_first) else { return Some(String::new()) };
    match other.get(1..)? {
        [] => evaluated(rest, given, target),
        further => chosen(further, rest, given, target),
    }
}

/// What an action says: a field, a function of the few that names are made with, or a pipeline of them.
fn value(words: &[String], given: &Given<'_>, target: &Target) -> Option<String> {
    if let Some(at) = words.iter().rposition(|word| word == "|") {
        let before = format!("\"{}", value(&words[..at], given, target)?);
        return value(&[&words[at + 1..], &[before]].concat(), given, target);
    }
    if let Some(open) = words.iter().rposition(|word| word == "(") {
        let close = open + words.get(open..)?.iter().position(|word| word == ")")?;
        let inside = format!("\"{}", value(&words[open + 1..close], given, target)?);
        return value(&[&words[..open], &[inside], &words[close + 1..]].concat(), given, target);
    }
    let (function, arguments) = words.split_first()?;
    let arguments = arguments.iter().map(|word| operand(word, given, target)).collect::<Option<Vec<_>>>()?;
    let truth = |is: bool| Some(is.to_string());
    let is_set = |text: &String| !text.is_empty() && text != "false";
    match (function.as_str(), arguments.as_slice()) {
        ("eq", [first, others @ ..]) => truth(others.contains(first)),
        ("ne", [first, other]) => truth(first != other),
        ("not", [one]) => truth(!is_set(one)),
        ("and", all) => truth(all.iter().all(is_set)),
        ("or", all) => truth(all.iter().any(is_set)),
        ("tolower", [one]) => Some(one.to_lowercase()),
        ("toupper", [one]) => Some(one.to_uppercase()),
        ("title", [one]) => {
            let mut letters = one.chars();
            Some(letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default())
        }
        (word, []) => operand(word, given, target),
        _ => None,
    }
}

fn operand(word: &str, given: &Given<'_>, target: &Target) -> Option<String> {
    if let Some(quoted) = word.strip_prefix('"') {
        return Some(quoted.to_owned());
    }
    let (arch, version) = match goarch(target) {
        arch @ ("armv6" | "armv7") => ("arm", &arch[4..]),
        arch => (arch, ""),
    };
    Some(match word {
        ".ProjectName" => given.project.to_owned(),
        ".Binary" => given.binary.to_owned(),
        ".Os" => goos(target).to_owned(),
        ".Arch" => arch.to_owned(),
        ".Arm" => version.to_owned(),
        ".Target" => target.as_str().to_owned(),
        ".Amd64" if arch == "amd64" => "v1".to_owned(),
        ".Amd64" | ".Mips" | ".Abi" => String::new(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(template: &str) -> Option<String> {
        let targets = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "armv7-unknown-linux-gnueabihf"];
        let targets = targets.map(|target| target.parse().unwrap());
        translated(template, &Given { project: "app", binary: "ap" }, &targets)
    }

    #[test]
    fn usual_names_become_placeholders() {
        let usual = "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}{{ with .Arm }}v{{ . }}{{ end }}";
        assert_eq!(name("{{ .Binary }}-{{ .Tag }}-{{ .Target }}").as_deref(), Some("ap-v{version}-{target}"));
        assert_eq!(name(usual).as_deref(), Some("app_{version}_{goos}_{goarch}"));
        assert_eq!(name(&usual.replace("{{ with .Arm }}v{{ . }}{{ end }}", "")), None);
        let targets = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"].map(|target| target.parse().unwrap());
        let given = Given { project: "app", binary: "ap" };
        assert_eq!(translated(usual, &given, &targets).as_deref(), Some("app_{version}_{goos}_{goarch}"));
        let titled = "{{ .ProjectName }}_{{- title .Os }}";
        assert_eq!(translated(titled, &given, &targets), None);
        assert_eq!(translated(titled, &given, &targets[..1]).as_deref(), Some("app_Linux"));
    }

    #[test]
    fn conditions_are_worked_out_for_each_target() {
        let processor = "{{ if eq .Arch \"amd64\" }}x86_64{{ else if eq .Arch \"arm64\" }}aarch64{{ else }}{{ .Arch }}{{ end }}";
        let targets = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"].map(|target| target.parse().unwrap());
        let given = Given { project: "app", binary: "ap" };
        assert_eq!(translated(processor, &given, &targets).as_deref(), Some("{arch}"));
        let nested = "{{ if not (eq .Os \"windows\") }}{{ .Os | tolower }}{{ end }}";
        assert_eq!(translated(nested, &given, &targets).as_deref(), Some("{goos}"));
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in [
            "{{",
            "{{ .Env.X }}",
            "{{ range .X }}a{{ end }}",
            "{{ if .Os }}",
            "{{ end }}",
            "{{ else }}",
            "{{ eq }}",
            "{{ \"a }}",
            "{{ ( }}",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
        assert_eq!(name(&"{{ if .Os }}".repeat(5000)), None);
        assert_eq!(name("a{b}").as_deref(), Some("a{{b}}"));
    }
}
