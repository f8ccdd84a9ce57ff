//! One source file → what the rules look at: paths and macros that shipped code mentions, and the lengths of things.
//!
//! Code that is only compiled for tests is passed over. Must not know any rule.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A path, macro or method that code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// What it is.
    pub kind: Kind,
    /// Its segments: `std`, `fs`, `read`. A glob import ends in `*`. Macros and methods have one.
    pub segments: Vec<String>,
    /// From 1.
    pub line: usize,
    /// Inline modules around it, below the file's own module.
    pub inside: Vec<String>,
}

/// Kinds of mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A path in an expression, type, pattern or import.
    Path,
    /// A macro that is called.
    Macro,
    /// A method that is called.
    Method,
}

/// A function and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where it begins, from 1.
    pub line: usize,
    /// Lines from signature to closing brace.
    pub lines: usize,
}

/// What one file holds.
#[derive(Debug)]
pub struct Source {
    /// Path from the root of the workspace, with `/`.
    pub path: String,
    /// The text.
    pub text: String,
    /// What shipped code names, in document order.
    pub mentions: Vec<Mention>,
    /// Strings of shipped code, each with its line.
    pub strings: Vec<(String, usize)>,
    /// Functions of shipped code.
    pub functions: Vec<Function>,
    /// Whether the file begins with a comment about the module.
    pub introduced: bool,
}

impl Source {
    /// Reads Rust.
    ///
    /// # Errors
    /// Where it does not parse.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        let file = syn::parse_file(text).map_err(|error| format!("{path}:{}: {error}", error.span().start().line))?;
        let mut scan = Scan::default();
        scan.visit_file(&file);
        let introduced = file.attrs.first().is_some_and(|attribute| attribute.path().is_ident("doc"));
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            mentions: scan.mentions,
            strings: scan.strings,
            functions: scan.functions,
            introduced,
        })
    }

    /// Number of lines.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }
}

#[derive(Default)]
struct Scan {
    mentions: Vec<Mention>,
    strings: Vec<(String, usize)>,
    functions: Vec<Function>,
    inside: Vec<String>,
}

impl Scan {
    fn add(&mut self, kind: Kind, segments: Vec<String>, line: usize) {
        self.mentions.push(Mention { kind, segments, line, inside: self.inside.clone() });
    }

    fn function(&mut self, name: &syn::Ident, whole: proc_macro2::Span) {
        let (first, last) = (whole.start().line, whole.end().line);
        self.functions.push(Function { name: name.to_string(), line: first, lines: last + 1 - first });
    }

    fn use_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&path.tree, &with(path.ident.to_string())),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(item, before)),
            syn::UseTree::Name(name) if name.ident == "self" => self.add(Kind::Path, before.to_vec(), name.span().start().line),
            syn::UseTree::Rename(name) if name.ident == "self" => self.add(Kind::Path, before.to_vec(), name.span().start().line),
            syn::UseTree::Name(name) => self.add(Kind::Path, with(name.ident.to_string()), name.span().start().line),
            syn::UseTree::Rename(name) => self.add(Kind::Path, with(name.ident.to_string()), name.span().start().line),
            syn::UseTree::Glob(glob) => self.add(Kind::Path, with("*".to_owned()), glob.span().start().line),
        }
    }

    /// Paths in the arguments of a macro, which are tokens and nothing more.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 && !path.is_empty() {
                        let ended = std::mem::take(&mut path);
                        self.add(Kind::Path, ended, line);
                    }
                    line = ident.span().start().line;
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && (punct.spacing() == Spacing::Joint || colons == 1) => {
                    colons += 1;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == '!' && path.len() == 1 => {
                    let name = std::mem::take(&mut path);
                    self.add(Kind::Macro, name, line);
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(string) = syn::Lit::new(literal) {
                        self.strings.push((string.value(), string.span().start().line));
                    }
                }
                TokenTree::Punct(_) => {}
            }
            if !path.is_empty() {
                let ended = std::mem::take(&mut path);
                self.add(Kind::Path, ended, line);
            }
            colons = 0;
        }
        if !path.is_empty() {
            self.add(Kind::Path, path, line);
        }
    }
}

/// Whether attributes keep an item out of what is shipped.
fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string(),
            syn::Meta::Path(path) => return path.is_ident("test"),
            _ => return false,
        };
        let words = condition.split(|c: char| !c.is_alphanumeric()).collect::<Vec<_>>();
        words.contains(&"test") && !words.contains(&"not") && !words.contains(&"any")
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Scan {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.inside.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, &[]);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig.ident, function.sig.span().join(function.block.span()).unwrap_or_else(|| function.span()));
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if for_tests(&function.attrs) {
            return;
        }
        self.function(&function.sig.ident, function.sig.span().join(function.block.span()).unwrap_or_else(|| function.span()));
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(Kind::Path, segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        if let Some(name) = called.path.segments.last() {
            self.add(Kind::Macro, vec![name.ident.to_string()], called.span().start().line);
        }
        self.tokens(called.tokens.clone());
    }

    fn visit_lit_str(&mut self, string: &'ast syn::LitStr) {
        self.strings.push((string.value(), string.span().start().line));
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let asks =
            matches!(&*call.func, syn::Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "is_terminal"));
        if !asks {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.add(Kind::Method, vec![call.method.to_string()], call.method.span().start().line);
        // Whether a stream is a terminal is a question, and nothing is printed by asking it.
        if call.method != "is_terminal" {
            visit::visit_expr_method_call(self, call);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, kind: Kind) -> Vec<String> {
        let source = Source::parse("x.rs", text).unwrap();
        source.mentions.iter().filter(|mention| mention.kind == kind).map(|mention| mention.segments.join("::")).collect()
    }

    #[test]
    fn imports_are_spread_out() {
        let text = "use std::{fs::{self, File as F}, io::*};";
        assert_eq!(named(text, Kind::Path), ["std::fs", "std::fs::File", "std::io::*"]);
    }

    #[test]
    fn arguments_of_macros_are_looked_into() {
        let text = "fn f() { assert_eq!(std::env::var(\"A\"), x.y, \"{}\", inner!(a::b)); }";
        let paths = named(text, Kind::Path);
        assert!(paths.contains(&"std::env::var".to_owned()) && paths.contains(&"a::b".to_owned()), "{paths:?}");
        assert_eq!(named(text, Kind::Macro), ["assert_eq", "inner"]);
    }

    #[test]
    fn code_for_tests_is_passed_over_and_other_conditions_are_not() {
        assert!(named("#[cfg(test)] mod tests { use std::fs; }", Kind::Path).is_empty());
        assert!(named("#[test] fn f() { std::fs::read(\"x\"); }", Kind::Path).is_empty());
        assert_eq!(named("#[cfg(not(test))] use std::fs;", Kind::Path), ["std::fs"]);
        assert_eq!(named("#[cfg(any(test, unix))] use std::fs;", Kind::Path), ["std::fs"]);
    }

    #[test]
    fn functions_have_their_length_without_their_comment() {
        let source = Source::parse("x.rs", "//! M.\n/// D.\n/// D.\nfn f() {\n\n}\n").unwrap();
        assert_eq!(source.functions, [Function { name: "f".to_owned(), line: 4, lines: 3 }]);
        assert!(source.introduced && !Source::parse("x.rs", "fn f() {}").unwrap().introduced);
    }
}
