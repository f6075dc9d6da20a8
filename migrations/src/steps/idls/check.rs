//! What must hold before anything is written.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use solana_keypair::{Keypair, read_keypair_file};
use solana_signer::Signer;

use super::Idl;
use crate::{
    IdlPlan, Target,
    steps::program_data::{program_data_address, read_authority},
};

/// Checks that the deployer is the upgrade authority of the IDL's program: explorers trust what
/// that key has written.
pub(super) async fn check_authority(target: Target<'_>, idl: &Idl) -> Result<()> {
    let Idl { name, program, .. } = idl;
    let account = target.session.fetch_raw_account(&program_data_address(program)).await?;
    let account = account.with_context(|| {
        format!("the upgradeable loader has not deployed {name} ({program}) on this cluster")
    })?;

    let deployer = target.deployer.pubkey();
    match read_authority(&account.data) {
        Some(authority) if authority == deployer => Ok(()),
        Some(authority) => bail!(
            "only the upgrade authority of {name} ({program}) writes its IDL; that is \
             {authority}, and the deployer is {deployer}"
        ),
        None => bail!("{name} ({program}) is final; without an upgrade authority its IDL is, too"),
    }
}

/// Returns the file of the deployer's key, once it is certain that it has that key.
pub(super) fn check_keypair_file<'a>(plan: &'a IdlPlan, deployer: &Keypair) -> Result<&'a Path> {
    let file = plan.keypair_file.as_deref().context(
        "the client of the program-metadata program reads the deployer's key from a file, and \
         the plan names none; set `keypair_file`",
    )?;
    let keypair = read_keypair_file(file)
        .map_err(|error| anyhow!("cannot read the key in {}: {error}", file.display()))?;

    ensure!(
        keypair.pubkey() == deployer.pubkey(),
        "{} has the key of {}; the deployer is {}",
        file.display(),
        keypair.pubkey(),
        deployer.pubkey()
    );
    Ok(file)
}
