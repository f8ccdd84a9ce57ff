//! The gzip around a tar file, unpacked piece by piece up to a bound that its own size sets.

use flate2::{Crc, Decompress, FlushDecompress, Status};

const PIECE: usize = 1 << 16;
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

const HAS_CRC: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

/// Why it could not be unpacked.
pub(super) enum Fault {
    /// A fragment that goes on after the file's name.
    Malformed(String),
    /// Unpacks to more than the bound.
    Bomb,
    /// Something follows its end: so many bytes.
    Trailing(usize),
}

/// Gives the contents piece by piece; stops after `most` bytes.
pub(super) fn unpack(bytes: &[u8], most: u64, take: &mut dyn FnMut(&[u8])) -> Result<u64, Fault> {
    let start = header(bytes).ok_or_else(|| Fault::Malformed("is no gzip file, or cut off in its header".to_owned()))?;
    let packed = &bytes[start..];
    let mut inflater = Decompress::new(false);
    let (mut crc, mut piece) = (Crc::new(), vec![0; PIECE]);
    loop {
        let (read, written) = (inflater.total_in(), inflater.total_out());
        let rest = packed.get(usize::try_from(read).unwrap_or(usize::MAX)..).unwrap_or_default();
        let status = inflater.decompress(rest, &mut piece, FlushDecompress::None);
        let status = status.map_err(|_| Fault::Malformed("cannot be unpacked: it is no deflated data".to_owned()))?;
        let made = usize::try_from(inflater.total_out() - written).unwrap_or_default();
        if inflater.total_out() > most {
            return Err(Fault::Bomb);
        }
        crc.update(&piece[..made]);
        take(&piece[..made]);
        if status == Status::StreamEnd {
            break;
        }
        if made == 0 && inflater.total_in() == read {
            return Err(Fault::Malformed("cannot be unpacked: it is cut off".to_owned()));
        }
    }
    let end = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
    let trailer = packed.get(end..).and_then(|rest| rest.get(..8)).ok_or_else(|| Fault::Malformed("is cut off at its end".to_owned()))?;
    let number = |at: usize| u32::from_le_bytes([trailer[at], trailer[at + 1], trailer[at + 2], trailer[at + 3]]);
    if number(0) != crc.sum() || u64::from(number(4)) != inflater.total_out() & u64::from(u32::MAX) {
        return Err(Fault::Malformed("has a checksum or size that is not that of its contents".to_owned()));
    }
    match packed.len() - end - 8 {
        0 => Ok(inflater.total_out()),
        behind => Err(Fault::Trailing(behind)),
    }
}

/// Where the data begin.
fn header(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & HAS_EXTRA != 0 {
        at += 2 + usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    }
    for flag in [HAS_NAME, HAS_COMMENT] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    at += if flags & HAS_CRC == 0 { 0 } else { 2 };
    (at <= bytes.len()).then_some(at)
}
