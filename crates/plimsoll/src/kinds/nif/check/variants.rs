//! `[nif.NAME.variant.*]`: more libraries for one target and NIF version, each with features, a processor or flags of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use plimsoll_model::NifScheme;
use plimsoll_model::{CpuLevel, Target, Want};
use plimsoll_pack::nif::Variant;

use super::Asked;
use crate::kinds::nif::table::VariantTable;
use crate::manifest::check::targets::listed;
use crate::manifest::check::{cpu, values};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::suggestion;
use crate::manifest::project::Core;
use crate::manifest::written::Written;

/// A variant that is sound.
pub(super) struct Variation {
    pub(super) name: Variant,
    /// Where its name is written.
    pub(super) place: Range<usize>,
    /// Turned on besides the core's.
    pub(super) features: Vec<String>,
    pub(super) cpu: Option<CpuLevel>,
    /// Added to the core's.
    pub(super) rustflags: Vec<String>,
    pub(super) targets: BTreeSet<Target>,
}

/// The variants of a table, in the order of their names.
pub(super) fn read(
    asked: Asked<'_>,
    scheme: NifScheme,
    core: &Core,
    wants: &BTreeMap<Target, Want>,
    out: &mut Diagnostics,
) -> Vec<Variation> {
    if let (NifScheme::ElixirMake, Some((name, _))) = (scheme, asked.own.variants.first()) {
        let message = format!("`nif.{}` has variants, and elixir_make has no name for one", asked.table.name.value);
        let unknown = Diagnostic::new("variant-without-name", &name.span, message);
        out.push(unknown.label("its users could not ask for it").hint("take it out, or use scheme = \"rustler_precompiled\""));
        return Vec::new();
    }
    let mut read = asked.own.variants.iter().filter_map(|(name, variant)| one(name, variant, core, wants, out)).collect::<Vec<_>>();
    read.sort_by(|a, b| a.name.cmp(&b.name));
    read
}

fn one(
    name: &Written<String>,
    table: &VariantTable,
    core: &Core,
    wants: &BTreeMap<Target, Want>,
    out: &mut Diagnostics,
) -> Option<Variation> {
    let parsed = name.value.parse::<Variant>().ok();
    if parsed.is_none() {
        let shown = name.value.chars().take(40).collect::<String>();
        let bad = Diagnostic::new("bad-variant", &name.span, format!("`{shown}` cannot be the name of a variant"));
        out.push(bad.label("an atom in Elixir").hint("letters, digits and `_`, no digit first"));
    }
    let level = cpu::read(table.cpu.as_ref(), out);
    if core.is_foreign() {
        only_cargo_has(table, out);
        let targets = targets(name, table, wants, out);
        let (features, rustflags) = (Vec::new(), Vec::new());
        return Some(Variation { name: parsed?, place: name.span.clone(), features, cpu: level, rustflags, targets });
    }
    let features = table.features.as_ref().map(|list| values::distinct(list, "feature", out)).unwrap_or_default();
    for written in table.features.iter().flat_map(|list| &list.value) {
        // `dependency/feature` is a dependency's matter, which cargo checks.
        if !core.features_known.contains(&written.value) && !written.value.contains('/') {
            let shown = written.value.chars().take(80).collect::<String>();
            let unknown = Diagnostic::new("unknown-feature", &written.span, format!("the core `{}` has no feature `{shown}`", core.name));
            let hint = suggestion(&written.value, "features", core.features_known.iter().map(String::as_str));
            out.push(unknown.label("no such feature").maybe_hint(hint));
        }
    }
    let flags = table.rustflags.iter().flat_map(|flags| &flags.value);
    let rustflags = flags.filter(|flag| values::filled(flag, "rustflags", "an empty flag", out)).map(|flag| flag.value.clone());
    let rustflags = rustflags.collect::<Vec<_>>();
    if features.is_empty() && table.cpu.is_none() && table.rustflags.is_none() {
        let message = format!("the variant `{}` differs in nothing from the library itself", name.value);
        let same = Diagnostic::new("empty-variant", &name.span, message);
        out.push(same.label("the same library under two names").hint("give it `features`, `cpu` or `rustflags`"));
    }
    let targets = targets(name, table, wants, out);
    Some(Variation { name: parsed?, place: name.span.clone(), features, cpu: level, rustflags, targets })
}

/// Keys that mean nothing to a command, which finds the variant's name.
fn only_cargo_has(table: &VariantTable, out: &mut Diagnostics) {
    for (key, list) in [("features", &table.features), ("rustflags", &table.rustflags)] {
        if let Some(list) = list {
            let message = format!("`{key}` does nothing in a variant of what a `command` leaves");
            let only = Diagnostic::new("only-for-cargo", &list.span, message).label("for cargo only");
            out.push(only.hint("the command finds the variant's name in `PLIMSOLL_VARIANT`"));
        }
    }
}

/// Its own targets, each of which must be one of the library's; with a processor those of that processor.
fn targets(name: &Written<String>, table: &VariantTable, wants: &BTreeMap<Target, Want>, out: &mut Diagnostics) -> BTreeSet<Target> {
    let fits = |target: &Target| table.cpu.is_none() || target.arch() == "x86_64";
    let Some(list) = &table.targets else {
        let found = wants.keys().filter(|target| fits(target)).cloned().collect::<BTreeSet<_>>();
        if found.is_empty() {
            out.push(for_nobody(name, &name.span));
        }
        return found;
    };
    let mut found = BTreeSet::new();
    for (target, written) in listed(list, out) {
        if !wants.contains_key(&target) {
            let message = format!("the variant `{}` is for {target}, which the library is not for", name.value);
            let other = Diagnostic::new("target-not-in-library", &written.span, message);
            out.push(
                other
                    .label("not a target of the library")
                    .hint(format!("the library's targets: {}", wants.keys().map(Target::as_str).collect::<Vec<_>>().join(", "))),
            );
        } else if !fits(&target) {
            let message = format!("`cpu` of the variant `{}` is a level of x86-64, and {target} is another processor", name.value);
            let other = Diagnostic::new("cpu-of-another", &written.span, message);
            out.push(other.label("has no such level").hint("take the target out: without `targets` it is those of x86_64"));
        } else if !found.insert(target.clone()) {
            out.push(Diagnostic::new("duplicate-target", &written.span, format!("the target {target} is named twice")));
        }
    }
    if list.value.is_empty() {
        out.push(for_nobody(name, &list.span));
    }
    found
}

fn for_nobody(name: &Written<String>, span: &Range<usize>) -> Diagnostic {
    Diagnostic::new("variant-without-target", span, format!("the variant `{}` is for no target", name.value))
        .label("nothing would be shipped")
}
