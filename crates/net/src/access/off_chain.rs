//! The bytes of a Solana off-chain message, version 0, which a wallet signs.
//!
//! | bytes | content |
//! | --- | --- |
//! | 16 | `\xffsolana offchain`: 0xff is not a valid first byte of a transaction |
//! | 1 | version 0 |
//! | 32 | application: `nosana job access`, padded with zeros |
//! | 1 | format 0: printable ASCII, which hardware wallets display |
//! | 1 | one signer |
//! | 32 | the signer |
//! | 2 | length of the text, little-endian |
//! | | the text |

use solana_address::Address;
use solana_signature::Signature;
use solana_signer::Signer;

use super::AccessError;

const DOMAIN: &[u8; 16] = b"\xffsolana offchain";
const VERSION: u8 = 0;
const APPLICATION: &[u8; 32] = b"nosana job access\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const PRINTABLE_ASCII: u8 = 0;

/// The bytes that `signer` signs for this text, which is printable ASCII.
pub(super) fn message_bytes(signer: &Address, text: &str) -> Vec<u8> {
    debug_assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
    // Texts here have a few hundred bytes.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);

    let mut bytes = Vec::with_capacity(85 + text.len());
    bytes.extend_from_slice(DOMAIN);
    bytes.push(VERSION);
    bytes.extend_from_slice(APPLICATION);
    bytes.extend_from_slice(&[PRINTABLE_ASCII, 1]);
    bytes.extend_from_slice(signer.as_ref());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

pub(super) fn sign_text(signer: &dyn Signer, text: &str) -> Result<Signature, AccessError> {
    let not_signed = |error: solana_signer::SignerError| AccessError::NotSigned(error.to_string());
    let address = signer.try_pubkey().map_err(not_signed)?;

    signer.try_sign_message(&message_bytes(&address, text)).map_err(not_signed)
}

pub(super) fn check_signature(
    signer: &Address,
    text: &str,
    signature: &Signature,
) -> Result<(), AccessError> {
    if signature.verify(signer.as_ref(), &message_bytes(signer, text)) {
        return Ok(());
    }
    Err(AccessError::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_specification() {
        let bytes = message_bytes(&Address::new_from_array([9; 32]), "hello");

        assert_eq!(bytes.len(), 85 + 5);
        assert_eq!(bytes[..16], *b"\xffsolana offchain");
        assert_eq!(bytes[16], 0);
        assert_eq!(bytes[17..34], *b"nosana job access");
        assert_eq!(bytes[49..51], [0, 1]);
        assert_eq!(bytes[51..83], [9; 32]);
        assert_eq!(bytes[83..85], [5, 0]);
        assert_eq!(bytes[85..], *b"hello");
    }
}
