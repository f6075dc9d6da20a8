//! Balances of NOS in a trial, and the transfers of each job that explain them.

use nosana_client::pda;
use nosana_localnet::World;
use solana_signer::Signer;

use super::facts::{JobEnd, JobFacts};
use crate::liar::sheet::{Holder, Transfer};

/// Lists the accounts that can hold NOS.
pub fn list_accounts(world: &World) -> Vec<Holder> {
    let wallets = [
        ("client", &world.client),
        ("node", &world.node),
        ("staker", &world.staker),
        ("deployer", &world.deployer),
    ];
    let vaults = [
        ("market vault", pda::jobs::vault(&world.market)),
        ("staking vault", pda::staking::vault()),
        ("reward pool", pda::rewards::vault()),
    ];

    let wallets = wallets.into_iter().map(|(name, key)| (name, world.token_account(&key.pubkey())));
    let holder = |(name, account): (&str, _)| Holder { name: name.to_owned(), account };
    wallets.chain(vaults).map(holder).collect()
}

/// Lists the transfers of each job: deposit, pay, refund, fee, and what a slash took and paid.
pub fn list_transfers(world: &World, jobs: &[JobFacts]) -> Vec<Vec<Transfer>> {
    jobs.iter().map(|job| transfers_of(world, job)).collect()
}

/// Returns the base units that each job burnt.
pub fn list_burned(jobs: &[JobFacts]) -> Vec<u64> {
    let burned = |job: &JobFacts| -> u64 {
        job.record.penalties.iter().map(|penalty| penalty.slashed.burned).sum()
    };
    jobs.iter().map(burned).collect()
}

fn transfers_of(world: &World, job: &JobFacts) -> Vec<Transfer> {
    let money = job.money();
    let [escrow, pay, refund, network] =
        [money.escrow, money.node, money.refund, money.network].map(i128::from);
    // The deposit of a job that is not settled stays in the vault.
    let kept = if job.end() == JobEnd::Lost { escrow - pay - refund } else { network };
    let mut transfers = vec![
        (world.token_account(&world.client.pubkey()), refund - escrow),
        (world.token_account(&world.node.pubkey()), pay),
        (pda::jobs::vault(&world.market), kept),
    ];

    for penalty in &job.record.penalties {
        let slashed = &penalty.slashed;
        let taken = i128::from(slashed.amount) + i128::from(slashed.delegated);
        transfers.push((pda::staking::vault(), -taken));
        transfers.push((world.token_account(&penalty.reporter), slashed.reporter.into()));
    }
    transfers
}
