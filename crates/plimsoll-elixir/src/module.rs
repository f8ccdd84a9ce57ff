//! Finds the modules of a source, and in them what is used with which options.

use std::collections::BTreeMap;

use super::expression::{Expression, Member, Value};
use super::location::{ElixirError, Location, Read};
use super::parse::{Parser, Until};
use super::scope::{Resolver, Scope};
use super::tokens::{Kind, Token, tokens};

/// A module that says `use RustlerPrecompiled`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precompiled {
    /// Its name.
    pub module: String,
    /// Where it says so.
    pub at: Location,
    /// `otp_app:`.
    pub otp_app: Read<String>,
    /// `crate:`; where absent, it is called like the application.
    pub crate_name: Read<String>,
    /// `base_url:`, names in it replaced by what they stand for.
    pub base_url: Read<String>,
    /// The function that gives it, if one does.
    pub url_by: Option<String>,
    /// `version:`.
    pub version: Read<String>,
    /// `targets:`.
    pub targets: Read<Vec<String>>,
    /// `nif_versions:`.
    pub nif_versions: Read<Vec<String>>,
    /// `variants:` by target.
    pub variants: Read<BTreeMap<String, Vec<String>>>,
    /// `path:` of the crate, where it is not `native/` and its name.
    pub path: Read<String>,
    /// Where `force_build:` stands; what it comes to depends on the user's machine.
    pub force_build: Option<Location>,
    /// Whether it comes to something that has a machine compile which sets no variable; unknown is no.
    pub forces_build: bool,
}

/// One `use`.
#[derive(Debug)]
pub(super) struct Use {
    pub module: String,
    pub used: String,
    pub at: Location,
    pub options: Vec<Member>,
    /// Options that are one expression, such as `@options`.
    pub whole: Option<Expression>,
    /// Which of the modules it stands in.
    pub scope: usize,
}

/// All modules of a source.
#[derive(Debug, Default)]
pub(super) struct Modules {
    pub uses: Vec<Use>,
    pub scopes: Vec<Scope>,
}

enum Frame {
    Module { name: String, scope: usize },
    Block,
}

/// Reads the modules of a source that say `use RustlerPrecompiled`, in their order. `project` is what [`MixProject`](super::MixProject) knows under
/// the keys of its configuration, for `Mix.Project.config()[:version]`.
///
/// # Errors
/// The source ends in the middle of something.
pub fn read_modules(file: &str, text: &str, project: &BTreeMap<String, String>) -> Result<Vec<Precompiled>, ElixirError> {
    let modules = scan(file, text)?;
    let precompiled = modules.uses.iter().filter(|used| used.used == "RustlerPrecompiled");
    Ok(precompiled.map(|used| precompiled_of(file, text, used, &modules, project)).collect())
}

fn precompiled_of(file: &str, text: &str, used: &Use, modules: &Modules, project: &BTreeMap<String, String>) -> Precompiled {
    let resolver = Resolver { file, text, scope: &modules.scopes[used.scope], project };
    let options = match &used.whole {
        Some(whole) => resolver.follow(whole, 8).value.clone(),
        None => Value::List(used.options.clone()),
    };
    // Options that are no list: whatever they come to, none of them can be read.
    let unread = used.whole.as_ref().filter(|_| !matches!(options, Value::List(_)));
    let get = |key: &str| unread.or_else(|| options.get(key));
    Precompiled {
        module: used.module.clone(),
        at: used.at.clone(),
        otp_app: resolver.read_text(get("otp_app")),
        crate_name: resolver.read_text(get("crate")),
        base_url: resolver.read_url(get("base_url")),
        url_by: None,
        version: resolver.read_text(get("version")),
        targets: resolver.read_list(get("targets")),
        nif_versions: resolver.read_list(get("nif_versions")),
        variants: resolver.read_variants(get("variants")),
        path: resolver.read_text(get("path")),
        force_build: get("force_build").map(|expression| resolver.place(expression)),
        forces_build: false,
    }
}

/// Goes through a source once.
pub(super) fn scan(file: &str, text: &str) -> Result<Modules, ElixirError> {
    let tokens = tokens(file, text)?;
    let mut scanner = Scanner { file, text, tokens: &tokens, at: 0, frames: Vec::new(), modules: Modules::default() };
    while scanner.at < tokens.len() {
        scanner.step()?;
    }
    Ok(scanner.modules)
}

struct Scanner<'source> {
    file: &'source str,
    text: &'source str,
    tokens: &'source [Token],
    at: usize,
    frames: Vec<Frame>,
    modules: Modules,
}

impl<'source> Scanner<'source> {
    fn kind(&self, ahead: usize) -> Option<&'source Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    fn parser(&self, ahead: usize) -> Parser<'source> {
        Parser::new(self.file, self.text, self.tokens, self.at + ahead)
    }

    /// The innermost module, and whether this place is right in its body.
    fn module(&self) -> Option<(&str, usize, bool)> {
        let depth = self.frames.iter().rev().position(|frame| matches!(frame, Frame::Module { .. }))?;
        let Frame::Module { name, scope } = &self.frames[self.frames.len() - 1 - depth] else { return None };
        Some((name, *scope, depth == 0))
    }

    fn step(&mut self) -> Result<(), ElixirError> {
        let is_field = self.at > 0 && self.tokens[self.at - 1].kind == Kind::Sign(".");
        match self.kind(0) {
            Some(Kind::Name(name)) if !is_field => match name.as_str() {
                "defmodule" => return self.defmodule(),
                "do" | "fn" => self.frames.push(Frame::Block),
                "end" => {
                    self.frames.pop();
                }
                "use" => self.used()?,
                "def" | "defp" => self.function()?,
                name => self.variable(name)?,
            },
            Some(Kind::Sign("@")) => self.attribute()?,
            _ => {}
        }
        self.at += 1;
        Ok(())
    }

    /// `defmodule A.B do`; a name inside of another module is put behind that one's.
    fn defmodule(&mut self) -> Result<(), ElixirError> {
        self.at += 1;
        let mut parser = self.parser(0);
        let name = parser.expression(Until::Line)?;
        let Value::Alias(name) = name.value else { return Ok(()) };
        let before = self.at;
        self.at = parser.at;
        if !matches!(self.kind(0), Some(Kind::Name(word)) if word == "do") {
            self.at = before;
            return Ok(());
        }
        let name = match self.module() {
            Some((outer, ..)) if !name.starts_with("Elixir.") => format!("{outer}.{name}"),
            _ => name.trim_start_matches("Elixir.").to_owned(),
        };
        self.modules.scopes.push(Scope::default());
        self.frames.push(Frame::Module { name, scope: self.modules.scopes.len() - 1 });
        self.at += 1;
        Ok(())
    }

    fn used(&mut self) -> Result<(), ElixirError> {
        let Some((module, scope, _)) = self.module() else { return Ok(()) };
        let (module, start) = (module.to_owned(), self.tokens[self.at].span.start);
        let mut parser = self.parser(1);
        let bracketed = parser.take("(");
        let until = if bracketed { Until::Bracket } else { Until::Line };
        let Value::Alias(used) = parser.expression(until)?.value else { return Ok(()) };
        let (mut options, mut whole) = (Vec::new(), None);
        while parser.take(",") {
            parser.skip_lines();
            let member = parser.member(until)?;
            match (&member.key, &member.value.value) {
                (None, Value::List(members)) => options.extend(members.clone()),
                (None, _) => whole = Some(member.value),
                (Some(_), _) => options.push(member),
            }
        }
        let at = Location::of(self.file, self.text, start);
        self.modules.uses.push(Use { module, used, at, options, whole, scope });
        Ok(())
    }

    /// `@name value`, right in a module's body.
    fn attribute(&mut self) -> Result<(), ElixirError> {
        let Some((_, scope, true)) = self.module() else { return Ok(()) };
        let Some(Kind::Name(name)) = self.kind(1) else { return Ok(()) };
        let adjoins = self.tokens.get(self.at + 2).is_some_and(|token| token.span.start > self.tokens[self.at + 1].span.end);
        let is_read =
            !adjoins || matches!(self.kind(2), None | Some(Kind::Line | Kind::Sign("," | ")" | "]" | "}" | "<>" | "++" | "|>" | "|")));
        if !is_read {
            let value = self.parser(2).expression(Until::Line)?;
            self.modules.scopes[scope].attributes.entry(name.clone()).or_default().push(value);
        }
        self.at += 1;
        Ok(())
    }

    /// `name = value`, right in a module's body.
    fn variable(&mut self, name: &str) -> Result<(), ElixirError> {
        if let (Some((_, scope, true)), Some(Kind::Sign("="))) = (self.module(), self.kind(1)) {
            let mut parser = self.parser(2);
            parser.skip_lines();
            let value = parser.expression(Until::Line)?;
            self.modules.scopes[scope].variables.entry(name.to_owned()).or_default().push(value);
        }
        Ok(())
    }

    /// `def name do value end`, or `def name, do: value`, without arguments.
    fn function(&mut self) -> Result<(), ElixirError> {
        let Some((_, scope, _)) = self.module() else { return Ok(()) };
        let Some(Kind::Name(name)) = self.kind(1) else { return Ok(()) };
        let mut parser = self.parser(2);
        if parser.take("(") && !parser.take(")") {
            return Ok(());
        }
        let one_line = parser.take(",");
        parser.skip_lines();
        let is_body = match parser.kind() {
            Some(Kind::Key(key)) => one_line && key == "do",
            Some(Kind::Name(word)) => !one_line && word == "do",
            _ => false,
        };
        if !is_body {
            return Ok(());
        }
        parser.at += 1;
        parser.skip_lines();
        let body = parser.expression(Until::Line)?;
        parser.skip_lines();
        let is_alone = one_line || matches!(parser.kind(), Some(Kind::Name(word)) if word == "end");
        let functions = &mut self.modules.scopes[scope].functions;
        let before = functions.insert(name.clone(), is_alone.then_some(body));
        if before.is_some() {
            functions.insert(name.clone(), None);
        }
        self.at += 1;
        Ok(())
    }
}
