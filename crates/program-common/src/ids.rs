//! The addresses of the three programs and of their single accounts. Each program's `declare_id!`
//! repeats its own address; a test compares them.

use anchor_lang::prelude::*;

/// The jobs program.
pub const JOBS: Address = Address::from_str_const("AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14");
/// The staking program.
pub const STAKING: Address =
    Address::from_str_const("Hda5fAMchsjNBM3ZgperkMJuz3fwt4oPojmTixswkbbQ");
/// The rewards program.
pub const REWARDS: Address =
    Address::from_str_const("GF7VH4ty5UW4qpZS3WDiyy7RFpJzZz56Hgzs2cSmyBoD");
/// The signer with which the jobs program calls the staking program: `["authority"]` of the jobs
/// program.
///
/// This address and the four below are derived. They are constants so that no transaction has to
/// derive them again; a test compares them with the derived addresses.
pub const JOBS_AUTHORITY: Address =
    Address::from_str_const("6fuWWhX6XbDzsmNmA7EH55BCKAKhczL1Q1wtqGAkkZLw");
/// Bump of [`JOBS_AUTHORITY`].
pub const JOBS_AUTHORITY_BUMP: u8 = 254;
/// The weight of all panelists: `["panelists"]` of the jobs program.
pub const PANELISTS: Address =
    Address::from_str_const("D3G9Enn5sHUaUNjtgJ5oQk3Kwzf72oYxNAHrhGRbQGmw");
/// The configuration of the staking program: `["config"]`.
pub const STAKING_CONFIG: Address =
    Address::from_str_const("6dPPAq2KE7fEn4oFNzD3eNZwZ6vpRQAoYs6tmz21XceH");
/// The reward pool: `["pool"]` of the rewards program.
pub const POOL: Address = Address::from_str_const("BWmthwYo8j3zFbyoa68H6mHodJrMC8Q1E68f2SyTPu59");
/// The token account that holds all that the reward pool owes: `["vault"]` of the rewards program.
/// Other programs pay into it by the token program alone, so it is fixed here, where no account of
/// the rewards program can name another one.
pub const POOL_VAULT: Address =
    Address::from_str_const("EsyTWH8LiibfoshBAsU5BgJucQPuMuBseP488md2UFMV");
/// The sysvar with the hashes of the last 512 slots.
pub const SLOT_HASHES: Address =
    Address::from_str_const("SysvarS1otHashes111111111111111111111111111");
/// The classic SPL Token program, the only one whose accounts hold NOS.
pub const TOKEN: Address = Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
