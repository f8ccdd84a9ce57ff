//! What `rustler_precompiled` says itself if it takes no archive: the compile of the package ends with its words, which are told as they are, under the
//! code that our own consumer has for the same. And what mix says if it does not even come to that.

/// Begins what it says of a download.
const DOWNLOADING: &str = "Error while downloading precompiled NIF: ";
/// Begins what it says if nothing is offered.
const UNAVAILABLE: &str = "precompiled NIF is not available for this";

/// Begins what mix says of a dependency that does not compile, in either case of its first letter.
const DEPENDENCY: &str = "ould not compile dependency :";
/// Begins a line of rebar3.
const REBAR: &str = "===> ";

/// Begins what rebar3 says of a plugin that it could not fetch.
const PLUGIN: &str = "Errors loading plugin ";

/// How its words on a fault begin, with the code.
const FAULTS: [(&str, &str); 3] = [
    ("the integrity check failed", "checksum"),
    ("the precompiled NIF file does not exist in the checksum file", "map"),
    ("checksum algorithm is not supported", "map"),
];

/// The code and the words; none if it did not speak.
pub(super) fn failed(said: &str) -> Option<(&'static str, String)> {
    if let Some((_, words)) = said.rsplit_once(DOWNLOADING) {
        // What follows a blank line is advice on a build from source, which is not what a release needs.
        let words = words.split("\n\n").next().unwrap_or_default().trim();
        let code = FAULTS.iter().find(|(begin, _)| words.starts_with(begin)).map_or("download", |(_, code)| code);
        return Some((code, words.to_owned()));
    }
    if let Some(at) = said.rfind(UNAVAILABLE) {
        let words = said[at..].split("\n\n").next().unwrap_or_default().trim();
        return Some(("no-target", words.to_owned()));
    }
    let (name, lines) = dependency(said)?;
    Some(("dependency", lines.last().map_or_else(|| name.to_owned(), |line| format!("{name}: {line}"))))
}

/// The dependency that does not compile because a plugin of rebar3 could not be had, and rebar3's word on it.
pub(super) fn plugin(said: &str) -> Option<String> {
    let (name, lines) = dependency(said)?;
    let told = lines.into_iter().find_map(|line| line.strip_prefix(PLUGIN)?.split('.').next())?;
    Some(format!("{name} wants the plugin {told}"))
}

/// The dependency that does not compile, and what rebar3 said: by another output than mix, so that it may stand before mix's word or after it.
fn dependency(said: &str) -> Option<(&str, Vec<&str>)> {
    let (_, after) = said.rsplit_once(DEPENDENCY)?;
    let name = after.split([',', ' ', '\n']).next().unwrap_or_default();
    Some((name, said.lines().filter_map(|line| line.trim().strip_prefix(REBAR)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_words_are_told_without_its_advice() {
        let told = |words: &str| {
            let said =
                format!("== Compilation error in file lib/x.ex ==\n** (RuntimeError) {words}\n\nYou can force the project to build …\n");
            failed(&said)
        };
        let downloading = |words: &str| told(&format!("{DOWNLOADING}{words}"));
        let checksum = "the integrity check failed because the checksum of files does not match.";
        assert_eq!(downloading(checksum), Some(("checksum", checksum.to_owned())));
        assert_eq!(downloading("the precompiled NIF file does not exist in the checksum file. Please").unwrap().0, "map");
        let status = "couldn't fetch NIF from https://a.example/x.so.tar.gz: {:ok, {{'HTTP/1.1', 500, 'x'}, [], \"\"}}.";
        assert_eq!(downloading(status), Some(("download", status.to_owned())));
        let offered =
            format!("{UNAVAILABLE} target: \"s390x-unknown-linux-gnu\".\nThe available targets are:\n - x86_64-unknown-linux-gnu");
        assert_eq!(told(&offered), Some(("no-target", offered.clone())));
        assert_eq!(told("something else"), None);
        // As rebar3 3.19 and mix of Elixir 1.14 say it.
        let hooks = "===> Errors loading plugin pc. Run rebar3 with DEBUG=1 set to see errors.\n===> Unable to run pre hooks for 'compile'.\n\
                      ** (Mix) Could not compile dependency :jiffy, \"/usr/bin/rebar3 bare compile\" command failed. Errors";
        assert_eq!(failed(hooks), Some(("dependency", "jiffy: Unable to run pre hooks for 'compile'.".to_owned())));
        assert_eq!(plugin(hooks).unwrap(), "jiffy wants the plugin pc");
        let (rebar, mix) = hooks.split_at(hooks.find("** (Mix)").unwrap());
        assert_eq!(plugin(&format!("{mix}\n{rebar}")).unwrap(), "jiffy wants the plugin pc", "the outputs come in any order");
        let own = "** (Mix) could not compile dependency :jason, \"mix compile\" failed. Errors";
        assert_eq!((failed(own), plugin(own)), (Some(("dependency", "jason".to_owned())), None));
        assert_eq!(failed(""), None);
    }
}
