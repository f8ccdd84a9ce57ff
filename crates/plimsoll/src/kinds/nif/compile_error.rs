//! What Elixir says of a package that does not compile: file, line and text. Since 1.15 these stand in diagnostics before the error, which only says that
//! they were logged.

/// Begins the account of a file that does not compile.
const HEADING: &str = "== Compilation error in file ";
/// Errors that are told.
const MOST: usize = 5;
/// What stands before the place of a diagnostic; and as it is printed where the terminal takes ASCII alone.
const PLACE: [&str; 2] = ["\u{2514}\u{2500} ", "\\x{2514}\\x{2500} "];

/// The errors, each with its place; none if nothing failed to compile.
pub(super) fn told(said: &str) -> Option<String> {
    let (_, after) = said.split_once(HEADING)?;
    let diagnosed = diagnosed(said);
    if !diagnosed.is_empty() {
        return Some(diagnosed.join("; "));
    }
    // An older Elixir has file, line and text in the error itself.
    let heading = after.lines().next().unwrap_or_default().trim_end_matches([' ', '=']);
    // Lines of a trace begin so.
    let is_told = |line: &&str| !line.trim().is_empty() && !line.starts_with("    (");
    let error = after.lines().skip(1).take_while(is_told).map(str::trim).collect::<Vec<_>>().join(" ");
    Some(if error.contains(heading) { error } else { format!("{heading}: {error}") })
}

/// `error:` and the lines below it, up to the place.
fn diagnosed(said: &str) -> Vec<String> {
    let mut lines = said.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some(text) = line.trim_start().strip_prefix("error: ") else { continue };
        let place = lines.by_ref().take_while(|line| !line.trim().is_empty()).find_map(place);
        found.push(place.map_or_else(|| text.trim().to_owned(), |place| format!("{place}: {}", text.trim())));
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// `lib/a.ex:3:17`, of a line that ends in the function's name.
fn place(line: &str) -> Option<&str> {
    let rest = PLACE.iter().find_map(|begin| line.trim_start().strip_prefix(begin))?;
    Some(rest.split(": ").next().unwrap_or(rest).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_file_line_and_text() {
        let newer = "    warning: variable \"x\" is unused\n    \u{2502}\n    \u{2514}\u{2500} lib/c.ex:3:9: C.h/1\n\n    error: undefined variable \"y\"\n    \
                     \u{2502}\n  3 \u{2502}   def h(x), do: y\n    \u{2502}                 ^\n    \u{2514}\u{2500} lib/c.ex:3:17: C.h/1\n\n\n== Compilation error in \
                     file lib/c.ex ==\n** (CompileError) lib/c.ex: cannot compile module C (errors have been logged)\n";
        assert_eq!(told(newer).unwrap(), "lib/c.ex:3:17: undefined variable \"y\"");
        let ascii = newer.replace('\u{2514}', "\\x{2514}").replace('\u{2500}', "\\x{2500}").replace('\u{2502}', "\\x{2502}");
        assert_eq!(told(&ascii).unwrap(), "lib/c.ex:3:17: undefined variable \"y\"");
        let older = "\n== Compilation error in file lib/c.ex ==\n** (CompileError) lib/c.ex:2: undefined function g/1\n\nmore\n";
        assert_eq!(told(older).unwrap(), "** (CompileError) lib/c.ex:2: undefined function g/1");
        let raised =
            "\n== Compilation error in file lib/c.ex ==\n** (File.Error) could not read file \"README.md\": no such file\n    (elixir) a\n";
        assert_eq!(told(raised).unwrap(), "lib/c.ex: ** (File.Error) could not read file \"README.md\": no such file");
        assert_eq!(told("1 test, 1 failure\n"), None);
    }
}
