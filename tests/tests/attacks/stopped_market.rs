//! A market that changes its terms, is retired and paused while the result of one of its jobs is
//! disputed: the dispute goes on, and nobody gains or loses by that.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{ApplyTerms, ProposeTerms, RetireMarket, SetPaused},
        types::MarketTerms,
    },
    pda, rewards, staking,
};
use nosana_protocol::{
    dispute::votes::{Outcome, Verdict},
    job::Reason,
};
use nosana_tests::{
    terms::{NOTICE, SKETCH, terms, verified, verified_terms},
    world::disputes::{EVERYBODYS_TURN, Said},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{World, disputed::WRONG};

const RIGHT: Said = (Verdict::Right, SKETCH);
const UNABLE: Said = (Verdict::NotDecidable, SKETCH);

/// What a dispute comes to.
#[derive(Debug, PartialEq, Eq)]
struct Ending {
    outcome: u8,
    reason: u8,
    /// What became of each panelist, what it is paid and what it loses.
    seats: [(u8, u64, u64); 3],
    /// Base units outside stakes and in them, of everybody who takes part.
    wallets: Vec<(u64, u64)>,
    supply: u64,
    vault: u64,
    fees: u64,
}

/// Announces terms under which no node may work in the market, and waits until they can be applied.
async fn announce_closed_terms(world: &World) {
    let closed = MarketTerms {
        min_xnos: u64::MAX,
        min_vram_mib: u32::MAX,
        min_prompt_tokens_per_second: u32::MAX,
        min_reputation_bps: 10_000,
        ..terms()
    };
    let announce = ProposeTerms {
        authority: world.deployer.pubkey(),
        config: pda::jobs::config(),
        market: world.market,
        terms: closed,
    };
    world.run(announce, &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
}

/// Applies these terms, retires the market, and pauses all three programs.
async fn stop_market(world: &World) {
    let (config, market) = (pda::jobs::config(), world.market);
    let guardian = world.deployer.pubkey();
    let by = [&world.deployer];
    world.run(ApplyTerms { config, market }, &[]).await;
    world.run(RetireMarket { authority: guardian, market }, &by).await;
    world.run(SetPaused { guardian, config, paused: true }, &by).await;
    world.run(staking::instructions::SetPaused { guardian, paused: true }, &by).await;
    world.run(rewards::instructions::SetPaused { guardian, paused: true }, &by).await;

    let client = world.client.pubkey();
    let list = actions::list(client, client, market, world.mint, verified(2));
    world.refuse(jobs::Error::Paused, list, &[&world.client]).await;
}

/// Takes a dispute from the challenge to its last payment. Each panelist says what is said in its
/// place. `stops`: the market stops behind the challenge.
async fn run_dispute(said: [Said; 3], stops: bool) -> Ending {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    announce_closed_terms(&world).await;
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    if stops {
        stop_market(&world).await;
    }

    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    for panelist in &panel {
        world.take_seat(panelist, &address).await;
    }
    world.end_phase(&address).await;
    let members: Vec<(&Keypair, Said)> = panel.iter().zip(said).collect();
    world.hear_panel(&address, (&world.node, SKETCH), &members).await;
    world.resolve(&address).await;
    let resolved = world.dispute(&address).await;
    world.close_all(&address).await;

    describe_ending(&world, &panel, &job, &resolved).await
}

async fn describe_ending(
    world: &World,
    panel: &[Keypair; 3],
    job: &Address,
    resolved: &jobs::accounts::Dispute,
) -> Ending {
    let mut wallets = Vec::new();
    for owner in panel.iter().chain([&world.node]) {
        wallets.push((world.tokens(owner).await, world.stake_of(owner).await.amount));
    }
    // The deployer closes the seats.
    for wallet in [&world.client, &world.stranger, &world.deployer] {
        wallets.push((world.tokens(wallet).await, 0));
    }

    Ending {
        outcome: resolved.outcome,
        reason: world.job(job).await.reason,
        seats: resolved.seats.map(|seat| (seat.standing, seat.fee, seat.loss)),
        wallets,
        supply: world.supply().await,
        vault: world.tokens_in(&pda::jobs::vault(&world.market)).await,
        fees: world.queue().await.header.fees_accrued,
    }
}

#[tokio::test]
async fn a_market_that_stops_changes_no_dispute() {
    for (said, outcome, reason) in [
        ([WRONG, WRONG, RIGHT], Outcome::Convicted, Reason::ResultWrong),
        ([RIGHT, RIGHT, UNABLE], Outcome::Acquitted, Reason::Completed),
    ] {
        let undisturbed = run_dispute(said, false).await;
        assert_eq!((undisturbed.outcome, undisturbed.reason), (outcome as u8, reason as u8));
        assert!(undisturbed.seats[2].2 > 0, "the third panelist loses a part of its stake");

        let stopped = run_dispute(said, true).await;
        assert_eq!(stopped, undisturbed, "{outcome:?}: everybody gets what it gets otherwise");
    }
}
