//! The way from the library itself to the harbor, in words of a shell: `gateway.escript` answers for every host with what the harbor serves.
//!
//! The library takes its URL from the user's module alone. Neither is changed: a proxy and a certificate authority are what its users too tell it of by
//! variables, and what it asks for, and how it holds an answer against the map, stays its own.

use super::super::report::MARK;

/// A gateway, as the root sees it. No part may have a quote in it.
#[derive(Debug, Clone, Copy)]
pub struct Gateway<'a> {
    /// The folder of the programs.
    pub programs: &'a str,
    /// The folder of files that are served.
    pub url: &'a str,
    /// A folder of its own, which is made.
    pub folder: &'a str,
}

/// What the library reads of its way, and what other programs of a package may read.
const PROXIES: &str = "HTTPS_PROXY HTTP_PROXY https_proxy http_proxy";

impl Gateway<'_> {
    /// The program's file name.
    pub const FILE: &'static str = "gateway.escript";
    /// The program.
    pub const SOURCE: &'static str = include_str!("gateway.escript");

    /// Words that begin it and tell programs of it.
    pub fn open(self) -> String {
        let Self { programs, url, folder } = self;
        let ended = failed("download", "the way to the harbor could not be made: escript or the ssl of OTP does not work in this root");
        format!(
            "mkdir -p {folder}\n\
             escript '{programs}/{file}' '{url}' {folder} &\n\
             gateway=$!\n\
             trap 'kill $gateway 2>/dev/null || true' EXIT\n\
             until test -e {folder}/port; do kill -0 $gateway 2>/dev/null || {{ {ended}; }}; sleep 0.1; done\n\
             for name in {PROXIES}; do export \"$name=http://127.0.0.1:$(cat {folder}/port)\"; done\n\
             export NO_PROXY= no_proxy= HEX_CACERTS_PATH={folder}/ca.pem",
            file = Self::FILE
        )
    }

    /// Words that end it, once the package is compiled. A package that asked for nothing has its library from elsewhere.
    pub fn close(self) -> String {
        let Self { folder, .. } = self;
        let unasked = failed("download", "the package was compiled without asking the harbor for anything");
        format!(
            "test -s {folder}/asked || {{ {unasked}; }}\n\
             kill $gateway 2>/dev/null || true\n\
             trap - EXIT\n\
             unset {PROXIES} NO_PROXY no_proxy HEX_CACERTS_PATH"
        )
    }
}

fn failed(code: &str, said: &str) -> String {
    format!("echo '{MARK}{{\"failed\":\"{code}\",\"said\":\"{said}\"}}'; exit 1")
}
