//! Who may initialize a program: the authority that may upgrade it. Otherwise the first stranger to
//! see the deployment could choose the mint and the admin.

use anchor_lang::prelude::*;

/// The loader that owns upgradeable programs.
pub const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// Where a program account names its data account, after the loader's 4-byte tag.
const PROGRAM_DATA: core::ops::Range<usize> = 4..36;
/// Where a data account says that there is an authority, after tag and slot.
const HAS_AUTHORITY: usize = 12;
/// Where it names that authority.
const AUTHORITY: core::ops::Range<usize> = 13..45;

/// Whether `signer` is the upgrade authority of `program`, whose data account is `program_data`.
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
    program.get(PROGRAM_DATA) == Some(program_data.address().as_ref())
        && data.get(HAS_AUTHORITY) == Some(&1)
        && data.get(AUTHORITY) == Some(signer.as_ref())
}
