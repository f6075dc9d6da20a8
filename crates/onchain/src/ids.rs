//! The addresses of the three programs. Each program's `declare_id!` repeats its own, and a test compares them.

use anchor_lang::prelude::*;

/// The jobs program.
pub const JOBS: Address = Address::from_str_const("AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14");
/// The staking program.
pub const STAKING: Address = Address::from_str_const("Hda5fAMchsjNBM3ZgperkMJuz3fwt4oPojmTixswkbbQ");
/// The rewards program.
pub const REWARDS: Address = Address::from_str_const("GF7VH4ty5UW4qpZS3WDiyy7RFpJzZz56Hgzs2cSmyBoD");
/// The classic SPL Token program, the only one whose accounts hold NOS.
pub const TOKEN: Address = Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
