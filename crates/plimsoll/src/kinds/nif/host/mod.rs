//! The host: a small C program that loads a NIF in a process of its own and prints its entry. It needs no BEAM, so it reads libraries for every target
//! whose programs can be run here, and it is the only certain reading of the NIF version: a Rust library fills its entry when it is asked for it.
//!
//! What it does not show is that a BEAM accepts the library. Pure: compiling and running it is for whoever has a compiler and a root.

use plimsoll_inspect::nif_functions;
use plimsoll_model::{Libc, Target};

use plimsoll_exec::zig;

const SOURCE: &str = include_str!("host.c");

/// Where the functions of the BEAM go in the source.
const PLACE: &str = "/* BEAM FUNCTIONS */\n";

/// The host's source for a target: every function that a BEAM of its word length offers.
pub fn source(target: &Target) -> String {
    let (_, class) = plimsoll_inspect::host::machine(target);
    let functions = nif_functions(class).map(|name| format!("BEAM({name})\n")).collect::<String>();
    SOURCE.replace(PLACE, &functions)
}

/// Who compiles the host. Their words differ in little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// The machine's own, or one that was made for the target: `cc`, `musl-gcc`, `aarch64-linux-gnu-gcc`.
    Gcc,
    /// `zig cc`, for any target.
    Zig,
}

/// Words that compile `source` to `program`, the compiler's own first words left out; none where a target's libraries cannot be loaded so.
///
/// The program exports its functions, or the library would not find them, and is linked dynamically: a static program loads nothing.
pub fn compile_words(compiler: Compiler, target: &Target, source: &str, program: &str) -> Option<Vec<String>> {
    let mut words = vec!["-std=c99", "-D_GNU_SOURCE", "-O1", "-fPIE", "-pie", "-Wall", "-Wextra", "-o", program, source, "-rdynamic"];
    let libc = target.libc()?;
    let zig = zig::target(target, None, None)?;
    if compiler == Compiler::Zig {
        words.extend(["-target", &zig]);
    }
    match (libc, compiler) {
        // In a library of its own before glibc 2.34.
        (Libc::Gnu, _) => words.push("-ldl"),
        // zig links musl statically unless it is told otherwise.
        (Libc::Musl, Compiler::Zig) => words.push("-dynamic"),
        (Libc::Musl, Compiler::Gcc) => {}
    }
    Some(words.into_iter().map(str::to_owned).collect())
}

/// Words that run the host on a library.
pub fn run_words(program: &str, library: &str) -> [String; 2] {
    [program.to_owned(), library.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(triple: &str) -> Target {
        triple.parse().unwrap()
    }

    #[test]
    fn the_source_has_every_function_of_the_word_length() {
        let wide = source(&target("x86_64-unknown-linux-gnu"));
        let narrow = source(&target("armv7-unknown-linux-gnueabihf"));
        for text in [&wide, &narrow] {
            assert!(text.contains("BEAM(enif_make_badarg)\n") && text.contains("BEAM(enif_term_size)\n") && !text.contains(PLACE));
        }
        assert_eq!((wide.matches("BEAM(enif_").count(), narrow.matches("BEAM(enif_").count()), (176, 180));
    }

    #[test]
    fn words_fit_compiler_and_library() {
        let words = |compiler, triple: &str| compile_words(compiler, &target(triple), "host.c", "host").map(|words| words.join(" "));
        let gnu = words(Compiler::Gcc, "x86_64-unknown-linux-gnu").unwrap();
        assert!(gnu.ends_with("-o host host.c -rdynamic -ldl"), "{gnu}");
        let zig = words(Compiler::Zig, "aarch64-unknown-linux-musl").unwrap();
        assert!(zig.ends_with("-rdynamic -target aarch64-linux-musl -dynamic"), "{zig}");
        assert!(words(Compiler::Gcc, "x86_64-unknown-linux-musl").unwrap().ends_with("-rdynamic"));
        assert_eq!(words(Compiler::Zig, "aarch64-apple-darwin"), None);
    }
}
