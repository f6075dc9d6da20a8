//! Addresses as bytes, as the seeds in an IDL have them.

use anyhow::{Context, Result, ensure};

/// The digits of base 58 in Solana's addresses.
const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Returns the bytes of an address.
pub fn decode_address(text: &str) -> Result<[u8; 32]> {
    let mut bytes = [0_u8; 32];

    for letter in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == letter);
        let digit = digit.with_context(|| format!("`{text}` is not a valid address"))?;

        // Multiplies the number by 58 and adds the digit, from the last byte to the first.
        let mut carry = digit;
        for byte in bytes.iter_mut().rev() {
            let sum = usize::from(*byte) * DIGITS.len() + carry;
            *byte = u8::try_from(sum % 256)?;
            carry = sum / 256;
        }
        ensure!(carry == 0, "`{text}` is longer than an address");
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode_address;

    #[test]
    fn addresses_decode() {
        assert_eq!(decode_address("11111111111111111111111111111111").unwrap(), [0; 32]);
        let token = decode_address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA").unwrap();
        assert_eq!(token[..4], [6, 221, 246, 225]);
        assert_eq!(token[28..], [126, 255, 0, 169]);

        assert!(decode_address("0OIl").is_err());
        assert!(decode_address(&"z".repeat(44)).is_err());
    }
}
