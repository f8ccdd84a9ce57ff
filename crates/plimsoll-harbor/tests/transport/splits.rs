//! Whatever the network makes of the bytes of a connection, they mean the same; and no bytes make the server panic.

use std::io::{self, Read};

use plimsoll_harbor::answers;
use proptest::prelude::*;

use crate::uploads::Uploads;

/// Bytes that come in pieces of these sizes, over and over.
struct Pieces<'b> {
    bytes: &'b [u8],
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.next().unwrap_or(1).min(into.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(size);
        into[..size].copy_from_slice(piece);
        self.bytes = rest;
        Ok(size)
    }
}

/// An upload.
#[derive(Debug)]
struct Upload {
    name: String,
    body: Vec<u8>,
    /// The whole request.
    bytes: Vec<u8>,
}

/// An upload, in chunks or by its length.
fn any_upload() -> impl Strategy<Value = Upload> {
    let chunks = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..5);
    (chunks, any::<bool>(), any::<bool>(), "x[a-z]{0,8}").prop_map(|(chunks, chunked, expects, name)| {
        let body = chunks.concat();
        let mut bytes = format!("PUT /{name} HTTP/1.1\r\n{}", if expects { "Expect: 100-continue\r\n" } else { "" }).into_bytes();
        if chunked {
            bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
            for chunk in chunks {
                bytes.extend(format!("{:x};{name}\r\n", chunk.len()).into_bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(format!("0\r\n{name}: x\r\n\r\n").into_bytes());
        } else {
            bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
            bytes.extend(&body);
        }
        Upload { name, body, bytes }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_split_gives_the_same_uploads(
        uploads in prop::collection::vec(any_upload(), 1..5),
        sizes in prop::collection::vec(1_usize..50, 1..20),
    ) {
        let bytes = uploads.iter().flat_map(|upload| upload.bytes.clone()).collect::<Vec<_>>();
        let (whole, split) = (Uploads::default(), Uploads::default());
        let heard = answers(&whole, bytes.as_slice());
        let pieces = Pieces { bytes: &bytes, sizes: sizes.into_iter().cycle() };
        prop_assert_eq!(&answers(&split, pieces), &heard);
        prop_assert_eq!((whole.asked(), split.asked()), (uploads.len(), uploads.len()));
        let last = uploads.last().map(|upload| upload.body.clone());
        let name = uploads.last().map(|upload| format!("/{}", upload.name)).unwrap_or_default();
        prop_assert_eq!(&whole.stored(&name), &last);
        prop_assert_eq!(&split.stored(&name), &last);
    }

    #[test]
    fn changed_bytes_are_answered_or_left(
        uploads in prop::collection::vec(any_upload(), 1..3),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = uploads.into_iter().flat_map(|upload| upload.bytes).collect::<Vec<_>>();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let heard = answers(&Uploads::default(), bytes.as_slice());
        prop_assert!(heard.is_empty() || heard.starts_with(b"HTTP/1.1 "));
    }
}
