//! Which expressions of `load` can be called where there is the library alone, as a module made of its own names: those that name no other module of
//! the package. The others are called where the package is compiled.

/// Elixir's own modules, which are there without a package.
const ELIXIR: [&str; 62] = [
    "Access",
    "Agent",
    "Application",
    "ArgumentError",
    "ArithmeticError",
    "Atom",
    "BadFunctionError",
    "Base",
    "Behaviour",
    "Bitwise",
    "Calendar",
    "CaseClauseError",
    "Code",
    "Date",
    "DateTime",
    "Dict",
    "DynamicSupervisor",
    "Enum",
    "Enumerable",
    "ErlangError",
    "Exception",
    "File",
    "Float",
    "Function",
    "FunctionClauseError",
    "GenEvent",
    "GenServer",
    "HashDict",
    "HashSet",
    "IO",
    "Inspect",
    "Integer",
    "JSON",
    "Kernel",
    "KeyError",
    "Keyword",
    "List",
    "Macro",
    "Map",
    "MapSet",
    "MatchError",
    "Module",
    "NaiveDateTime",
    "Node",
    "OptionParser",
    "Path",
    "Port",
    "Process",
    "Protocol",
    "Range",
    "Record",
    "Regex",
    "Registry",
    "RuntimeError",
    "Stream",
    "String",
    "StringIO",
    "Supervisor",
    "System",
    "Task",
    "Time",
    "Tuple",
];

/// The first module that an expression names beside `own`, Elixir's and Erlang's.
pub(super) fn other_module<'e>(expression: &'e str, own: &str) -> Option<&'e str> {
    let mut rest = expression;
    while let Some(at) = rest.find(|sign: char| sign.is_alphanumeric() || "_\"':?~@&".contains(sign)) {
        rest = &rest[at..];
        let sign = rest.chars().next()?;
        let word = rest;
        let taken = match sign {
            '"' | '\'' => quoted(word, sign),
            // A character, an atom: `?A`, `:Elixir`.
            '?' => word.char_indices().nth(2).map_or(word.len(), |(at, _)| at),
            ':' => 1 + length(&word[1..], |sign| sign.is_alphanumeric() || "_@!?".contains(sign)),
            sign if sign.is_uppercase() => {
                let name = &word[..length(word, |sign| sign.is_alphanumeric() || sign == '_' || sign == '.')];
                let module = module(name);
                let is_key = word[name.len()..].starts_with(':') && !word[name.len()..].starts_with("::");
                let first = module.split('.').next().unwrap_or_default();
                if !is_key && module.trim_start_matches("Elixir.") != own && first != "Elixir" && !ELIXIR.contains(&first) {
                    return Some(module);
                }
                name.len().max(1)
            }
            sign if sign.is_alphanumeric() || sign == '_' => length(word, |sign| sign.is_alphanumeric() || "_!?".contains(sign)),
            _ => sign.len_utf8(),
        };
        rest = &rest[taken.min(rest.len())..];
    }
    None
}

/// The alias that a dotted name begins with: `A.B` of `A.B.call`.
fn module(name: &str) -> &str {
    let mut end = 0;
    for part in name.split_inclusive('.') {
        if !part.starts_with(char::is_uppercase) {
            break;
        }
        end += part.len();
    }
    name[..end].trim_end_matches('.')
}

fn length(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|sign| !is_part(sign)).unwrap_or(text.len())
}

/// The length of a text in quotes, up to its end. What is interpolated in it is passed over.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            sign if sign == quote => return at + sign.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_modules_of_the_package_are_others() {
        let others = |expression| other_module(expression, "Abacus.Native");
        for expression in [
            "add(40, 2) == 42",
            "Abacus.Native.add(40, 2) == 42",
            "Elixir.Abacus.Native.add(40, 2) == 42",
            "String.length(text()) == 3 and Enum.sum([1]) == 1",
            "is_binary(\"Abacus.Other said \\\" Yes\") and kind() == :Abacus",
            "hd('Abacus') == ?A",
            "%{Name: 1} == map()",
            ":erlang.system_info(:nif_version) != ~c\"\"",
        ] {
            assert_eq!(others(expression), None, "{expression}");
        }
        for (expression, other) in [
            ("Abacus.add(40, 2) == 42", "Abacus"),
            ("add(1, 1) == Abacus.Fast.Sum.two()", "Abacus.Fast.Sum"),
            ("%Abacus.Bead{} = new()", "Abacus.Bead"),
            ("match?(%Jason.Error{}, bad())", "Jason.Error"),
        ] {
            assert_eq!(others(expression), Some(other), "{expression}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_expression_is_too_strange(text in "\\PC{0,40}") {
            other_module(&text, "A");
        }
    }
}
