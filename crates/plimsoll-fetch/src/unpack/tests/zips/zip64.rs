//! Zips with 64-bit sizes, places and counts: sound ones unpacked, those that two readers would read differently refused.

use super::*;

/// A small archive with everything in 64 bits that can be.
pub(super) fn wide() -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_raw_zip64_extensible_data_sector(Box::new([]));
    writer.start_file("library.dll", options().unix_permissions(0o755).large_file(true)).unwrap();
    writer.write_all(&[7; 5000]).unwrap();
    writer.start_file("README", options()).unwrap();
    writer.write_all(b"hello").unwrap();
    writer.finish().unwrap().into_inner()
}

/// Where the parts of [`wide`] begin.
struct Places {
    /// The first member's values, in its own header.
    local: usize,
    /// The first member in the directory.
    central: usize,
    /// Its values there.
    field: usize,
    /// The end record in 64 bits.
    record: usize,
    locator: usize,
    end: usize,
}

fn places(bytes: &[u8]) -> Places {
    let (central, record) = (find(bytes, b"PK\x01\x02"), find(bytes, b"PK\x06\x06"));
    let name = "library.dll".len();
    Places { local: 30 + name + 4, central, field: central + 46 + name + 4, record, locator: record + 56, end: bytes.len() - 22 }
}

/// The first of so many members has a byte, and the others none.
fn members(count: usize) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..count {
        writer.start_file(format!("{number}"), options()).unwrap();
        if number == 0 {
            writer.write_all(b"x").unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn sizes_in_64_bits_are_read() {
    let place = Fixture::new();
    let paths = place.unpack(&wide(), &Format::Zip, &Limits::default()).unwrap();
    assert_eq!(paths, [Path::new("library.dll"), Path::new("README")]);
    assert_eq!(fs::read(place.out().join("library.dll")).unwrap(), [7; 5000]);
}

/// The count has 16 bits; the number that also stands for more is a count like any other where nothing more is said.
#[test]
fn more_members_than_16_bits_count_are_read() {
    for count in [65_535, 65_536] {
        let bytes = members(count);
        assert_eq!(bytes.windows(4).any(|window| window == b"PK\x06\x07"), count > 65_535);
        let limits = Limits { entries: count - 1, ..Limits::default() };
        let refused = Fixture::new().unpack(&bytes, &Format::Zip, &limits);
        assert!(matches!(refused, Err(UnpackError::TooMany { limit }) if limit == count - 1), "{refused:?}");
        // The sum of sizes is known once all members are.
        let limits = Limits { entries: count, unpacked: 0, ..Limits::default() };
        let refused = Fixture::new().unpack(&bytes, &Format::Zip, &limits);
        assert!(matches!(refused, Err(UnpackError::TooBig { limit: 0 })), "{refused:?}");
    }
}

#[test]
fn sizes_beyond_the_limits_are_refused_before_anything_is_written() {
    let mut bytes = wide();
    let Places { local, field, .. } = places(&bytes);
    for at in [local, field] {
        bytes[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    }
    let refused = Fixture::new().unpack(&bytes, &Format::Zip, &Limits::default());
    assert!(matches!(refused, Err(UnpackError::Ratio { .. } | UnpackError::TooBig { .. })), "{refused:?}");
}

#[test]
fn readers_of_the_directory_cannot_be_made_to_disagree() {
    let sound = wide();
    let Places { local, central, field, .. } = places(&sound);
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = sound.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    // A value that no full field asks for, and a full field without a value.
    refused(&changed(central + 24, &5000_u32.to_le_bytes()), "zip64");
    refused(&changed(central + 20, &30_u32.to_le_bytes()), "zip64");
    refused(&changed(central + 42, &[0xff; 4]), "zip64");
    refused(&changed(field - 4, &[0x99]), "zip64");
    // The member's own header.
    refused(&changed(local, &4999_u64.to_le_bytes()), "described differently");
    refused(&changed(local - 4, &[0x99]), "described differently");
    refused(&changed(18, &[0; 4]), "zip64");
    refused(&changed(22, &5000_u32.to_le_bytes()), "zip64");
    // Packed bytes that would reach over the directory, or around the end of all numbers.
    refused(&changed(field + 8, &(central as u64 + 1).to_le_bytes()), "directory is not where");
    refused(&changed(field + 8, &u64::MAX.to_le_bytes()), "directory is not where");
    // Contents are held against the sizes.
    let mut shorter = changed(local, &4999_u64.to_le_bytes());
    shorter[field..field + 8].copy_from_slice(&4999_u64.to_le_bytes());
    refused(&shorter, "are not those that the directory describes");
}

#[test]
fn readers_of_the_end_cannot_be_made_to_disagree() {
    let sound = wide();
    let Places { record, locator, end, .. } = places(&sound);
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = sound.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    refused(&changed(record, b"PK\x06\x05"), "zip64");
    refused(&changed(record + 4, &[45]), "zip64");
    refused(&changed(record + 16, &[1]), "several disks");
    refused(&changed(record + 20, &[1]), "several disks");
    refused(&changed(record + 24, &[3]), "zip64");
    refused(&changed(record + 40, &u64::MAX.to_le_bytes()), "directory is not where");
    refused(&changed(record + 48, &[1]), "zip64");
    refused(&changed(locator, b"PK\x06\x08"), "zip64");
    refused(&changed(locator + 4, &[1]), "several disks");
    refused(&changed(locator + 8, &[1]), "zip64");
    refused(&changed(locator + 16, &[2]), "several disks");
    // The shorter record tells another story.
    refused(&changed(end + 8, &[1]), "zip64");
    refused(&changed(end + 10, &[1]), "zip64");
    refused(&changed(end + 12, &[1, 0, 0, 0]), "zip64");
    refused(&changed(end + 16, &[1, 0, 0, 0]), "zip64");
    refused(&[&sound[..record], &sound[end..]].concat(), "zip64");
}

/// A comment of the last member that looks like an end record: whoever looks for one before the other record finds it.
#[test]
fn an_end_record_that_is_hidden_in_the_directory_is_refused() {
    let honest = super::sound();
    let (central, end) = (find(&honest, b"PK\x01\x02"), honest.len() - 22);
    let wide = wide();
    let Places { record, end: wide_end, .. } = places(&wide);
    let hidden = &wide[record..wide_end];
    let mut bytes = [&honest[..end], hidden, &honest[end..]].concat();
    let last = bytes[..end].windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[last + 32..last + 34].copy_from_slice(&(hidden.len() as u16).to_le_bytes());
    let end = bytes.len() - 22;
    bytes[end + 12..end + 16].copy_from_slice(&((end - central) as u32).to_le_bytes());
    refused(&bytes, "zip64");
}
