//! Step 7: the IDLs, where explorers and the Anchor CLI read them.
//!
//! | module | purpose |
//! | --- | --- |
//! | `check` | what must hold before anything is written |
//! | `command_line` | how the official client of the program-metadata program is called |
//! | `run_client` | runs it by npx |

mod check;
mod command_line;
mod run_client;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nosana_client::{jobs, rewards, staking};
use solana_address::Address;

pub use self::command_line::PACKAGE;
use self::{
    check::{check_authority, check_keypair_file},
    command_line::{Action, MetadataClient, SEED},
    run_client::is_npx_installed,
};
use crate::{IdlPlan, StepOutcome, Target};

/// The program that holds the IDLs of programs.
pub const METADATA_PROGRAM: Address =
    Address::from_str_const("ProgM6JCCvbYkfKqJYHePx4xxSUSqJp7rh8Lyv7nk7S");
/// Bytes of the seed of a metadata account; the name `idl` is padded with zeros.
const SEED_BYTES: usize = 16;
/// First byte of a metadata account that does not hold anything.
const EMPTY_ACCOUNT: u8 = 0;
/// First byte of a metadata account of which the content is not complete.
const BUFFER_ACCOUNT: u8 = 1;

/// The IDL of one program.
struct Idl {
    /// The program's name, after which the file is named.
    name: &'static str,
    program: Address,
    file: PathBuf,
}

/// Whether a metadata account holds an IDL.
enum Stored {
    Nothing,
    /// A write was broken off.
    Part,
    Whole,
}

/// Writes each IDL that the chain does not hold yet, as the upgrade authority of its program.
///
/// Skipped if the cluster does not have the program-metadata program, and if npx is not installed.
pub async fn ensure_idls(target: Target<'_>, plan: &IdlPlan) -> Result<StepOutcome> {
    if !target.account_exists(&METADATA_PROGRAM).await? {
        let reason = format!("this cluster has no program-metadata program, {METADATA_PROGRAM}");
        return Ok(StepOutcome::Skipped(reason));
    }

    let idls = list_idls(&plan.folder);
    for idl in &idls {
        check_authority(target, idl).await?;
    }
    let keypair_file = check_keypair_file(plan, target.deployer)?;

    let rpc_url = target.session.rpc().url();
    let client = MetadataClient { rpc_url: &rpc_url, keypair_file };
    if !is_npx_installed().await {
        return Ok(StepOutcome::Skipped(describe_commands(&client, &idls)));
    }

    let mut outcome = StepOutcome::Unchanged;
    for idl in &idls {
        if ensure_idl(target, &client, idl).await? == StepOutcome::Applied {
            outcome = StepOutcome::Applied;
        }
    }
    Ok(outcome)
}

async fn ensure_idl(
    target: Target<'_>,
    client: &MetadataClient<'_>,
    idl: &Idl,
) -> Result<StepOutcome> {
    let content = fs::read_to_string(&idl.file).with_context(|| {
        format!("cannot read {}; name the folder `idl` of the repository", idl.file.display())
    })?;

    match read_state(target, &idl.program).await? {
        Stored::Nothing => {}
        // The client takes the account for a complete one, which the program then refuses.
        Stored::Part => drop(client.run_action(idl, Action::Close).await?),
        Stored::Whole => {
            let stored = client.run_action(idl, Action::Fetch).await?;
            if stored.trim_end() == content.trim_end() {
                return Ok(StepOutcome::Unchanged);
            }
        }
    }

    client.run_action(idl, Action::Write).await?;
    Ok(StepOutcome::Applied)
}

async fn read_state(target: Target<'_>, program: &Address) -> Result<Stored> {
    let account = target.session.fetch_raw_account(&idl_address(program)).await?;
    let kind = account.and_then(|account| account.data.first().copied());

    Ok(match kind {
        None | Some(EMPTY_ACCOUNT) => Stored::Nothing,
        Some(BUFFER_ACCOUNT) => Stored::Part,
        Some(_) => Stored::Whole,
    })
}

/// Returns the address of the IDL that a program's upgrade authority writes.
fn idl_address(program: &Address) -> Address {
    let mut seed = [0; SEED_BYTES];
    seed[..SEED.len()].copy_from_slice(SEED.as_bytes());
    Address::find_program_address(&[program.as_ref(), &seed], &METADATA_PROGRAM).0
}

fn list_idls(folder: &Path) -> [Idl; 3] {
    let programs = [("jobs", jobs::ID), ("staking", staking::ID), ("rewards", rewards::ID)];
    programs.map(|(name, program)| {
        let file = folder.join(name).with_extension("json");
        Idl { name, program, file }
    })
}

fn describe_commands(client: &MetadataClient<'_>, idls: &[Idl]) -> String {
    let commands = idls.iter().map(|idl| client.describe_command(idl, Action::Write));
    let commands: Vec<String> = commands.collect();
    format!(
        "npx is not installed; install Node.js 20.18 or newer and apply the plan again, or run \
         this elsewhere, with the URL of the RPC server in RPC_URL:\n{}",
        commands.join("\n")
    )
}
