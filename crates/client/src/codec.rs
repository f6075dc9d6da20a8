//! Bytes of instructions, accounts and events: borsh's, little-endian.

use solana_address::Address;
use thiserror::Error;

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The data are another account's, or nobody's.
    #[error(
        "the data do not begin like a `{expected}`: check the address and the program's version"
    )]
    WrongDiscriminator {
        /// Name of the account type that was asked for.
        expected: &'static str,
    },
    /// The data end too early.
    #[error(
        "the data end {missing} bytes too early: the program's version and this client's differ"
    )]
    TooShort {
        /// Bytes that were needed and not there.
        missing: usize,
    },
    /// A value that the type does not have.
    #[error("the data hold no valid `{what}`: the program's version and this client's differ")]
    Invalid {
        /// Name of the type.
        what: &'static str,
    },
}

/// What can be written as an argument.
pub trait Encode {
    /// Appends the value's bytes.
    fn write(&self, out: &mut Vec<u8>);
}

/// What can be read from an account or an event.
pub trait Decode: Sized {
    /// Takes the value's bytes.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// An account type of one of the programs.
pub trait ProgramAccount: Encode + Decode {
    /// The program that owns accounts of this type.
    const PROGRAM: Address;
    /// The type's name in the IDL.
    const NAME: &'static str;
    /// The bytes that the data begin with.
    const DISCRIMINATOR: &'static [u8];

    /// Reads the account, and ignores what follows it.
    fn from_data(data: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self::split(data)?.0)
    }

    /// Reads the account, and returns it with what follows it: the items of a queue, for one.
    fn split(data: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let wrong = DecodeError::WrongDiscriminator { expected: Self::NAME };
        let mut reader = Reader::new(data.strip_prefix(Self::DISCRIMINATOR).ok_or(wrong)?);
        let value = Self::read(&mut reader)?;
        Ok((value, reader.rest()))
    }

    /// The account's data: the discriminator and the value.
    fn to_data(&self) -> Vec<u8> {
        let mut out = Self::DISCRIMINATOR.to_vec();
        self.write(&mut out);
        out
    }
}

/// Bytes that are still to be read.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `data`.
    pub const fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// What has not been read.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes the next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let missing = DecodeError::TooShort { missing: count.saturating_sub(self.rest.len()) };
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(missing)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let missing = DecodeError::TooShort { missing: N.saturating_sub(self.rest.len()) };
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(missing)?;
        self.rest = rest;
        Ok(*taken)
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Encode for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
        impl Decode for $type {
            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(Self::from_le_bytes(reader.array()?))
            }
        }
    )*};
}
integers!(u8, i8, u16, i16, u32, i32, u64, i64, u128, i128);

impl Encode for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Decode for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match u8::read(reader)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Invalid { what: "bool" }),
        }
    }
}

impl Encode for Address {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_ref());
    }
}

impl Decode for Address {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self::new_from_array(reader.array()?))
    }
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    fn write(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|item| item.write(out));
    }
}

impl<T: Decode, const N: usize> Decode for [T; N] {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let items: Vec<T> = (0..N).map(|_| T::read(reader)).collect::<Result<_, _>>()?;
        items.try_into().map_err(|_| DecodeError::Invalid { what: "array" })
    }
}

impl<T: Encode> Encode for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        self.iter().for_each(|value| value.write(out));
    }
}

impl<T: Decode> Decode for Option<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        bool::read(reader)?.then(|| T::read(reader)).transpose()
    }
}

/// The number of items, as borsh writes it. Nobody can send four billion of them in one
/// transaction.
fn write_len(len: usize, out: &mut Vec<u8>) {
    u32::try_from(len).unwrap_or(u32::MAX).write(out);
}

fn read_len(reader: &mut Reader<'_>) -> Result<usize, DecodeError> {
    usize::try_from(u32::read(reader)?).map_err(|_| DecodeError::Invalid { what: "length" })
}

impl<T: Encode> Encode for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len(), out);
        self.iter().for_each(|item| item.write(out));
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = read_len(reader)?;
        let mut items = Self::new();
        // Memory grows with the bytes that are there, not with the length that they claim.
        for _ in 0..len {
            if reader.rest().is_empty() {
                return Err(DecodeError::TooShort { missing: 1 });
            }
            items.push(T::read(reader)?);
        }
        Ok(items)
    }
}

impl Encode for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl Decode for String {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = read_len(reader)?;
        Self::from_utf8(reader.take(len)?.to_vec())
            .map_err(|_| DecodeError::Invalid { what: "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Decode, DecodeError, Encode, Reader};

    fn bytes(value: &impl Encode) -> Vec<u8> {
        let mut out = Vec::new();
        value.write(&mut out);
        out
    }

    #[test]
    fn writes_what_borsh_writes() {
        assert_eq!(bytes(&0x0102_u16), [2, 1]);
        assert_eq!(bytes(&-2_i64), [254, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!(bytes(&Some(true)), [1, 1]);
        assert_eq!(bytes(&None::<u64>), [0]);
        assert_eq!(bytes(&"hé".to_owned()), [3, 0, 0, 0, b'h', 0xc3, 0xa9]);
        assert_eq!(bytes(&vec![1_u16, 2]), [2, 0, 0, 0, 1, 0, 2, 0]);
        assert_eq!(bytes(&[[1_u8; 2]; 2]), [1, 1, 1, 1]);
    }

    #[test]
    fn refuses_what_is_not_there() {
        assert_eq!(u64::read(&mut Reader::new(&[0; 5])), Err(DecodeError::TooShort { missing: 3 }));
        assert_eq!(bool::read(&mut Reader::new(&[2])), Err(DecodeError::Invalid { what: "bool" }));
        assert_eq!(
            Vec::<u8>::read(&mut Reader::new(&[255; 4])),
            Err(DecodeError::TooShort { missing: 1 })
        );
        assert!(String::read(&mut Reader::new(&[1, 0, 0, 0, 0xff])).is_err());
    }
}
