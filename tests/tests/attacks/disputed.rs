//! Disputes in every phase, for the fixture.

use nosana_client::{actions, jobs::types::MarketTerms};
use nosana_protocol::dispute::votes::Verdict;
use nosana_tests::{
    terms::{OTHER_SKETCH, SKETCH, verified_terms},
    world::disputes::{EVERYBODYS_TURN, Said},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// What the panel says where the result is wrong.
pub const WRONG: Said = (Verdict::Wrong, OTHER_SKETCH);

/// Disputes over results of the fixture's node, in a market with phases of a day.
pub struct Disputes {
    pub panel: [Keypair; 3],
    /// Is enrolled with more weight than its stake has.
    pub fallen: Keypair,
    /// A verified job whose result can be challenged.
    pub disputable: Address,
    /// The panel is not drawn.
    pub undrawn: Address,
    /// Nobody has a seat.
    pub unseated: Address,
    /// The panel is seated, and nobody has committed.
    pub seated: Address,
    /// The panel has committed.
    pub committed: Address,
    /// The trace is opened.
    pub opened: Address,
    /// The panel has revealed that the result is wrong.
    pub over: Address,
    /// Resolved; the first seat was absent.
    pub resolved: Address,
    /// Resolved, and every seat is closed.
    pub closed: Address,
}

impl Disputes {
    /// Opens them, and leaves the fixture's market as it was.
    pub async fn new(world: &mut World) -> Self {
        let long =
            MarketTerms { dispute_seconds: 86_400, challenge_seconds: 86_400, ..verified_terms() };
        let market = world.open_market(6, long).await;
        let market = std::mem::replace(&mut world.market, market);
        let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
        let fallen = world.panelist().await;
        world.run(actions::unstake(fallen.pubkey()), &[&fallen]).await;
        world.advance_clock(1);
        let disputes = Self::with_panel(world, panel, fallen).await;
        world.market = market;
        disputes
    }

    async fn with_panel(world: &World, panel: [Keypair; 3], fallen: Keypair) -> Self {
        let members = panel.each_ref();
        let said = members.map(|panelist| (panelist, WRONG));
        let node = (&world.node, SKETCH);
        let mut seats = Vec::new();
        for nonce in 100..106 {
            let job = world.submit_verified(&world.node, nonce).await;
            seats.push(world.take_seats(&world.stranger, &job, &members).await);
        }
        let [seated, committed, opened, over, resolved, closed]: [Address; 6] =
            seats.try_into().expect("six disputes");
        world.end_phase(&closed).await;

        for panelist in members {
            world.commit_sketch(panelist, &committed, WRONG).await;
            world.commit_sketch(panelist, &opened, WRONG).await;
        }
        world.open_trace(&world.node, &opened, SKETCH).await;
        world.hear_panel(&over, node, &said).await;
        let mut unable = said;
        unable[0].1.0 = Verdict::NotDecidable;
        world.hear_panel(&resolved, node, &unable).await;
        world.resolve(&resolved).await;
        world.hear_panel(&closed, node, &said).await;
        world.resolve(&closed).await;
        for seat in 0..3 {
            world.close_seat(&closed, seat).await;
        }

        let mut results = Vec::new();
        for nonce in 106..109 {
            results.push(world.submit_verified(&world.node, nonce).await);
        }
        let undrawn = world.challenge(&world.stranger, &results[1]).await;
        let unseated = world.challenge(&world.stranger, &results[2]).await;
        world.draw_panel(&unseated).await;
        world.advance_clock(EVERYBODYS_TURN);

        Self {
            panel,
            fallen,
            disputable: results[0],
            undrawn,
            unseated,
            seated,
            committed,
            opened,
            over,
            resolved,
            closed,
        }
    }
}
