//! Who governs the programs and the markets, and what clients and nodes do beside a job's plain
//! life: of each of these instructions what it does, and that every one of its checks refuses.
//!
//! | module | instructions |
//! | --- | --- |
//! | [`authorities`], [`paused`] | `propose_admin`, `accept_admin`, `set_guardian`, `set_paused` |
//! | [`policy`] | `propose_policy`, `apply_policy` |
//! | [`market_terms`] | `propose_terms`, `apply_terms` |
//! | [`handover`] | `propose_market_authority`, `accept_market_authority` |
//! | [`closing`], [`reopening`] | `retire_market`, `close_market` |
//! | [`assigning`] | `assign` |
//! | [`more_time`], [`budgets`] | `extend`, `top_up` |
//! | [`accepting`] | `accept` |
//! | [`waiting_too_long`], [`evicting`] | `expire_queued`, `evict_node` |
//! | [`nodes`] | `update_hardware`, `set_payout`, `set_draining` |
//! | [`gates`], [`reputation`], [`access`] | what markets ask of nodes |
//! | [`giving_back`] | what follows when a node gives a job back |

mod accepting;
mod access;
mod assigning;
mod authorities;
mod budgets;
mod closing;
mod evicting;
mod gates;
mod giving_back;
mod handover;
mod market_terms;
mod more_time;
mod nodes;
mod paused;
mod policy;
mod reopening;
mod reputation;
mod waiting_too_long;

use nosana_client::{
    actions,
    jobs::{
        accounts::{Config, Job, Market},
        instructions::{ApplyTerms, ProposeTerms, RetireMarket},
        types::{Hardware, MarketTerms, Slot},
    },
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{HARDWARE, NOTICE};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

type World = nosana_tests::World<nosana_tests::Lite>;

/// What a slot is used for, as `nosana_jobs::state::SlotState` numbers it.
const FREE: u8 = 0;
const WAITING: u8 = 1;
const OFFERED: u8 = 2;
const RUNNING: u8 = 3;
const RESTING: u8 = 4;

/// Where a job stands, and why it was settled.
fn standing(job: &Job) -> (State, Reason) {
    (
        State::from_byte(job.state).expect("a state"),
        Reason::from_byte(job.reason).expect("a reason"),
    )
}

async fn config(world: &World) -> Config {
    world.get(&pda::jobs::config()).await
}

async fn market(world: &World) -> Market {
    world.get(&world.market).await
}

/// What the node's first slot is used for.
async fn first_slot(world: &World, node: &Keypair) -> Slot {
    world.node_of(node).await.slots[0]
}

/// Leaves the node one slot.
async fn one_slot(world: &World, node: &Keypair) {
    let update = actions::update_hardware(node.pubkey(), Hardware { capacity: 1, ..HARDWARE });
    world.run(update, &[node]).await;
}

fn proposal(world: &World, terms: MarketTerms) -> ProposeTerms {
    ProposeTerms {
        authority: world.deployer.pubkey(),
        config: pda::jobs::config(),
        market: world.market,
        terms,
    }
}

fn application(world: &World) -> ApplyTerms {
    ApplyTerms { config: pda::jobs::config(), market: world.market }
}

/// Changes the market's terms; its notice passes.
async fn change_terms(world: &World, terms: MarketTerms) {
    world.run(proposal(world, terms), &[&world.deployer]).await;
    world.pass(NOTICE.into());
    world.run(application(world), &[]).await;
}

async fn retire(world: &World, market: Address) {
    world
        .run(RetireMarket { authority: world.deployer.pubkey(), market }, &[&world.deployer])
        .await;
}
