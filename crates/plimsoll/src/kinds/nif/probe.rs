//! The BEAM's probe: the words by which `beam/nif_probe.escript` is started.

use plimsoll_model::Digest;

use super::ModuleName;

/// The program. `escript` of Debian's `erlang-base` runs it as it is; it needs `crypto` only where a digest is given.
pub const SOURCE: &str = include_str!("beam/nif_probe.escript");

/// The program's file name.
pub const FILE: &str = "nif_probe.escript";

/// What the BEAM is to load the library as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadAs {
    /// A module made of the names and arities that the library offers: it cannot fail on a name that the project has wrong.
    Synthetic,
    /// The project's own compiled module, in an application whose priv folder has the library.
    Own {
        /// The OTP application.
        app: String,
        /// The folder with the project's compiled modules.
        ebin: String,
    },
}

/// One run. Paths are those that the program sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// How the library is loaded.
    pub load_as: LoadAs,
    /// The archive as users get it.
    pub archive: String,
    /// Its digest, where the program is to check it too.
    pub digest: Option<Digest>,
    /// The library in it: the only member that it may have, or one file of a tree.
    pub member: String,
    /// Whether it is the tree of a priv folder.
    pub tree: bool,
    /// The module.
    pub module: ModuleName,
    /// An empty folder to unpack into.
    pub into: String,
    /// Expressions that must be true, with the module's functions imported: `add(40, 2) == 42`. Elixir where it is on the code path, else Erlang.
    pub calls: Vec<String>,
    /// Folders of compiled code: Elixir's own, and of what the project's modules use.
    pub code_paths: Vec<String>,
}

impl Probe {
    /// The words, from `escript` on; `program` is the path of the script.
    pub fn words(&self, program: &str) -> Vec<String> {
        let mut words = vec!["escript".to_owned(), program.to_owned()];
        let mut option = |name: &str, value: &str| words.extend([format!("--{name}"), value.to_owned()]);
        let mode = match &self.load_as {
            LoadAs::Synthetic => "synthetic",
            LoadAs::Own { app, ebin } => {
                option("app", app);
                option("ebin", ebin);
                "own"
            }
        };
        option("archive", &self.archive);
        option("member", &self.member);
        option("module", &self.module.atom());
        option("into", &self.into);
        if let Some(digest) = self.digest {
            option("sha256", &digest.to_string());
        }
        if self.tree {
            option("tree", "yes");
        }
        self.calls.iter().for_each(|call| option("call", call));
        self.code_paths.iter().for_each(|path| option("code-path", path));
        words.insert(2, mode.to_owned());
        words
    }
}

/// What the program's environment must have: no crash dumps of a VM that is meant to be able to die, and one scheduler, which is enough.
pub fn environment() -> [(&'static str, &'static str); 4] {
    [("ERL_CRASH_DUMP_BYTES", "0"), ("ERL_AFLAGS", "+S 1"), ("LANG", "C.UTF-8"), ("HOME", "/tmp")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_the_programs_own_form() {
        let mut probe = Probe {
            load_as: LoadAs::Synthetic,
            archive: "/a.tar.gz".to_owned(),
            digest: None,
            member: "liba.so".to_owned(),
            tree: false,
            module: "A.B".parse().unwrap(),
            into: "/into".to_owned(),
            calls: vec!["add(40, 2) == 42".to_owned()],
            code_paths: vec![],
        };
        assert_eq!(
            probe.words("/p").join("|"),
            "escript|/p|synthetic|--archive|/a.tar.gz|--member|liba.so|--module|Elixir.A.B|--into|/into|--call|add(40, 2) == 42"
        );
        probe.load_as = LoadAs::Own { app: "a".to_owned(), ebin: "/ebin".to_owned() };
        assert!(probe.words("/p").join("|").starts_with("escript|/p|own|--app|a|--ebin|/ebin|--archive|"));
    }

    #[test]
    fn the_program_knows_every_option_that_it_is_given() {
        for name in ["archive", "sha256", "member", "module", "into", "call", "app", "ebin", "code-path", "tree"] {
            assert!(SOURCE.contains(&format!("\"{name}\"")), "{name}");
        }
        assert!(SOURCE.contains(super::super::report::MARK));
    }
}
