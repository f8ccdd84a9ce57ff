//! Text → [`Manifest`]: which keys there are and of what type. Must not judge values: that is the business of `check`.

mod given;
mod publish;
mod roots;
mod versions;

use plimsoll_pack::Kind;
use toml::de::{DeTable, DeValue};

use super::MAX_SIZE;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::reader::{Table, Value, integer, string, string_table, strings, type_name, wrong_type};
use super::written::{
    ArtifactTable, CoreTable, Expect, Files, GateEntry, GenerateTable, Manifest, ProbeTable, Probes, Run, TargetTable, TestTable, Timeout,
    Written,
};
use crate::kinds::{self, KindTable};

/// The manifest in `text`, as far as it can be read; none when it is not TOML.
pub(crate) fn decode(text: &str, out: &mut Diagnostics) -> Option<Manifest> {
    if text.len() > MAX_SIZE {
        out.push(Diagnostic::new("too-large", &(0..0), format!("the manifest has {} bytes; at most {MAX_SIZE} are read", text.len())));
        return None;
    }
    // Only the first: what comes after a lost bracket is mostly its echo.
    match DeTable::parse(text) {
        Ok(document) => Some(manifest(document.get_ref(), out)),
        Err(error) => {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            out.push(Diagnostic::new("syntax", &error.span().unwrap_or(0..0), message));
            None
        }
    }
}

fn manifest(entries: &DeTable<'_>, out: &mut Diagnostics) -> Manifest {
    let mut top = Table::top(entries);
    let mut manifest = Manifest {
        name: top.string("name", out),
        version: version(&mut top, entries, out),
        epoch: top.integer("epoch", out),
        targets: top.strings("targets", out),
        planned: top.string_table("planned", out),
        deferred: top.string_table("deferred", out),
        ..Manifest::default()
    };
    if let Some(value) = entries.get("version").filter(|value| value.get_ref().is_table()) {
        manifest.versions = top.table("version", "version", out).map(|table| versions::table(value.span(), table, out));
    }
    manifest.target = top.tables("target", "target.TARGET", out).into_iter().map(|(name, table)| (name, target(table, out))).collect();
    manifest.root = top.tables("root", "root.NAME", out).into_iter().map(|(name, table)| (name, roots::root(table, out))).collect();
    manifest.core = top.tables("core", "core.NAME", out).into_iter().map(|(name, table)| (name, core(table, out))).collect();
    for kind in Kind::ALL.iter().copied() {
        let tables = top.tables(kind.as_str(), kinds::keys(kind).place, out);
        manifest.artifacts.extend(tables.into_iter().map(|(name, table)| kinds::decode(kind, name, table, out)));
    }
    manifest.generate =
        top.tables("generate", "generate.NAME", out).into_iter().map(|(name, table)| (name, generate(table, out))).collect();
    manifest.prebuilt =
        top.tables("prebuilt", "prebuilt.NAME", out).into_iter().map(|(name, table)| (name, given::prebuilt(table, out))).collect();
    manifest.previous_from = top.table("previous", "previous", out).and_then(|table| given::previous(table, out));
    manifest.test = top.tables("test", "test.NAME", out).into_iter().map(|(name, table)| (name, test(table, out))).collect();
    if let Some(mut table) = top.table("gates", "gates", out) {
        manifest.before = gates(&mut table, "before", out);
        manifest.after = gates(&mut table, "after", out);
        table.finish(out);
    }
    if let Some(mut table) = top.table("publish", "publish", out) {
        if let Some(mut folder) = table.table("folder", "publish.folder", out) {
            manifest.publish_folder = folder.string("path", out);
            folder.finish(out);
        }
        manifest.publish_pypi = table.take("pypi").and_then(|pypi| publish::pypi(pypi, out));
        table.finish(out);
    }
    top.finish(out);
    manifest
}

/// `version` as a string; the table of that name is read apart.
fn version(top: &mut Table<'_, '_>, entries: &DeTable<'_>, out: &mut Diagnostics) -> Option<Written<String>> {
    match entries.get("version").map(|value| value.get_ref()) {
        Some(DeValue::Table(_)) => None,
        _ => top.string("version", out),
    }
}

fn target(mut table: Table<'_, '_>, out: &mut Diagnostics) -> TargetTable {
    let read = TargetTable {
        glibc: table.string("glibc", out),
        macos: table.string("macos", out),
        builder: table.string("builder", out),
        roots: table.strings("roots", out),
        native: table.boolean("native", out),
    };
    table.finish(out);
    read
}

fn core(mut table: Table<'_, '_>, out: &mut Diagnostics) -> CoreTable {
    let read = CoreTable {
        path: table.string("path", out),
        package: table.string("package", out),
        binaries: table.strings("binaries", out),
        features: table.strings("features", out),
        default_features: table.boolean("default-features", out),
        profile: table.string("profile", out),
        cpu: table.string("cpu", out),
        strip: table.string("strip", out),
        rustflags: table.strings("rustflags", out),
        env: table.string_table("env", out),
        inputs: table.strings("inputs", out),
        system: table.strings("system", out),
        command: table.string("command", out),
        output: table.string("output", out),
        embed: table.string_table("embed", out),
    };
    table.finish(out);
    read
}

/// The keys of an artifact's table that decide what it is made of and for.
pub(crate) fn artifact(name: Written<String>, table: &mut Table<'_, '_>, own: KindTable, out: &mut Diagnostics) -> ArtifactTable {
    let mut read = ArtifactTable::new(name, own);
    read.core = table.string("core", out);
    read.targets = table.strings("targets", out);
    read.planned = table.string_table("planned", out);
    read.deferred = table.string_table("deferred", out);
    read
}

/// `command` and `output` of a kind that the project's own command may leave as users get it.
pub(crate) fn foreign_of(read: &mut ArtifactTable, table: &mut Table<'_, '_>, out: &mut Diagnostics) {
    read.command = table.string("command", out);
    read.output = table.string("output", out);
}

fn generate(mut table: Table<'_, '_>, out: &mut Diagnostics) -> GenerateTable {
    let read = GenerateTable {
        run: table.take("run").and_then(|value| run(&table.place("run"), value, out)),
        core: table.string("core", out),
        command: table.string("command", out),
        build_script: table.string("build-script", out),
        output: table.string("output", out),
    };
    table.finish(out);
    read
}

/// The same with `cpu`, of a kind that is for a processor.
pub(crate) fn foreign_with_level_of(read: &mut ArtifactTable, table: &mut Table<'_, '_>, out: &mut Diagnostics) {
    foreign_of(read, table, out);
    read.cpu = table.string("cpu", out);
}

fn test(mut table: Table<'_, '_>, out: &mut Diagnostics) -> TestTable {
    let read = TestTable {
        install: table.strings("install", out),
        roots: table.strings("roots", out),
        given: table.string_table("given", out),
        previous: table.boolean("previous", out),
        requirements: table.strings("requirements", out),
        files: table.strings("files", out),
        after: table.strings("after", out),
        run: table.take("run").and_then(|value| run(&table.place("run"), value, out)),
        probe: probes_of(&mut table, out),
    };
    table.finish(out);
    read
}

/// `files`.
pub(crate) fn files_of(table: &mut Table<'_, '_>, out: &mut Diagnostics) -> Option<Written<Files>> {
    table.take("files").and_then(|value| files(&table.place("files"), value, out))
}

/// `probe`.
pub(crate) fn probes_of(table: &mut Table<'_, '_>, out: &mut Diagnostics) -> Option<Probes> {
    table.take("probe").and_then(|value| probes(&table.place("probe"), value, out))
}

/// `timeout`.
pub(crate) fn timeout_of(table: &mut Table<'_, '_>, out: &mut Diagnostics) -> Option<Written<Timeout>> {
    table.take("timeout").and_then(|value| timeout(&table.place("timeout"), value, out))
}

fn files(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<Files>> {
    let read = match value.get_ref() {
        DeValue::Array(_) => Files::Kept(strings(place, value, out)?.value),
        DeValue::Table(_) => Files::Placed(string_table(place, value, out)),
        _ => {
            wrong_type(place, "an array of strings or a table of strings", value, out);
            return None;
        }
    };
    Some(Written { value: read, span: value.span() })
}

fn probes(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Probes> {
    let list = match value.get_ref() {
        DeValue::Table(_) => probe(place, value, out).into_iter().collect(),
        DeValue::Array(array) => {
            let read = array.iter().map(|item| probe(place, item, out)).collect::<Vec<_>>();
            read.into_iter().collect::<Option<Vec<_>>>()?
        }
        _ => {
            wrong_type(place, "a table or an array of tables", value, out);
            return None;
        }
    };
    Some(Probes { span: value.span(), list })
}

fn probe(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<ProbeTable> {
    let mut table = Table::of("KIND.NAME.probe", place.to_owned(), value, out)?;
    let read = ProbeTable {
        span: value.span(),
        name: table.string("name", out),
        run: table.take("run").and_then(|value| run(&table.place("run"), value, out)),
        script: table.string("script", out),
        env: table.string_table("env", out),
        setup: table.string("setup", out),
        tty: table.boolean("tty", out),
        until: table.string("until", out),
        timeout: timeout_of(&mut table, out),
        expect: table.take("expect").and_then(|value| expect(&table.place("expect"), value, out)),
    };
    table.finish(out);
    Some(read)
}

fn run(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<Run>> {
    let read = match value.get_ref() {
        DeValue::String(line) => Run::Line(line.to_string()),
        DeValue::Array(_) => Run::Words(strings(place, value, out)?.value),
        _ => {
            wrong_type(place, "a string or an array of strings", value, out);
            return None;
        }
    };
    Some(Written { value: read, span: value.span() })
}

fn timeout(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<Timeout>> {
    let read = match value.get_ref() {
        DeValue::String(text) => Timeout::Text(text.to_string()),
        DeValue::Integer(_) => Timeout::Seconds(integer(place, value, out)?.value),
        _ => {
            wrong_type(place, "seconds as an integer, or a string such as \"30s\" or \"2m\"", value, out);
            return None;
        }
    };
    Some(Written { value: read, span: value.span() })
}

fn expect(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<Expect>> {
    let read = match value.get_ref() {
        DeValue::String(_) => Expect { status: None, output: string(place, value, out) },
        DeValue::Table(_) => {
            let mut table = Table::of("KIND.NAME.probe.expect", place.to_owned(), value, out)?;
            let read = Expect { status: table.integer("status", out), output: table.string("output", out) };
            table.finish(out);
            read
        }
        _ => {
            let wrong =
                Diagnostic::new("wrong-type", &value.span(), format!("`{place}` must be a string or a table of `status` and `output`"));
            let status = value.get_ref().is_integer().then(|| "an exit status is written { status = … }".to_owned());
            out.push(wrong.label(format!("this is {}", type_name(value.get_ref()))).maybe_hint(status));
            return None;
        }
    };
    Some(Written { value: read, span: value.span() })
}

/// Gates keep the order of the document, which is why they are pairs in an array and not a table.
fn gates(table: &mut Table<'_, '_>, key: &'static str, out: &mut Diagnostics) -> Vec<GateEntry> {
    let place = table.place(key);
    let Some(value) = table.take(key) else {
        return Vec::new();
    };
    let DeValue::Array(array) = value.get_ref() else {
        wrong_type(&place, "an array of [\"name\", \"command\"] pairs", value, out);
        return Vec::new();
    };
    array.iter().filter_map(|item| gate(&place, item, out)).collect()
}

fn gate(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<GateEntry> {
    if let DeValue::Array(pair) = value.get_ref() {
        let mut strings = pair.iter().filter(|item| item.get_ref().is_str());
        if let (2, Some(name), Some(command)) = (pair.len(), strings.next(), strings.next()) {
            return Some(GateEntry { name: string(place, name, out)?, command: string(place, command, out)? });
        }
    }
    let wrong = Diagnostic::new("wrong-type", &value.span(), format!("a gate in `{place}` must be a pair [\"name\", \"command\"]"));
    let found = match value.get_ref() {
        DeValue::Array(_) => "this is an array, but not of two strings".to_owned(),
        other => format!("this is {}", type_name(other)),
    };
    out.push(wrong.label(found));
    None
}
