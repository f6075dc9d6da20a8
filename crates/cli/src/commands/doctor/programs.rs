//! The programs on the network: whether they are there, which code they have, and whether this
//! `nosana` reads their accounts.

use std::ops::Range;

use anyhow::{Context, Result, anyhow, ensure};
use nosana_client::{
    ProgramAccount, Session, jobs::accounts::Config as JobsConfig, pda, rewards::accounts::Pool,
    staking::accounts::Config as StakingConfig,
};
use nosana_job_spec::Digest;
use solana_address::Address;

use crate::version::{LAYOUT_VERSION, PROGRAMS};

/// Bytes of an upgradeable program's account that name its data account, after the variant.
const DATA_ADDRESS: Range<usize> = 4..36;
/// Bytes of a data account that hold the slot of the deployment, after the variant.
const DEPLOYMENT_SLOT: Range<usize> = 4..12;
/// Where a data account's code begins: after variant, slot and upgrade authority.
const CODE_START: usize = 45;

/// The code of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DeployedCode {
    /// The slot of the last deployment.
    slot: u64,
    /// The SHA-256 of the code without the zeros at its end, which room for upgrades leaves.
    digest: Digest,
}

/// Checks that each program exists and can be called, that they were initialized, and that their
/// accounts have the layout that this version reads. Returns which code they have.
pub async fn check_programs(session: &Session) -> Result<String> {
    let mut described = Vec::with_capacity(PROGRAMS.len());
    for (name, address) in PROGRAMS {
        let code = check_program(session, name, &address).await?;
        described.push(describe_program(name, &address, code));
    }

    let layouts = [
        read_layout(session, &pda::jobs::config(), |config: JobsConfig| config.version).await?,
        read_layout(session, &pda::staking::config(), |config: StakingConfig| config.version)
            .await?,
        read_layout(session, &pda::rewards::pool(), |pool: Pool| pool.version).await?,
    ];
    for ((name, _), version) in PROGRAMS.iter().zip(layouts) {
        check_layout(name, version)?;
    }
    Ok(described.join("; "))
}

/// Returns the code of a program; `None` if it was not deployed by the upgradeable loader.
async fn check_program(
    session: &Session,
    name: &str,
    address: &Address,
) -> Result<Option<DeployedCode>> {
    let elsewhere = "name a network that has it with --url, or update this program";
    let account = session.fetch_raw_account(address).await?;
    let account = account.ok_or_else(|| {
        anyhow!("{name} ({address}) is not deployed on this network; {elsewhere}")
    })?;
    ensure!(account.executable, "{name} ({address}) is not a program on this network; {elsewhere}");

    let Some(data_address) = read_data_address(&account.data) else { return Ok(None) };
    let data = session.fetch_raw_account(&data_address).await?;
    Ok(data.and_then(|data| read_code(&data.data)))
}

fn read_data_address(program: &[u8]) -> Option<Address> {
    let bytes: [u8; 32] = program.get(DATA_ADDRESS)?.try_into().ok()?;
    Some(Address::new_from_array(bytes))
}

fn read_code(data: &[u8]) -> Option<DeployedCode> {
    let slot = u64::from_le_bytes(data.get(DEPLOYMENT_SLOT)?.try_into().ok()?);
    let code = data.get(CODE_START..)?;
    let length = code.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Some(DeployedCode { slot, digest: Digest::of(&code[..length]) })
}

fn describe_program(name: &str, address: &Address, code: Option<DeployedCode>) -> String {
    match code {
        Some(DeployedCode { slot, digest }) => {
            format!("{name} {address}, deployed in slot {slot}, sha256 {digest}")
        }
        None => format!("{name} {address}"),
    }
}

/// Returns the layout version of a program's main account.
async fn read_layout<T: ProgramAccount>(
    session: &Session,
    address: &Address,
    version: impl Fn(T) -> u8,
) -> Result<u8> {
    let found = session.find_account::<T>(address).await?;
    let account = found
        .context("they are deployed but not initialized; their deployer applies the migrations")?;
    Ok(version(account))
}

fn check_layout(name: &str, version: u8) -> Result<()> {
    let advice = if version > LAYOUT_VERSION { "update nosana" } else { "use an earlier nosana" };
    ensure!(
        version == LAYOUT_VERSION,
        "{name} on this network has accounts of layout {version}, and this nosana reads layout \
         {LAYOUT_VERSION}; {advice}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_program_is_read_without_its_padding() {
        let data = [&3_u32.to_le_bytes()[..], &7_u64.to_le_bytes(), &[1; 33], b"code\0\0"].concat();
        assert_eq!(read_code(&data), Some(DeployedCode { slot: 7, digest: Digest::of(b"code") }));
        assert_eq!(read_code(&data[..44]), None);

        let program = [&2_u32.to_le_bytes()[..], &[9; 32]].concat();
        assert_eq!(read_data_address(&program), Some(Address::new_from_array([9; 32])));
        assert_eq!(read_data_address(b"\x7fELF"), None);
    }

    #[test]
    fn another_layout_is_refused_with_advice() {
        assert!(check_layout("nosana_jobs", LAYOUT_VERSION).is_ok());
        for (version, advice) in
            [(LAYOUT_VERSION + 1, "update nosana"), (LAYOUT_VERSION - 1, "use an earlier nosana")]
        {
            let error = check_layout("nosana_jobs", version).unwrap_err().to_string();
            assert!(error.contains("nosana_jobs") && error.ends_with(advice), "{error}");
        }
    }
}
