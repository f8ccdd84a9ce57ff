//! Package managers, and systems for another processor.

use std::time::Instant;

use plimsoll_model::Outcome;

use crate::fixture::{Fixture, NotRun, client, script};

pub fn owners_change_for_package_managers_only(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.system();
    let session = &mut place.begin(&exec_env)?;
    for act in [["owner", "/etc/settings", "33"].as_slice(), &["user", "33"]] {
        let refused = place.step(session, &client(act));
        assert!(matches!(refused.outcome, Outcome::Failed(_)), "{act:?}: {refused:?}");
        let answered = place.step_as_package_manager(session, &client(act));
        assert_eq!(answered.outcome, Outcome::Passed, "{act:?}: {answered:?}");
    }
    let status = place.step_as_package_manager(session, &client(&["status"])).said;
    let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert!(value("Uid:").split_whitespace().all(|number| number == "0"), "{status}");
    assert_eq!((value("CapEff:"), value("CapBnd:"), value("NoNewPrivs:")), ("0".repeat(16), "0".repeat(16), "1".to_owned()));
    for refused in [["device", "/etc/null"].as_slice(), &["write", "/proc/sys/kernel/core_pattern", "x"]] {
        let result = place.step_as_package_manager(session, &client(refused));
        assert!(matches!(result.outcome, Outcome::Failed(_)), "{refused:?}: {result:?}");
    }
    let exec_env = place.root("scrubbed").unwrap();
    let scrubbed = place.step_as_package_manager(&mut place.begin(&exec_env)?, &client(&["status"]));
    assert!(matches!(scrubbed.outcome, Outcome::NotRun(_)), "{scrubbed:?}");
    Ok(())
}

/// Makes a package with a script and a file of its own.
const MAKE: &str = r#"mkdir -p made/DEBIAN made/usr/bin made/var/lib/thing
printf 'Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: nobody <n@example>\nDescription: a thing\n' > made/DEBIAN/control
printf '#!/bin/sh\nset -e\nchown 33:33 /var/lib/thing\necho configured > /etc/thing-was-here\n' > made/DEBIAN/postinst
chmod 755 made/DEBIAN/postinst
printf '#!/bin/sh\necho a thing\n' > made/usr/bin/thing
chmod 755 made/usr/bin/thing
dpkg-deb --root-owner-group --build made thing.deb"#;

/// dpkg finds nothing to warn of, if it knows the packages of the root.
fn goes_through(place: &Fixture, target: &str, knows_packages: bool) -> Result<(), NotRun> {
    let exec_env = place.made_before("debian:12", target, true)?;
    let session = &mut place.begin(&exec_env)?;
    let steps = [
        (false, MAKE, ""),
        (true, "dpkg --install thing.deb", "Setting up thing (1)"),
        (true, "dpkg --audit; cat /etc/thing-was-here", "configured"),
        (false, "thing; uname -m", "a thing"),
        (true, "dpkg --purge thing", "Removing thing"),
        (false, "[ ! -e /usr/bin/thing ] && ! dpkg -s thing && echo gone", "gone"),
    ];
    for (as_package_manager, text, said) in steps {
        let began = Instant::now();
        let probe = script(text);
        let result = if as_package_manager { place.step_as_package_manager(session, &probe) } else { place.step(session, &probe) };
        assert_eq!(result.outcome, Outcome::Passed, "{text}: {result:?}");
        assert!(result.said.contains(said) && !(knows_packages && result.said.contains("warning")), "{text}: {result:?}");
        println!("{:?}: {}", began.elapsed(), text.lines().last().unwrap_or_default());
    }
    Ok(())
}

pub fn a_package_is_installed_and_purged(place: &Fixture) -> Result<(), NotRun> {
    goes_through(place, "x86_64-unknown-linux-gnu", true)
}

/// The kernel is told of the processor, so that programs start programs. Roots of other processors are only unpacked.
pub fn a_package_is_installed_and_purged_under_qemu(place: &Fixture) -> Result<(), NotRun> {
    goes_through(place, "aarch64-unknown-linux-gnu", false)
}

/// A script has commands for what steps before it installed, links within the root included.
pub fn an_emulated_session_is_kept(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.made_before("debian:12", "aarch64-unknown-linux-gnu", false)?;
    let session = &mut place.begin(&exec_env)?;
    let install =
        "mkdir -p /usr/lib/thing; cp /bin/uname /usr/lib/thing/kind; ln -s ../lib/thing/kind /usr/bin/kind; echo kept > /etc/thing";
    for (text, said) in [(install, ""), ("kind -m; cat /etc/thing", "aarch64\nkept"), ("rm /tmp/../usr/bin/kind; echo removed", "removed")]
    {
        let result = place.step(session, &script(text));
        assert_eq!(result.outcome, Outcome::Passed, "{text}: {result:?}");
        assert!(result.said.contains(said), "{text}: {result:?}");
    }
    Ok(())
}
