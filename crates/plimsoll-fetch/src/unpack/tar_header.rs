//! One tar header: 512 bytes → fields, strictly.
//!
//! Sources: POSIX.1-2017, pax, "ustar Interchange Format"; the GNU tar manual, "Basic Tar Format".

use super::UnpackError;

/// Headers and contents are laid out in blocks of this length.
pub(super) const BLOCK: usize = 512;

/// The fields that matter to a consumer.
pub(super) struct Header {
    /// The name, with the ustar prefix in front.
    pub name: Vec<u8>,
    /// Length of the contents.
    pub size: u64,
    /// The type byte.
    pub kind: u8,
    /// Target of a link.
    pub link: Vec<u8>,
    /// Whether anybody may execute it.
    pub executable: bool,
}

impl Header {
    /// `at` is the block's place, for messages.
    pub(super) fn parse(block: &[u8; BLOCK], at: u64) -> Result<Self, UnpackError> {
        let broken = |what| UnpackError::Header { at, what };
        let sum = block.iter().enumerate().map(|(i, byte)| if (148..156).contains(&i) { u64::from(b' ') } else { u64::from(*byte) });
        if number(&block[148..156]) != Some(sum.sum()) {
            return Err(broken("its checksum does not hold"));
        }
        let ustar = &block[257..263] == b"ustar\0";
        if !ustar && &block[257..265] != b"ustar  \0" && block[257..265] != [0; 8] {
            return Err(broken("it is neither POSIX nor GNU nor the old form"));
        }
        let mut name = text(&block[..100]).to_vec();
        let prefix = text(&block[345..500]);
        if ustar && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Ok(Self {
            name,
            size: number(&block[124..136]).ok_or_else(|| broken("its size is no number"))?,
            kind: block[156],
            link: text(&block[157..257]).to_vec(),
            executable: number(&block[100..108]).ok_or_else(|| broken("its mode is no number"))? & 0o111 != 0,
        })
    }
}

/// Up to the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits with blanks around them, or GNU's base 256 for what octal does not hold. Up to 2^63 - 1.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        // The greatest bit marks the form, the next one is the sign.
        let (first, rest) = field.split_first()?;
        let start = (*first == 0x80).then_some(0_u64)?;
        let value = rest.iter().try_fold(start, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))?;
        return (value <= i64::MAX as u64).then_some(value);
    }
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let start = field.iter().position(|byte| *byte != b' ')?;
    let digits = field[start..].split(blank).next()?;
    let rest = &field[start + digits.len()..];
    if digits.is_empty() || !rest.iter().all(blank) {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = char::from(*byte).to_digit(8)?;
        value.checked_mul(8)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_octal_or_base_256() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]), Some(1 << 33));
        for bad in [
            b"\0\0\0\0\0\0\0\0\0\0\0\0".as_slice(),
            b"            ",
            b"0000064 4\0\0\0",
            b"-0000000001\0",
            b"0x000000001\0",
            b"00000000008\0",
            &[0xff; 12],
            &[0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &[0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(number(bad), None, "{bad:?}");
        }
    }
}
