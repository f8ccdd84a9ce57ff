//! The process that enters namespaces and then becomes the program.
//!
//! As root it needs a mount namespace only, and the network's. Another user first needs a user namespace, in which he keeps his own number: a program
//! that starts there has no more rights than it would have outside.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, open, openat2, stat};
use rustix::mount::{MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change, move_mount, open_tree};
use rustix::process::{Signal, chdir, fchdir, getegid, geteuid, set_parent_process_death_signal};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};

use super::identity_map::UserNamespace;
use super::network::Namespace;
use super::overlay::{MERGED, UPPER, WORK};
use super::request::Request;
use super::{Overlay, ownership};

/// What could not be done, and what the system said.
pub(super) fn failed(what: impl Display) -> impl FnOnce(rustix::io::Errno) -> String {
    move |error| format!("{what}: {error}")
}

/// Becomes the command; comes back only if there is none, or if something was refused.
pub(super) fn enter(request: &Request, command: &[OsString]) -> Result<(), String> {
    // Until bubblewrap, or whatever the program is, sees to it itself.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed("end with plimsoll"))?;
    let is_root = geteuid().is_root();
    match request.network {
        Some(network) => join(network, is_root)?,
        None if !is_root && request.overlay.is_some() => own_user_namespace(UnshareFlags::empty())?,
        None => {}
    }
    if let Some(overlay) = &request.overlay {
        lay(overlay)?;
    }
    if request.answers_ownership {
        ownership::leave_open()?;
    }
    match command.split_first() {
        None => Ok(()),
        Some((program, args)) => Err(format!("start {}: {}", program.display(), become_program(program, args))),
    }
}

#[expect(clippy::disallowed_methods, reason = "it is no child: this process becomes it")]
fn become_program(program: &OsString, args: &[OsString]) -> std::io::Error {
    Command::new(program).args(args).exec()
}

/// Makes a user namespace, and others with it, in which this user has his own number and, until another program starts, every right.
pub(super) fn own_user_namespace(with: UnshareFlags) -> Result<(), String> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(UnshareFlags::NEWUSER | with).map_err(failed("make a user namespace"))?;
    let write = |name: &str, text: String| {
        let path = format!("/proc/self/{name}");
        fs::write(&path, text).map_err(|error| format!("write {path}: {error}"))
    };
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("{user} {user} 1"))?;
    write("gid_map", format!("{group} {group} 1"))
}

pub(super) fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    #[expect(unsafe_code, reason = "no table of open files is left, which is what could go wrong")]
    // SAFETY: `UnshareFlags::FILES` is never among the flags.
    unsafe {
        unshare_unsafe(flags.difference(UnshareFlags::FILES))
    }
}

/// Enters a network that another process holds, by way of that one's user namespace if it has one.
fn join(network: Namespace, is_root: bool) -> Result<(), String> {
    let namespace = |name: &str| {
        let path = format!("/proc/{}/ns/{name}", network.process);
        open(&path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(failed(format!("open {path}")))
    };
    // Both before either is entered.
    let (user, net) = (if is_root { None } else { Some(namespace("user")?) }, namespace("net")?);
    if fstat(&net).map_err(failed("look at the network"))?.st_ino != network.inode {
        return Err("the network is gone".to_owned());
    }
    if let Some(user) = user {
        move_into_link_name_space(user.as_fd(), Some(LinkNameSpaceType::User)).map_err(failed("enter the network's user namespace"))?;
    }
    move_into_link_name_space(net.as_fd(), Some(LinkNameSpaceType::Network)).map_err(failed("enter the network"))
}

/// Mounts an overlay in a mount namespace of this process's own.
fn lay(overlay: &Overlay) -> Result<(), String> {
    let here = open(".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(failed("open the working folder"))?;
    unshare(UnshareFlags::NEWNS).map_err(failed("make a mount namespace"))?;
    let unseen = MountPropagationFlags::REC | MountPropagationFlags::PRIVATE;
    mount_change("/", unseen).map_err(failed("keep mounts from the machine"))?;
    chdir(&overlay.folder).map_err(failed("enter the overlay's folder"))?;
    let mut maps = BTreeMap::new();
    let mut lowers = Vec::new();
    for (number, lower) in overlay.lowers.iter().enumerate() {
        // By a name without a colon or a comma.
        let name = format!("lower-{number}");
        match fs::create_dir(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(format!("make {name}: {error}")),
            _ => {}
        }
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        let tree = open_tree(CWD, lower, flags).map_err(failed("open a lower layer"))?;
        let owned = stat(lower).map_err(failed("look at a lower layer"))?;
        let files = (owned.st_uid, owned.st_gid);
        match overlay.owner {
            Some(owner) => {
                if let Entry::Vacant(missing) = maps.entry(files) {
                    missing.insert(UserNamespace::of(files, owner)?);
                }
                maps.get(&files).map_or(Ok(()), |map| map.give(&tree))?;
            }
            // Nobody could change them.
            None if owned.st_uid != geteuid().as_raw() => return Err(format!("the files of {} are another user's", lower.display())),
            None => {}
        }
        move_mount(&tree, "", CWD, name.as_str(), MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH).map_err(failed("mount a lower layer"))?;
        lowers.push(name);
    }
    let own = if is_initial_user_namespace() { "metacopy=off,redirect_dir=nofollow" } else { "userxattr" };
    let options = format!("lowerdir={},upperdir={UPPER},workdir={WORK},index=off,{own}\0", lowers.join(":"));
    let options = std::ffi::CStr::from_bytes_with_nul(options.as_bytes()).map_err(|error| error.to_string())?;
    mount("overlay", MERGED, "overlay", MountFlags::NODEV | MountFlags::NOSUID, options).map_err(failed("mount an overlay"))?;
    overlay.covered.iter().try_for_each(|place| reachable(place))?;
    fchdir(here).map_err(failed("go back to the working folder"))
}

/// Whether this namespace is the machine's own, in which layers keep their notes where no other program can write them.
fn is_initial_user_namespace() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().eq(["0", "0", "4294967295"])
}

/// What is bound over a place behind a link would be bound, or made, wherever an earlier program had the link lead.
fn reachable(place: &Path) -> Result<(), String> {
    let merged = open(MERGED, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(failed("open the overlay"))?;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let opened = openat2(&merged, place, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty(), resolve);
    opened.map(drop).map_err(failed(format!("find /{} where it was", place.display())))
}
