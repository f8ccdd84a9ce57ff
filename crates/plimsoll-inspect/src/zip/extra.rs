//! Extra fields of an entry: here only the sizes and offsets that need more than 32 bits.

use super::{half, long};

const ZIP64: u16 = 1;

/// A number of 32 bits that stands for one in the extra field.
pub(super) const ELSEWHERE: u32 = u32::MAX;

/// Fills in, in this order, those numbers that the header leaves to the extra field. The error is a fragment after the entry's name.
pub(super) fn fill(extra: &[u8], numbers: &mut [(u32, &mut u64)]) -> Result<(), &'static str> {
    let wanted = numbers.iter().filter(|(short, _)| *short == ELSEWHERE).count();
    let field = zip64(extra)?;
    for (short, number) in numbers.iter_mut() {
        **number = u64::from(*short);
    }
    let Some(field) = field else {
        return if wanted == 0 { Ok(()) } else { Err("leaves a size or offset to a zip64 field that is not there") };
    };
    let mut at = 0;
    for (_, number) in numbers.iter_mut().filter(|(short, _)| *short == ELSEWHERE) {
        **number = long(field, at).ok_or("has a zip64 field that is too short")?;
        at += 8;
    }
    Ok(())
}

fn zip64(mut extra: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    let mut found = None;
    while let (Some(id), Some(length)) = (half(extra, 0), half(extra, 2)) {
        let field = extra.get(4..4 + usize::from(length)).ok_or("has an extra field that is cut off")?;
        if id == ZIP64 && found.replace(field).is_some() {
            return Err("has two zip64 fields");
        }
        extra = &extra[4 + usize::from(length)..];
    }
    if extra.is_empty() { Ok(found) } else { Err("has an extra field that is cut off") }
}
