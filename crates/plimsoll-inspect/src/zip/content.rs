//! A file's contents, unpacked no further than their stated size, and held against their checksum.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::Entry;

/// What is unpacked at once.
const PIECE: usize = 1 << 16;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

pub(super) fn read(bytes: &[u8], entry: &Entry, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
    let packed = entry.data.clone().and_then(|range| bytes.get(range)).ok_or("has no data that could be found")?;
    let mut crc = Crc::new();
    let mut give = |piece: &[u8]| {
        crc.update(piece);
        take(piece);
    };
    match entry.method {
        _ if entry.flags & 1 != 0 => return Err("is encrypted".to_owned()),
        STORED if packed.len() as u64 != entry.size => {
            return Err(format!("is {} bytes long, and stated to have {}", packed.len(), entry.size));
        }
        STORED => packed.chunks(PIECE).for_each(&mut give),
        DEFLATED => inflate(packed, entry.size, &mut give)?,
        method => return Err(format!("is packed by method {method}")),
    }
    match crc.sum() {
        sum if sum == entry.crc => Ok(()),
        sum => Err(format!("has the checksum {sum:08x}, and is stated to have {:08x}", entry.crc)),
    }
}

fn inflate(packed: &[u8], size: u64, give: &mut dyn FnMut(&[u8])) -> Result<(), String> {
    let mut inflater = Decompress::new(false);
    let mut piece = vec![0; PIECE];
    loop {
        let (read, written) = (inflater.total_in(), inflater.total_out());
        let rest = packed.get(usize::try_from(read).unwrap_or(usize::MAX)..).unwrap_or_default();
        let status =
            inflater.decompress(rest, &mut piece, FlushDecompress::None).map_err(|_| "cannot be unpacked: it is no deflated data")?;
        let made = usize::try_from(inflater.total_out() - written).unwrap_or_default();
        if inflater.total_out() > size {
            return Err(format!("unpacks to more than the {size} bytes that are stated"));
        }
        give(&piece[..made]);
        if status == Status::StreamEnd {
            break;
        }
        if made == 0 && inflater.total_in() == read {
            return Err("cannot be unpacked: its data are cut off".to_owned());
        }
    }
    match (inflater.total_out(), inflater.total_in()) {
        (made, _) if made != size => Err(format!("unpacks to {made} bytes, and is stated to have {size}")),
        (_, read) if read != packed.len() as u64 => Err(format!("has {} bytes behind the end of its data", packed.len() as u64 - read)),
        _ => Ok(()),
    }
}
