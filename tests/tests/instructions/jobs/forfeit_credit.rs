//! `forfeit_credit`: anyone turns a credit that nobody collected into fees.

use nosana_client::{Event, actions, jobs, jobs::events::Event as JobsEvent, pda};
use nosana_tests::{
    terms::{batch, deposit, terms},
    world::{case, swap},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, helpers::retire_market};

/// A month, in seconds: the time to collect a credit.
const COLLECTION: u64 = 30 * 86_400;

/// Leaves a job that owes its deposit to a payer without a token account.
async fn leave_credit(world: &World, timeout_seconds: u64) -> Address {
    let sponsor = world.wallet().await;
    let order = actions::JobListing { timeout_seconds, ..batch(1) };
    let job = world.list_for(&world.client, &sponsor, order).await;
    world.close_tokens(&sponsor).await;
    world.cancel(&job).await;
    job
}

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let waiting = world.list(batch(2)).await;
    let open = actions::forfeit_credit(waiting, &world.job(&waiting).await);
    world.refuse(jobs::Error::WrongState, open, &[]).await;
    world.cancel(&waiting).await;

    let job = leave_credit(&world, 600).await;
    let valid = actions::forfeit_credit(job, &world.job(&job).await);
    world
        .refuse_all([
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &[],
            ),
            case(
                "in another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &[],
            ),
        ])
        .await;

    world.advance_clock(u64::from(terms().retention_seconds) + COLLECTION - 1);
    world.refuse(jobs::Error::NotForfeitable, valid.clone(), &[]).await;
    world.advance_clock(1);
    world.run(valid.clone(), &[]).await;
    world.refuse(jobs::Error::NotForfeitable, valid, &[]).await;
    world
}

#[tokio::test]
async fn a_credit_of_a_month_becomes_fees_and_the_job_closes() {
    let world = World::new(terms()).await;
    let job = leave_credit(&world, 600).await;
    let clean = actions::clean(job, &world.job(&job).await);
    world.advance_clock(u64::from(terms().retention_seconds) + COLLECTION);
    world.refuse(jobs::Error::JobNotEmpty, clean.clone(), &[]).await;

    let forfeit = actions::forfeit_credit(job, &world.job(&job).await);
    let executed = world.run(forfeit, &[]).await;
    let events = executed.events();
    let [Event::Jobs(JobsEvent::CreditForfeited(forfeited))] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((forfeited.job, forfeited.amount), (job, deposit()));
    let header = world.queue().await.header;
    assert_eq!((header.fees_accrued, header.credits_owed), (deposit(), 0));

    world.run(clean, &[]).await;
    retire_market(&world, world.market).await;
    world.sweep_fees().await;
    let close = actions::close_market(world.deployer.pubkey(), world.mint, world.market);
    world.run(close, &[&world.deployer]).await;
}

#[tokio::test]
async fn dust_is_forfeited_after_the_retention() {
    let world = World::new(terms()).await;
    // 47 base units a second and a tenth of it as the fee: 982 base units.
    let job = leave_credit(&world, 19).await;
    let forfeit = actions::forfeit_credit(job, &world.job(&job).await);
    world.advance_clock(u64::from(terms().retention_seconds) - 1);
    world.refuse(jobs::Error::NotForfeitable, forfeit.clone(), &[]).await;

    world.advance_clock(1);
    world.run(forfeit, &[]).await;
    assert_eq!(world.queue().await.header.fees_accrued, 982);
}
