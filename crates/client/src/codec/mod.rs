//! The encoding of instructions, accounts and events: borsh, little-endian.

mod values;

use solana_address::Address;
use thiserror::Error;

/// Why bytes could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The data belong to another type of account, or to an account without a type.
    #[error(
        "the data do not begin with the discriminator of `{expected}`; \
         check the address and the program's version"
    )]
    WrongDiscriminator {
        /// Name of the requested account type.
        expected: &'static str,
    },
    /// The data end too early.
    #[error(
        "the data end {missing} bytes too early; the program's version and this client's differ"
    )]
    TooShort {
        /// The number of missing bytes.
        missing: usize,
    },
    /// The type has no such value.
    #[error(
        "the data do not contain a valid `{what}`; the program's version and this client's differ"
    )]
    Invalid {
        /// Name of the type.
        what: &'static str,
    },
}

/// A type that can be encoded as an argument.
pub trait Encode {
    /// Appends the value's bytes.
    fn encode_into(&self, out: &mut Vec<u8>);
}

/// A type that can be decoded from an account or an event.
pub trait Decode: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// If the bytes end too early or are not a valid value.
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// An account type of one of the programs.
pub trait ProgramAccount: Encode + Decode {
    /// The program that owns accounts of this type.
    const PROGRAM: Address;
    /// The type's name in the IDL.
    const NAME: &'static str;
    /// The first bytes of the account's data.
    const DISCRIMINATOR: &'static [u8];

    /// Reads the account. Ignores the data after it.
    ///
    /// # Errors
    /// If the data belong to another type or are not a valid value.
    fn from_data(data: &[u8]) -> Result<Self, DecodeError> {
        let (value, _) = Self::split_data(data)?;
        Ok(value)
    }

    /// Reads the account, and returns it with the data after it, such as the cells of a queue.
    ///
    /// # Errors
    /// If the data belong to another type or are not a valid value.
    fn split_data(data: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let wrong = DecodeError::WrongDiscriminator { expected: Self::NAME };
        let fields = data.strip_prefix(Self::DISCRIMINATOR).ok_or(wrong)?;

        let mut reader = Reader::new(fields);
        let value = Self::decode_from(&mut reader)?;
        Ok((value, reader.remaining()))
    }

    /// Returns the account's data: the discriminator and the value.
    fn to_data(&self) -> Vec<u8> {
        let mut out = Self::DISCRIMINATOR.to_vec();
        self.encode_into(&mut out);
        out
    }
}

/// A cursor over bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    remaining: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `data`.
    pub const fn new(data: &'a [u8]) -> Self {
        Self { remaining: data }
    }

    /// The bytes that have not been read.
    pub const fn remaining(&self) -> &'a [u8] {
        self.remaining
    }

    /// Reads the next `count` bytes.
    ///
    /// # Errors
    /// [`DecodeError::TooShort`] if fewer remain.
    pub fn take_bytes(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let short = DecodeError::TooShort { missing: count.saturating_sub(self.remaining.len()) };
        let (taken, remaining) = self.remaining.split_at_checked(count).ok_or(short)?;

        self.remaining = remaining;
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let short = DecodeError::TooShort { missing: N.saturating_sub(self.remaining.len()) };
        let (taken, remaining) = self.remaining.split_first_chunk::<N>().ok_or(short)?;

        self.remaining = remaining;
        Ok(*taken)
    }
}
