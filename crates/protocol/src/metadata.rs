//! The collection in the metadata of a token, as the Token Metadata program (Metaplex) stores it.
//!
//! Layout, borsh: key, update authority, mint, name, symbol, URI, seller fee, optional creators,
//! two flags, optional edition nonce, optional token standard, optional collection (verified,
//! address). Strings and lists carry a 4-byte length, options a byte.

/// The Token Metadata program, `metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s`. Only accounts that it
/// owns have this layout.
pub const PROGRAM: [u8; 32] = [
    11, 112, 101, 177, 227, 209, 124, 69, 56, 157, 82, 127, 107, 4, 195, 205, 88, 184, 108, 115,
    26, 160, 253, 181, 73, 182, 209, 188, 3, 248, 41, 70,
];

/// First seed of a metadata account; the program's address and the mint's follow.
pub const SEED: &[u8] = b"metadata";

/// The first byte of a metadata account.
const METADATA_V1: u8 = 4;
/// Bytes of a creator: address, verified, share.
const CREATOR: usize = 34;

/// Returns the verified collection in the metadata `data` of `mint`; `None` if there is none, or if
/// `data` is not the metadata of that mint.
pub fn collection_of(data: &[u8], mint: &[u8; 32]) -> Option<[u8; 32]> {
    let mut rest = data;
    let key = take_bytes(&mut rest, 1)?;
    let _update_authority = take_bytes(&mut rest, 32)?;

    if key != [METADATA_V1] || take_bytes(&mut rest, 32)? != mint {
        return None;
    }

    for _ in ["name", "symbol", "uri"] {
        let length = read_length(&mut rest)?;
        take_bytes(&mut rest, length)?;
    }

    let _seller_fee_bps = take_bytes(&mut rest, 2)?;
    if read_flag(&mut rest)? {
        let creators = read_length(&mut rest)?;
        take_bytes(&mut rest, creators.checked_mul(CREATOR)?)?;
    }

    let _sold_and_mutable = take_bytes(&mut rest, 2)?;

    for _ in ["edition nonce", "token standard"] {
        if read_flag(&mut rest)? {
            take_bytes(&mut rest, 1)?;
        }
    }

    let verified = read_flag(&mut rest)? && read_flag(&mut rest)?;
    if verified { take_bytes(&mut rest, 32)?.try_into().ok() } else { None }
}

fn take_bytes<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;

    *rest = left;
    Some(taken)
}

fn read_length(rest: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(take_bytes(rest, 4)?.try_into().ok()?)).ok()
}

fn read_flag(rest: &mut &[u8]) -> Option<bool> {
    match take_bytes(rest, 1)? {
        [0] => Some(false),
        [1] => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const MINT: [u8; 32] = [1; 32];
    const COLLECTION: [u8; 32] = [2; 32];

    /// With creators, edition nonce and standard where `options` says so.
    fn stored(verified: u8, options: bool) -> Vec<u8> {
        let mut data = Vec::from([METADATA_V1]);
        data.extend([9; 32]);
        data.extend(MINT);
        for text in ["Members", "MBR", ""] {
            data.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            data.extend(text.as_bytes());
        }
        data.extend([0, 0]);
        if options {
            data.extend([1, 1, 0, 0, 0]);
            data.extend([7; CREATOR]);
            data.extend([1, 1, 1, 255, 1, 4]);
        } else {
            data.extend([0, 1, 1, 0, 0]);
        }
        data.extend([1, verified]);
        data.extend(COLLECTION);
        data
    }

    #[test]
    fn only_a_verified_collection_of_this_mint_counts() {
        for options in [false, true] {
            let data = stored(1, options);
            assert_eq!(collection_of(&data, &MINT), Some(COLLECTION));
            assert_eq!(collection_of(&data, &COLLECTION), None, "another mint");
            assert_eq!(collection_of(&stored(0, options), &MINT), None, "not verified");
            assert_eq!(collection_of(&stored(2, options), &MINT), None, "neither true nor false");
        }
    }

    #[test]
    fn nothing_that_ends_early_or_claims_to_be_long_is_read() {
        let whole = stored(1, true);
        for end in 0..whole.len() {
            assert_eq!(collection_of(&whole[..end], &MINT), None, "{end} bytes");
        }
        let mut endless = whole;
        endless[65..69].fill(0xff);
        assert_eq!(collection_of(&endless, &MINT), None);
    }
}
