//! The forms of the load line over cells of every state.

use serde_json::json;

use super::*;

#[path = "../../../tests/schema/mod.rs"]
mod schema;

/// What a manifest or a program may put into a reason.
const HOSTILE: &str = "<script>alert(\"1\")</script> | `x` *b* _i_ [a](javascript:x) ![b](c)\n| row | \u{1b}[2J\u{202e}end & $m$";

/// A claim of `size` bytes, won as `proven` says in the words of `release.json`.
fn proven(id: &str, measured: serde_json::Value, size: u64, proven: serde_json::Value) -> Cell {
    let claim = Claim {
        targets: BTreeSet::new(),
        gaps: BTreeMap::new(),
        file_name: "app.tar.xz".parse().unwrap(),
        size,
        cpu: None,
        measured: serde_json::from_value(measured).unwrap(),
        proven: serde_json::from_value(proven).unwrap(),
    };
    Cell::new(id.parse().unwrap(), State::Proven(claim))
}

fn gap(id: &str, kind: GapKind) -> Cell {
    Cell::new(id.parse().unwrap(), State::Gap(kind))
}

fn line(notes: &[&str], cells: Vec<Cell>) -> LoadLine {
    let notes = notes.iter().map(|note| (*note).to_owned()).collect();
    LoadLine::new("app".parse().unwrap(), semver::Version::new(1, 2, 0), notes, cells)
}

#[test]
fn a_level_that_users_need_is_told_beside_the_floor() {
    let mut cell = proven(
        "archive.app/x86_64-unknown-linux-gnu",
        json!({ "glibc": "2.28", "linkage": "dynamic" }),
        171_500,
        json!([{ "root": "sandbox", "how": "native" }]),
    );
    if let State::Proven(claim) = &mut cell.state {
        claim.cpu = Some(CpuLevel::V3);
    }
    assert!(cell.state.told().ends_with("glibc 2.28, x86-64-v3, 171.5 kB"), "{}", cell.state.told());
    let line = line(&[], vec![cell]);
    assert!(line.notes.is_empty());
    assert!(serde_json::to_string(&line).unwrap().contains("\"cpu\":\"x86-64-v3\""));
}

#[test]
fn what_is_proven_is_the_first_that_a_person_reads() {
    let won = || json!([{ "root": "sandbox", "how": "native" }]);
    let elsewhere = || GapKind::Elsewhere("needs a macOS runner".to_owned());
    let cells = vec![
        gap("archive.app/aarch64-apple-darwin", elsewhere()),
        gap("archive.tool/x86_64-unknown-linux-gnu", elsewhere()),
        proven("archive.app/x86_64-unknown-linux-gnu", json!({ "linkage": "static" }), 1, won()),
    ];
    let shown = line(&[], cells).render(Paint::PLAIN, None).as_str().to_owned();
    let order = ["archive.app   proven", "archive.tool", "aarch64-apple-darwin"].map(|part| shown.find(part).unwrap());
    assert!(order.is_sorted(), "{shown}");
}

#[test]
fn what_was_not_tried_on_a_plain_processor_says_so_and_once_why() {
    let cell = |id: &str| {
        proven(
            id,
            json!({ "linkage": "static" }),
            171_500,
            json!([{ "root": "sandbox", "how": "native", "plain_not_tried": "mmdebstrap is not installed" }]),
        )
    };
    let line = line(&[], vec![cell("archive.app/x86_64-unknown-linux-musl"), cell("static.app/x86_64-unknown-linux-musl")]);
    assert!(line.cells[0].state.told().ends_with("static, 171.5 kB, not tried on a plain processor"));
    assert_eq!(line.notes, ["not tried on a plain processor: mmdebstrap is not installed"]);
    assert!(serde_json::to_string(&line).unwrap().contains("plain_not_tried"));
    assert_eq!(line.html().matches("sandbox (native), not tried on a plain processor</td>").count(), 2);
}

#[test]
fn what_was_tried_on_a_plain_processor_in_some_roots_names_the_others_and_every_reason() {
    let cell = proven(
        "archive.app/x86_64-unknown-linux-musl",
        json!({ "linkage": "static" }),
        171_500,
        json!([
            { "root": "sandbox", "how": "native" },
            { "root": "debian:12", "how": "native", "plain_not_tried": "qemu-x86_64 gave up: <b>" },
            { "root": "alpine:3.20", "how": "native", "plain_not_tried": "it took too long" },
            { "root": "debian:13", "how": "native", "plain_not_tried": "it took too long" },
        ]),
    );
    let line = line(&[], vec![cell]);
    let told = "not tried on a plain processor in debian:12 + alpine:3.20 + debian:13";
    assert!(line.cells[0].state.told().ends_with(&format!("171.5 kB, {told}")), "{}", line.cells[0].state.told());
    assert!(line.html().contains(&format!("(native), {told}</td>")) && line.markdown().contains(told), "{}", line.html());
    let reasons = ["it took too long", "qemu-x86_64 gave up: <b>"].map(|reason| format!("not tried on a plain processor: {reason}"));
    assert_eq!(line.notes, reasons);
}

/// Every state that a cell can have, and every way to win a claim.
fn every_state() -> LoadLine {
    let dynamic = |glibc: &str| json!({ "glibc": glibc, "linkage": "dynamic" });
    let fixed = json!({ "linkage": "static-pie" });
    let native = |root: &str, libc: &str| json!({ "root": root, "libc": libc, "how": "native" });
    let here = json!([{ "root": "sandbox", "how": "native" }]);
    let level = |mut cell: Cell, level: CpuLevel| {
        if let State::Proven(claim) = &mut cell.state {
            claim.cpu = Some(level);
        }
        cell
    };
    let by =
        |root: &str, emulator: &str, version: &str| json!([{ "root": root, "how": "emulated", "emulator": emulator, "version": version }]);
    line(
        &["the sources or the manifest changed since this was sealed: run `plimsoll rehearse`"],
        vec![
            proven(
                "archive.app/x86_64-unknown-linux-gnu",
                dynamic("2.17"),
                1_500_000,
                json!([native("sandbox", "glibc 2.36"), native("debian:11", "glibc 2.31"), native("alpine:3.20", "musl 1.2.5")]),
            ),
            proven("archive.app/x86_64-unknown-linux-musl", fixed.clone(), 1_600_000, here.clone()),
            proven("static.helper/x86_64-unknown-linux-musl", fixed, 999, here),
            proven("archive.app/aarch64-unknown-linux-gnu", dynamic("2.28"), 1_400_000, by("sandbox", "qemu-aarch64", "10.0.13")),
            proven(
                "archive.app/x86_64-pc-windows-gnu",
                json!({ "system": "Windows 6.0", "linkage": "dynamic" }),
                2_400_000,
                json!([{ "root": "scrubbed", "how": "emulated", "emulator": "wine", "version": "10.0",
                    "plain_not_tried": "wine runs on the processor of this machine" }]),
            ),
            level(
                proven(
                    "static.helper/x86_64-pc-windows-gnu",
                    json!({ "system": "Windows 6.0", "linkage": "dynamic" }),
                    900_000,
                    by("scrubbed", "wine", "10.0"),
                ),
                CpuLevel::V3,
            ),
            proven(
                "static.helper/x86_64-unknown-linux-gnu",
                json!({ "linkage": "static-pie" }),
                700_000,
                json!([native("sandbox", "glibc 2.36"), { "root": "debian:11", "libc": "glibc 2.31", "how": "native",
                    "plain_not_tried": "qemu-x86_64 gave up: *signal 4*" }]),
            ),
            gap("archive.app/aarch64-apple-darwin", GapKind::Elsewhere("needs a macOS runner".to_owned())),
            gap("archive.app/x86_64-apple-darwin", GapKind::Elsewhere("its build needs the SDK of Apple".to_owned())),
            gap("archive.app/riscv64gc-unknown-linux-gnu", GapKind::Failed(format!("did not pass its probes: {HOSTILE}"))),
            gap("archive.app/x86_64-pc-windows-msvc", GapKind::Planned("nobody has asked for it yet".to_owned())),
            gap("archive.app/armv7-unknown-linux-gnueabihf", GapKind::Deferred("its target checks block a static build".to_owned())),
            Cell::new("archive.app/aarch64-unknown-linux-musl".parse().unwrap(), State::NotTried),
            Cell::new("sdist.app".parse().unwrap(), State::NotTried),
        ],
    )
}

#[test]
fn a_file_gets_a_line_for_each_cell() {
    insta::assert_snapshot!(every_state().render(Paint::PLAIN, None));
}

#[test]
fn a_narrow_terminal_gets_the_target_above_and_then_the_reason_beneath() {
    let line = every_state();
    for width in [120, 80, 50] {
        let told = line.render(Paint::PLAIN, Some(width)).to_string();
        let longest = told.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap();
        assert!(longest <= width, "{longest} columns of {width}:\n{told}");
        insta::assert_snapshot!(format!("terminal_of_{width}"), told);
    }
    // Narrower than any word: nothing is lost.
    let told = line.render(Paint::PLAIN, Some(5)).to_string();
    assert!(told.contains("(qemu-aarch64") && told.contains("static.helper"), "{told}");
}

#[test]
fn colours_are_beside_the_words_and_move_nothing() {
    let line = every_state();
    let coloured = line.render(Paint::choose(true, None, None), Some(80)).to_string();
    let mut plain = String::new();
    let mut parts = coloured.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    assert_eq!(plain, line.render(Paint::PLAIN, Some(80)).as_str());
}

#[test]
fn markdown_of_every_state() {
    let told = every_state().markdown();
    insta::assert_snapshot!(told);
    let columns = |row: &str| row.replace("\\|", "").matches('|').count();
    let rows = told.lines().filter(|line| line.starts_with('|')).map(columns).collect::<Vec<_>>();
    assert_eq!(rows, vec![5; 13], "a reason began a column or a row");
}

#[test]
fn html_of_every_state() {
    let page = every_state().html();
    let (head, rest) = page.split_once("<style>").unwrap();
    let (style, body) = rest.split_once("</style>").unwrap();
    assert!(style.contains("prefers-color-scheme:dark") && style.contains("max-width:48rem"));
    insta::assert_snapshot!(format!("{head}{body}"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;") && !page.contains("http"));
}

#[test]
fn json_of_every_state_is_what_the_schema_says() {
    let document = serde_json::to_value(every_state()).unwrap();
    insta::assert_snapshot!(format!("{document:#}"));
    assert_eq!(schema::violations("status", &document), Vec::<String>::new());
    for (at, wrong) in [("/cells/0/state", json!("claimed")), ("/cells/11/proven/0/how", json!("by hand")), ("/name", json!(1))] {
        let mut broken = document.clone();
        *broken.pointer_mut(at).unwrap() = wrong;
        assert!(!schema::violations("status", &broken).is_empty(), "{at} may be anything");
    }
}

#[test]
fn where_nothing_is_sealed_the_plan_and_what_was_tried_are_told() {
    let tried =
        BTreeMap::from([("archive.app/x86_64-unknown-linux-gnu".parse().unwrap(), GapKind::Failed("cargo build failed".to_owned()))]);
    let wants = [
        ("archive.app/x86_64-unknown-linux-gnu", Want::Wanted),
        ("archive.app/x86_64-unknown-linux-musl", Want::Wanted),
        ("archive.app/aarch64-apple-darwin", Want::Planned("needs a Mac to run it on".to_owned())),
        ("archive.app/x86_64-pc-windows-gnu", Want::Deferred("later".to_owned())),
    ];
    let cells = wants.iter().map(|(id, want)| Cell::not_sealed(&id.parse().unwrap(), want, &tried)).collect();
    let line = line(&["nothing is sealed: `plimsoll rehearse` seals what it proves"], cells);
    insta::assert_snapshot!(line.render(Paint::PLAIN, None));
}
