//! The values of a GGUF file's metadata.

use std::io::{Read, Seek};

use super::reader::BoundedReader;

/// The longest text that is kept; templates for chats are long.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// The most numbers of an array that are kept. One for each layer fits.
const MAX_KEPT_NUMBERS: u64 = 1_024;

/// The numbers of the types, as `gguf.h` has them.
const TYPE_TEXT: u32 = 8;
const TYPE_ARRAY: u32 = 9;

/// A value of the metadata.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum HeaderValue {
    /// A number without a sign, or a flag.
    Number(u64),
    /// A text.
    Text(String),
    /// Numbers without a sign, one for each layer for instance.
    Numbers(Vec<u64>),
    /// The length of an array whose elements are not kept.
    Length(u64),
    /// A value that nothing here needs.
    Other,
}

impl HeaderValue {
    /// Reads a value after the number of its type.
    pub fn read<R: Read + Seek>(reader: &mut BoundedReader<R>) -> Result<Self, String> {
        match reader.read_u32()? {
            TYPE_TEXT => reader.read_text("a text", MAX_TEXT_BYTES).map(Self::Text),
            TYPE_ARRAY => Self::read_array(reader),
            kind => Ok(read_number(reader, kind)?.map_or(Self::Other, Self::Number)),
        }
    }

    fn read_array<R: Read + Seek>(reader: &mut BoundedReader<R>) -> Result<Self, String> {
        let kind = reader.read_u32()?;
        let length = reader.read_u64()?;

        if kind == TYPE_TEXT {
            // Each text has a length of eight bytes, so the file's size bounds the loop.
            for _ in 0..length {
                reader.skip_text()?;
            }
            return Ok(Self::Length(length));
        }

        if length > MAX_KEPT_NUMBERS {
            let bytes = length.checked_mul(number_bytes(kind)?);
            reader.skip_bytes(bytes.ok_or("an array has too many elements")?)?;
            return Ok(Self::Length(length));
        }
        let numbers: Result<Option<Vec<u64>>, String> =
            (0..length).map(|_| read_number(reader, kind)).collect();
        Ok(numbers?.map_or(Self::Length(length), Self::Numbers))
    }
}

/// Reads a number of this type; `None` if it is negative or has a fraction.
fn read_number<R: Read + Seek>(
    reader: &mut BoundedReader<R>,
    kind: u32,
) -> Result<Option<u64>, String> {
    Ok(match kind {
        0 | 7 => Some(u8::from_le_bytes(reader.read_bytes()?).into()),
        1 => u64::try_from(i8::from_le_bytes(reader.read_bytes()?)).ok(),
        2 => Some(u16::from_le_bytes(reader.read_bytes()?).into()),
        3 => u64::try_from(i16::from_le_bytes(reader.read_bytes()?)).ok(),
        4 => Some(reader.read_u32()?.into()),
        5 => u64::try_from(i32::from_le_bytes(reader.read_bytes()?)).ok(),
        10 => Some(reader.read_u64()?),
        11 => u64::try_from(i64::from_le_bytes(reader.read_bytes()?)).ok(),
        _ => {
            reader.skip_bytes(number_bytes(kind)?)?;
            None
        }
    })
}

/// The size of a number of this type.
fn number_bytes(kind: u32) -> Result<u64, String> {
    match kind {
        0 | 1 | 7 => Ok(1),
        2 | 3 => Ok(2),
        4..=6 => Ok(4),
        10..=12 => Ok(8),
        _ => Err(format!("its metadata has a value of the unknown type {kind}")),
    }
}
