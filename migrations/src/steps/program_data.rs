//! Accounts of the upgradeable loader.

use solana_address::Address;

/// The loader of upgradeable programs.
const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// Where a data account says whether it has an upgrade authority: after variant and slot. The
/// authority follows.
const AUTHORITY_FLAG: usize = 4 + 8;

/// Returns the address of an upgradeable program's data account, which holds its upgrade authority.
pub(super) fn program_data_address(program: &Address) -> Address {
    Address::find_program_address(&[program.as_ref()], &LOADER).0
}

/// Returns the upgrade authority that a data account names; `None` if the program is final.
pub(super) fn read_authority(data: &[u8]) -> Option<Address> {
    let (flag, rest) = data.get(AUTHORITY_FLAG..)?.split_first()?;
    let bytes: [u8; 32] = rest.get(..32)?.try_into().ok()?;
    (*flag == 1).then(|| Address::new_from_array(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_an_authority_or_is_final() {
        let header = [&3_u32.to_le_bytes()[..], &7_u64.to_le_bytes()].concat();
        let owned = [&header[..], &[1], &[9; 32], b"code"].concat();
        let last = [&header[..], &[0], &[0; 32], b"code"].concat();

        assert_eq!(read_authority(&owned), Some(Address::new_from_array([9; 32])));
        assert_eq!(read_authority(&last), None);
        assert_eq!(read_authority(&owned[..44]), None);
    }
}
