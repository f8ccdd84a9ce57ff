//! Hostile and harmless tars, written header by header.

use tar::{Builder, Header};

use super::*;

/// Kind, name, mode, link target or contents.
type Member<'a> = (EntryType, &'a str, u32, &'a str);

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;
const HARD: EntryType = EntryType::Link;
const FOLDER: EntryType = EntryType::Directory;

/// The names go into the header as they are: a library would refuse some of them.
fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (kind, name, mode, text) in members {
        let mut header = Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let contents = if *kind == FILE { text.as_bytes() } else { b"" };
        if *kind == LINK || *kind == HARD {
            header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_size(contents.len() as u64);
        header.set_cksum();
        builder.append(&header, contents).unwrap();
    }
    builder.into_inner().unwrap()
}

fn unpacked(bytes: &[u8]) -> (tempfile::TempDir, Result<(), RefusedTar>) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("outer/root");
    fs::create_dir_all(&root).unwrap();
    let archive = folder.path().join("archive.tar");
    fs::write(&archive, bytes).unwrap();
    let result = unpack(&archive, &root);
    // Whatever the archive holds, nothing appears beside the root.
    assert_eq!(fs::read_dir(folder.path().join("outer")).unwrap().count(), 1);
    (folder, result)
}

#[test]
fn what_a_system_has_is_unpacked_without_privileges() {
    let members = [
        (FOLDER, "./", 0o700, ""),
        (FOLDER, "./etc/", 0o555, ""),
        (FILE, "./usr/bin/su", 0o4755, "program"),
        (FILE, "./etc/secret", 0o000, "x"),
        (LINK, "./bin", 0o777, "usr/bin"),
        (LINK, "./usr/bin/sh", 0o777, "/bin/busybox"),
        (LINK, "./etc/os-release", 0o777, "../usr/lib/os-release"),
        (HARD, "./usr/bin/su2", 0o755, "./usr/bin/su"),
        (EntryType::Char, "./dev/null", 0o666, ""),
        (EntryType::Fifo, "./run/pipe", 0o666, ""),
    ];
    let (folder, result) = unpacked(&tar(&members));
    result.unwrap();
    let root = folder.path().join("outer/root");
    let mode = |name: &str| platform::mode(&fs::symlink_metadata(root.join(name)).unwrap());
    assert_eq!((mode("usr/bin/su"), mode("etc/secret"), mode("etc"), mode("usr")), (0o755, 0o400, 0o755, 0o755));
    assert_eq!(fs::read_to_string(root.join("usr/bin/su2")).unwrap(), "program");
    assert_eq!(fs::read_link(root.join("usr/bin/sh")).unwrap(), Path::new("/bin/busybox"));
    assert!(root.join("bin").is_symlink() && !root.join("dev/null").exists() && !root.join("run/pipe").exists());
}

#[test]
fn a_later_member_replaces_an_earlier_one_and_not_what_a_link_leads_to() {
    let members = [(FILE, "etc/a", 0o644, "kept"), (LINK, "etc/b", 0o777, "a"), (FILE, "etc/b", 0o644, "new")];
    let (folder, result) = unpacked(&tar(&members));
    result.unwrap();
    let etc = folder.path().join("outer/root/etc");
    assert_eq!((fs::read_to_string(etc.join("a")).unwrap(), fs::read_to_string(etc.join("b")).unwrap()), ("kept".into(), "new".into()));
}

#[test]
fn each_trick_is_refused_by_its_name() {
    let cases: [(&[Member<'_>], &str); 10] = [
        (&[(FILE, "../evil", 0o644, "x")], "member `../evil` climbs with `..`"),
        (&[(FILE, "a/../../evil", 0o644, "x")], "climbs"),
        (&[(FILE, "/evil", 0o644, "x")], "member `/evil` is absolute"),
        (&[(LINK, "lib", 0o777, "/tmp"), (FILE, "lib/evil", 0o644, "x")], "member `lib/evil` would be written through a symbolic link"),
        (&[(LINK, "lib", 0o777, "../../../tmp")], "link `lib` to `../../../tmp` leads out of the root"),
        (&[(LINK, "a/b", 0o777, "/../../tmp")], "leads out of the root"),
        (&[(HARD, "passwd", 0o644, "/etc/passwd")], "is absolute"),
        (&[(LINK, "l", 0o777, "/etc/passwd"), (HARD, "passwd", 0o644, "l")], "no file of that name came before it"),
        (&[(FILE, "a", 0o644, "x"), (FILE, "a/b", 0o644, "x")], "member `a/b` lies below a file"),
        (&[(FOLDER, "a", 0o755, ""), (FILE, "a", 0o644, "x")], "is a file or link where there was a folder"),
    ];
    for (members, expected) in cases {
        let (_folder, result) = unpacked(&tar(members));
        let said = result.unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(below(Path::new(&"a/".repeat(DEEPEST + 1))), Err("lies in too many folders"));
}

#[test]
fn bombs_and_torn_archives_are_refused() {
    let with_size = |kind, size| {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_path("a").unwrap();
        header.set_mode(0o644);
        header.set_size(size);
        header.set_cksum();
        [header.as_bytes().as_slice(), &[0; 4096]].concat()
    };
    let said = |bytes: &[u8]| unpacked(bytes).1.unwrap_err().to_string();
    assert_eq!(said(&with_size(FILE, MOST_BYTES + 1)), format!("the archive has more than {MOST_BYTES} bytes"));
    assert_eq!(
        said(&with_size(EntryType::GNULongName, LONGEST_HEADER + 1)),
        format!("the archive has more than {LONGEST_HEADER} bytes in a header")
    );
    let whole = tar(&[(FILE, "a", 0o644, &"x".repeat(3000))]);
    assert_eq!(said(&whole[..2000]), "the archive cannot be read");
    assert_eq!(said(b"no tar at all"), "the archive cannot be read");
    assert_eq!(said(&[]), "the archive cannot be read");
}

proptest::proptest! {
    #[test]
    fn bytes_out_of_nowhere_do_no_harm(at in 0_usize..4000, byte in 0_u8..=255) {
        let mut bytes = tar(&[(FOLDER, "a", 0o755, ""), (LINK, "a/l", 0o777, "b"), (FILE, "a/b", 0o644, "text"), (HARD, "c", 0o644, "a/b")]);
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = unpacked(&bytes);
    }
}
