//! Puts what was evaluated in place of what was read from the text, whose places stay.

use std::collections::BTreeMap;

use super::{ARCHIVE, Evaluated, Mix, Module, Told};
use crate::location::{Location, Read};
use crate::mix::{MakeSettings, MixDependency, MixProject};
use crate::module::Precompiled;
use crate::project::{ElixirProject, RustlerModule, Teller};

/// Longer names and URLs than any real one are cut.
const MOST_TEXT: usize = 4096;
/// Modules, dependencies and the like that are looked at.
const MOST: usize = 1000;

impl ElixirProject {
    /// The same with what Elixir says of it.
    #[must_use]
    pub fn evaluated(mut self, evaluated: &Evaluated) -> Self {
        self.teller = Teller::Elixir(cut(&evaluated.elixir));
        if let Some(mix) = &evaluated.mix {
            match &mix.error {
                Some(error) => self.not_evaluated.push(("mix.exs".to_owned(), cut(error))),
                None => {
                    self.unreadable.retain(|reason| !reason.starts_with("mix.exs:"));
                    self.mix = Some(mix.project(self.mix.take()));
                }
            }
        }
        // What the text takes for one, such as code that is quoted for others.
        self.modules.retain(|known| evaluated.modules.iter().any(|module| module.is(known)));
        for module in evaluated.modules.iter().take(MOST) {
            let known = self.modules.iter().position(|known| module.is(known));
            let (None, Some(name)) = (&module.error, &module.module) else {
                let place = format!("{}:{}", module.file, module.line);
                self.not_evaluated.push((place, cut(module.error.as_deref().unwrap_or("its options are not known"))));
                continue;
            };
            if module.user == "Rustler" {
                let named = module.crate_name.as_ref().or(module.otp_app.as_ref()).and_then(Told::value).map(|name| cut(name));
                self.rustler.retain(|known| known.module != *name);
                self.rustler.push(RustlerModule { module: cut(name), crate_name: named });
                continue;
            }
            match known {
                Some(at) => self.modules[at] = module.options(Some(&self.modules[at])),
                None if self.modules.iter().any(|known| known.module == *name) => {}
                None => self.modules.push(module.options(None)),
            }
        }
        // Modules that are told under their own names once.
        let mut seen = std::collections::BTreeSet::new();
        self.modules.retain(|module| seen.insert(module.module.clone()));
        self
    }
}

impl Module {
    /// Whether the text has it too.
    fn is(&self, known: &Precompiled) -> bool {
        let same_place = known.at.file == self.file && known.at.line == self.line;
        same_place || (known.at.file == self.file && self.module.as_ref() == Some(&known.module))
    }

    fn options(&self, text: Option<&Precompiled>) -> Precompiled {
        let at = text.map_or_else(|| Location { file: self.file.clone(), line: self.line, column: 1 }, |text| text.at.clone());
        let place = |read: Option<&Location>| read.unwrap_or(&at).clone();
        let base_url = match &self.base_url {
            Some(Told::Value(url)) if self.url_by.is_some() => self.url_of_function(url),
            other => other.clone(),
        };
        let url_at = place(text.and_then(|text| text.base_url.at()));
        let base_url = match (&self.url_error, &self.url_by) {
            (Some(error), Some(by)) => Read::NotLiteral { at: url_at, written: cut(&format!("{by}: {error}")) },
            _ => read(base_url.as_ref(), url_at),
        };
        Precompiled {
            module: self.module.as_deref().map(cut).unwrap_or_default(),
            otp_app: read(self.otp_app.as_ref(), place(text.and_then(|text| text.otp_app.at()))),
            crate_name: read(self.crate_name.as_ref(), place(text.and_then(|text| text.crate_name.at()))),
            base_url,
            url_by: self.url_by.as_deref().map(cut),
            version: read(self.version.as_ref(), place(text.and_then(|text| text.version.at()))),
            targets: read(self.targets.as_ref(), place(text.and_then(|text| text.targets.at()))),
            nif_versions: read(self.nif_versions.as_ref(), place(text.and_then(|text| text.nif_versions.at()))),
            variants: read(self.variants.as_ref(), place(text.and_then(|text| text.variants.at()))),
            path: read(self.path.as_ref(), place(text.and_then(|text| text.path.at()))),
            force_build: self.force_build.as_ref().map(|_| place(text.and_then(|text| text.force_build.as_ref()))),
            forces_build: self.forces_build,
            at,
        }
    }

    /// A function is asked for the URL of a whole file.
    fn url_of_function(&self, url: &str) -> Option<Told<String>> {
        let folder = url.strip_suffix(ARCHIVE).and_then(|front| front.strip_suffix('/'));
        let other = || Told::Other { other: format!("{url}, which does not end in /{ARCHIVE}, the file's name") };
        Some(folder.map_or_else(other, |folder| Told::Value(folder.to_owned())))
    }
}

impl Mix {
    fn project(&self, text: Option<MixProject>) -> MixProject {
        let start = || Location { file: "mix.exs".to_owned(), line: 1, column: 1 };
        let at = text.as_ref().map_or_else(start, |text| text.at.clone());
        let place = |read: Option<&Location>| read.unwrap_or(&at).clone();
        let of = |get: fn(&MixProject) -> Option<&Location>| place(text.as_ref().and_then(get));
        let files_at = text.as_ref().and_then(|text| text.files.at().or(text.package.as_ref()));
        let mut texts = BTreeMap::new();
        for (key, told) in [("app", &self.app), ("version", &self.version), ("source_url", &self.source_url)] {
            texts.extend(told.as_ref().and_then(Told::value).map(|value| (key.to_owned(), cut(value))));
        }
        let links = self.links.iter().take(MOST).map(|(name, url)| (cut(name), cut(url))).collect::<BTreeMap<_, _>>();
        texts.extend(links.iter().map(|(name, url)| (format!("package.links.{name}"), url.clone())));
        let written_url = text.as_ref().and_then(|text| text.source_url.clone());
        let deps = self.deps.iter().take(MOST).map(|dep| MixDependency {
            app: cut(&dep.app),
            requirement: dep.requirement.as_ref().and_then(Told::value).map(|requirement| cut(requirement)),
            is_optional: dep.optional,
            is_partial: dep.only,
            is_local: dep.local,
        });
        MixProject {
            app: read(self.app.as_ref(), of(|text| text.app.at())),
            version: read(self.version.as_ref(), of(|text| text.version.at())),
            elixir: self.elixir.as_ref().and_then(Told::value).map(|requirement| cut(requirement)),
            apps_path: self.apps_path.as_ref().and_then(Told::value).map(|path| cut(path)),
            files: read(self.files.as_ref(), place(files_at)),
            package: self.has_package.then(|| of(|text| text.package.as_ref())),
            make: MakeSettings {
                precompiler: self.has_precompiler.then(|| of(|text| text.make.precompiler.as_ref())),
                url: read(self.make_url.as_ref(), of(|text| text.make.url.at())),
                filename: read(self.make_filename.as_ref(), of(|text| text.make.filename.at())),
                nif_versions: read(self.make_nif_versions.as_ref(), of(|text| text.make.nif_versions.at())),
            },
            source_url: texts.get("source_url").cloned().or(written_url).or_else(|| repository(&links)),
            links,
            extras: self.extras.iter().take(MOST).map(|path| cut(path)).collect(),
            deps: Some(deps.collect()),
            texts,
            at,
        }
    }
}

/// The link that shows a repository, by the names that packages give it.
fn repository(links: &BTreeMap<String, String>) -> Option<String> {
    let named = |name: &&String| ["github", "gitlab", "codeberg", "source", "repository"].contains(&name.to_ascii_lowercase().as_str());
    links.keys().find(named).and_then(|name| links.get(name)).cloned()
}

impl<T> Told<T> {
    fn value(&self) -> Option<&T> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

fn read<T: Clone>(told: Option<&Told<T>>, at: Location) -> Read<T> {
    match told {
        None => Read::Absent,
        Some(Told::Value(value)) => Read::Found { value: value.clone(), at },
        Some(Told::Other { other }) => Read::Unfit { at, found: cut(other) },
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MOST_TEXT).collect()
}
