//! The encoding of integers, addresses, arrays, options, vectors and strings.

use solana_address::Address;

use super::{Decode, DecodeError, Encode, Reader};

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Encode for $type {
            fn encode_into(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
        impl Decode for $type {
            fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(Self::from_le_bytes(reader.take_array()?))
            }
        }
    )*};
}
integers!(u8, i8, u16, i16, u32, i32, u64, i64, u128, i128);

impl Encode for bool {
    fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Decode for bool {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match u8::decode_from(reader)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Invalid { what: "bool" }),
        }
    }
}

impl Encode for Address {
    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_ref());
    }
}

impl Decode for Address {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self::new_from_array(reader.take_array()?))
    }
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|item| item.encode_into(out));
    }
}

impl<T: Decode, const N: usize> Decode for [T; N] {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let items: Vec<T> = (0..N).map(|_| T::decode_from(reader)).collect::<Result<_, _>>()?;
        items.try_into().map_err(|_| DecodeError::Invalid { what: "array" })
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.is_some().encode_into(out);
        self.iter().for_each(|value| value.encode_into(out));
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        bool::decode_from(reader)?.then(|| T::decode_from(reader)).transpose()
    }
}

/// Writes the number of items as borsh does. A transaction cannot carry four billion of them.
fn encode_len(len: usize, out: &mut Vec<u8>) {
    u32::try_from(len).unwrap_or(u32::MAX).encode_into(out);
}

fn decode_len(reader: &mut Reader<'_>) -> Result<usize, DecodeError> {
    usize::try_from(u32::decode_from(reader)?).map_err(|_| DecodeError::Invalid { what: "length" })
}

impl<T: Encode> Encode for Vec<T> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        encode_len(self.len(), out);
        self.iter().for_each(|item| item.encode_into(out));
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = decode_len(reader)?;
        let mut items = Self::new();

        // Allocates for the bytes that are present, not for the length that they claim.
        for _ in 0..len {
            if reader.remaining().is_empty() {
                return Err(DecodeError::TooShort { missing: 1 });
            }
            items.push(T::decode_from(reader)?);
        }

        Ok(items)
    }
}

impl Encode for String {
    fn encode_into(&self, out: &mut Vec<u8>) {
        encode_len(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl Decode for String {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = decode_len(reader)?;
        let bytes = reader.take_bytes(len)?.to_vec();
        Self::from_utf8(bytes).map_err(|_| DecodeError::Invalid { what: "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Decode, DecodeError, Encode, Reader};

    fn encode(value: &impl Encode) -> Vec<u8> {
        let mut out = Vec::new();
        value.encode_into(&mut out);
        out
    }

    #[test]
    fn values_are_encoded_as_borsh() {
        assert_eq!(encode(&0x0102_u16), [2, 1]);
        assert_eq!(encode(&-2_i64), [254, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!(encode(&Some(true)), [1, 1]);
        assert_eq!(encode(&None::<u64>), [0]);
        assert_eq!(encode(&"hé".to_owned()), [3, 0, 0, 0, b'h', 0xc3, 0xa9]);
        assert_eq!(encode(&vec![1_u16, 2]), [2, 0, 0, 0, 1, 0, 2, 0]);
        assert_eq!(encode(&[[1_u8; 2]; 2]), [1, 1, 1, 1]);
    }

    #[test]
    fn short_and_invalid_data_are_rejected() {
        assert_eq!(
            u64::decode_from(&mut Reader::new(&[0; 5])),
            Err(DecodeError::TooShort { missing: 3 })
        );
        assert_eq!(
            bool::decode_from(&mut Reader::new(&[2])),
            Err(DecodeError::Invalid { what: "bool" })
        );
        assert_eq!(
            Vec::<u8>::decode_from(&mut Reader::new(&[255; 4])),
            Err(DecodeError::TooShort { missing: 1 })
        );
        assert!(String::decode_from(&mut Reader::new(&[1, 0, 0, 0, 0xff])).is_err());
    }
}
