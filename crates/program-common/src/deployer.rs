//! Checks who may initialize a program: only the authority that may upgrade it. Without this
//! check, anyone who sees the deployment first could choose the mint and the admin.

use anchor_lang::prelude::*;

/// The loader that owns upgradeable programs.
pub const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// Bytes of a program account that hold the address of its data account, after the loader's 4-byte
/// tag.
const PROGRAM_DATA_RANGE: core::ops::Range<usize> = 4..36;
/// Byte of a data account that is 1 if it has an upgrade authority, after tag and slot.
const HAS_AUTHORITY_OFFSET: usize = 12;
/// Bytes of a data account that hold its upgrade authority.
const AUTHORITY_RANGE: core::ops::Range<usize> = 13..45;

/// Returns whether `signer` is the upgrade authority of `program`, whose data account is
/// `program_data`.
pub fn is_upgrade_authority(
    program: &AccountView,
    program_data: &AccountView,
    signer: &Address,
) -> bool {
    if !program.owned_by(&LOADER) || !program_data.owned_by(&LOADER) {
        return false;
    }

    let (Ok(program), Ok(data)) = (program.try_borrow(), program_data.try_borrow()) else {
        return false;
    };

    program.get(PROGRAM_DATA_RANGE) == Some(program_data.address().as_ref())
        && data.get(HAS_AUTHORITY_OFFSET) == Some(&1)
        && data.get(AUTHORITY_RANGE) == Some(signer.as_ref())
}
