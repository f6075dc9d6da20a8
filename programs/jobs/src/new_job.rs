//! Creates the account of a job.

use anchor_lang::{AccountInitialize, Space, create_program_address, prelude::*};
use nosana_program_common::hash_parts;
use nosana_protocol::seeds;

use crate::state::Job;

/// What ends the text whose hash is an address of a program.
const ADDRESS_MARKER: &[u8] = b"ProgramDerivedAddress";

/// Creates the account of the job `nonce` of `client`; `payer` pays the rent. Returns the account,
/// and the bump of its address.
pub fn create_job(
    account: &UncheckedAccount,
    payer: &Signer,
    client: &Address,
    nonce: u64,
) -> Result<(Account<Job>, u8)> {
    let nonce = nonce.to_le_bytes();
    let bump = find_bump(account.address(), client, &nonce)?;

    let job = Account::<Job>::create_and_initialize(
        payer.account(),
        account.account(),
        Account::<Job>::INIT_SPACE,
        &crate::ID,
        &Default::default(),
        Some(&[seeds::JOB, client.as_ref(), &nonce, &[bump]]),
        None,
    )?;
    Ok((job, bump))
}

/// Returns the bump of the job's address: the highest that gives an address of a program.
///
/// Anchor's `init` checks for each hash whether it is such an address, which costs 160 compute
/// units. For the hash that is `address` the creation of the account shows it: the runtime signs for
/// no other.
fn find_bump(address: &Address, client: &Address, nonce: &[u8; 8]) -> Result<u8> {
    for bump in (0..=u8::MAX).rev() {
        let seeds: [&[u8]; 4] = [seeds::JOB, client.as_ref(), nonce, &[bump]];
        let [job, client, nonce, tail] = seeds;
        let hash = hash_parts(&[job, client, nonce, tail, crate::ID.as_ref(), ADDRESS_MARKER]);
        if hash == *address.as_array() {
            return Ok(bump);
        }

        // A job has one address, although lower bumps would give others.
        let is_passed_over = create_program_address(&seeds, &crate::ID).is_err();
        require!(is_passed_over, ProgramError::InvalidSeeds);
    }
    Err(ProgramError::InvalidSeeds)
}
