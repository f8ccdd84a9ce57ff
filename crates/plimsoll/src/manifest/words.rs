//! A command line as words: quotes and backslashes as in a POSIX shell, and nothing else of a shell. What a shell would expand or act on is
//! refused outside of quotes, since taking it as plain text would run something other than was meant.

/// Text that is not a plain list of words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidWords {
    /// Something that only a shell can do.
    #[error("`{0}` means something to a shell only, and `run` starts none")]
    Shell(char),
    /// A quote without its partner.
    #[error("a quote {0} is not closed")]
    OpenQuote(char),
    /// A backslash at the very end.
    #[error("a backslash at the end quotes nothing")]
    LastBackslash,
    /// `NAME=value` before the program.
    #[error("`{0}=…` before the program means something to a shell only, and `run` starts none")]
    Assignment(String),
}

/// Splits `text` into words.
pub(crate) fn split(text: &str) -> Result<Vec<String>, InvalidWords> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => quoted(&mut chars, word.get_or_insert_default())?,
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().ok_or(InvalidWords::LastBackslash)?),
            '$' | '`' | ';' | '|' | '&' | '<' | '>' | '(' | ')' | '*' | '?' | '\n' | '\r' => return Err(InvalidWords::Shell(c)),
            '~' | '#' if word.is_none() => return Err(InvalidWords::Shell(c)),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if let Some((name, _)) = words.first().and_then(|first| first.split_once('=')) {
        return Err(InvalidWords::Assignment(name.chars().take(60).collect()));
    }
    Ok(words)
}

fn quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), InvalidWords> {
    loop {
        match chars.next().ok_or(InvalidWords::OpenQuote('\''))? {
            '\'' => return Ok(()),
            c => word.push(c),
        }
    }
}

fn double_quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), InvalidWords> {
    loop {
        match chars.next().ok_or(InvalidWords::OpenQuote('"'))? {
            '"' => return Ok(()),
            c @ ('$' | '`') => return Err(InvalidWords::Shell(c)),
            '\\' => match chars.next().ok_or(InvalidWords::OpenQuote('"'))? {
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_group_and_backslashes_quote() {
        assert_eq!(split("rg --version").unwrap(), ["rg", "--version"]);
        assert_eq!(split(r#"  a 'b  $c' "d \"e\" \n" f\ g '' "#).unwrap(), ["a", "b  $c", r#"d "e" \n"#, "f g", ""]);
        assert_eq!(split("").unwrap(), Vec::<String>::new());
        assert_eq!(split("a b~c d#e --x=y").unwrap(), ["a", "b~c", "d#e", "--x=y"]);
    }

    #[test]
    fn what_a_shell_would_act_on_is_refused() {
        for (text, c) in
            [("a $HOME", '$'), ("a | b", '|'), ("a > b", '>'), ("a *.txt", '*'), ("a \"$b\"", '$'), ("a ~", '~'), ("a\nb", '\n')]
        {
            assert_eq!(split(text), Err(InvalidWords::Shell(c)), "{text}");
        }
        assert_eq!(split("A=1 b"), Err(InvalidWords::Assignment("A".into())));
        assert_eq!(split("a 'b"), Err(InvalidWords::OpenQuote('\'')));
        assert_eq!(split("a \"b"), Err(InvalidWords::OpenQuote('"')));
        assert_eq!(split("a \\"), Err(InvalidWords::LastBackslash));
    }
}
