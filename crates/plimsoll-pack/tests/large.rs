//! Contents larger than what one thread is given at once: only then do threads share the work, and could change the bytes.

#![allow(clippy::unwrap_used, reason = "clippy takes functions that tests call for no tests")]

mod fixture;

use std::io::{self, Read};

use fixture::{Contents, ONE, TWO, archive, noise, pack_with, read_back};
use plimsoll_model::{Digest, Hashed};
use plimsoll_pack::{Blobs, Format, Mode, Tree};

/// One blob that is made while it is read, so that no test holds it either: numbered repetitions of a short piece of noise.
struct Generated {
    piece: Vec<u8>,
    length: u64,
}

struct Generator<'blob> {
    blob: &'blob Generated,
    at: u64,
}

impl Read for Generator<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.blob.piece.len() as u64;
        let (number, offset) = (self.at / piece, (self.at % piece) as usize);
        let left = usize::try_from(self.blob.length - self.at).unwrap();
        let count = buffer.len().min(self.blob.piece.len() - offset).min(left);
        for (byte, made) in buffer[..count].iter_mut().zip(&self.blob.piece[offset..]) {
            *byte = made ^ (number / 4000) as u8;
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Blobs for Generated {
    fn open(&self, _: Digest) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Generator { blob: self, at: 0 }))
    }
}

fn packed_twice(format: Format, length: u64) -> Vec<u8> {
    let blob = Generated { piece: noise(1021), length };
    let hashed = Hashed::read(&mut Generator { blob: &blob, at: 0 }).unwrap();
    let mut tree = Tree::new();
    tree.insert_file("large".parse().unwrap(), hashed.digest(), hashed.size(), Mode::Regular).unwrap();
    let spec = archive("x86_64-unknown-linux-gnu", format);
    let (_, one) = pack_with(&spec, &tree, &blob, ONE).unwrap();
    let (_, two) = pack_with(&spec, &tree, &blob, TWO).unwrap();
    assert!(one == two, "{format}: one and two threads differ");
    let found = read_back(format, &one);
    assert_eq!(found.last().unwrap().1.contents, Contents::File(hashed.digest()));
    one
}

/// Zeros, more than memory should hold.
struct Zeros(u64);

impl Blobs for Zeros {
    fn open(&self, _: Digest) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::repeat(0).take(self.0)))
    }
}

/// More than 32 bits can count: 4 GiB and a byte.
#[test]
fn a_file_of_more_than_four_gigabytes_goes_into_a_zip() {
    let blob = Zeros((4 << 30) + 1);
    // Of that many zeros; the packer counts it again.
    let digest = "fbb82f7b353676bb562eb82157fcf0ea42c36492ca13ee56dbf82c08b6802c5c".parse().unwrap();
    let mut tree = Tree::new();
    tree.insert_file("large.dll".parse().unwrap(), digest, blob.0, Mode::Regular).unwrap();
    let (_, bytes) = pack_with(&archive("x86_64-pc-windows-msvc", Format::Zip), &tree, &blob, ONE).unwrap();
    let found = fixture::zip::listing(&bytes);
    assert_eq!((&found[0]["name"], &found[0]["size"]), (&"large.dll".into(), &blob.0.into()));
}

/// Number of blocks, from the index before the footer (the .xz file format, sections 2.1.2 and 4).
fn xz_blocks(bytes: &[u8]) -> u8 {
    let footer = &bytes[bytes.len() - 12..];
    let index = (u32::from_le_bytes(footer[4..8].try_into().unwrap()) as usize + 1) * 4;
    let index = &bytes[bytes.len() - 12 - index..];
    assert_eq!(index[0], 0);
    index[1]
}

#[test]
fn xz_of_more_than_two_blocks_does_not_depend_on_threads() {
    assert_eq!(xz_blocks(&packed_twice(Format::TarXz, 49 << 20)), 3);
}

#[test]
fn zstd_of_several_jobs_does_not_depend_on_threads() {
    packed_twice(Format::TarZst, 70 << 20);
}
