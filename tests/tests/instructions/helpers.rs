//! Steps that several instructions share.

use nosana_client::{
    Event, actions,
    jobs::{
        self,
        accounts::{Config, Job, Market},
        events::Event as JobsEvent,
        instructions::{ApplyTerms, ProposeTerms, RetireMarket, SetPaused},
        types::{Hardware, MarketTerms, Slot},
    },
    pda, token,
};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
};
use nosana_tests::{
    Executed, Refusal,
    terms::{HARDWARE, NOTICE, batch, terms},
    world::{Case, case, swap},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// Returns a job's state, and why it was settled.
pub fn state_and_reason(job: &Job) -> (State, Reason) {
    (
        State::from_byte(job.state).expect("a state"),
        Reason::from_byte(job.reason).expect("a reason"),
    )
}

/// Returns what node, payer and network got, by the event of the settlement.
pub fn settled_amounts(done: &Executed) -> (u64, u64, u64) {
    let event = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::JobSettled(event)) => Some(event),
        _ => None,
    });
    let event = event.expect("the job is settled");
    (event.node_amount, event.payer_amount, event.network_amount)
}

/// Returns the configuration of the jobs program.
pub async fn jobs_config(world: &World) -> Config {
    world.get(&pda::jobs::config()).await
}

/// Returns the stored market.
pub async fn stored_market(world: &World) -> Market {
    world.get(&world.market).await
}

/// Returns the first slot of the owner's node.
pub async fn first_slot(world: &World, owner: &Keypair) -> Slot {
    world.node_of(owner).await.slots[0]
}

/// Returns the state of the first slot of the owner's node.
pub async fn first_slot_state(world: &World, owner: &Keypair) -> SlotState {
    let slot = first_slot(world, owner).await;
    SlotState::from_byte(slot.state).expect("the protocol knows the state")
}

/// Leaves the owner's node one slot.
pub async fn limit_to_one_slot(world: &World, owner: &Keypair) {
    let update = actions::update_hardware(owner.pubkey(), Hardware { capacity: 1, ..HARDWARE });
    world.run(update, &[owner]).await;
}

/// Returns the instruction with which the market's authority announces these terms.
pub fn propose_terms(world: &World, terms: MarketTerms) -> ProposeTerms {
    ProposeTerms {
        authority: world.deployer.pubkey(),
        config: pda::jobs::config(),
        market: world.market,
        terms,
    }
}

/// Returns the instruction that puts the announced terms in force.
pub fn apply_terms(world: &World) -> ApplyTerms {
    ApplyTerms { config: pda::jobs::config(), market: world.market }
}

/// Changes the market's terms, after their notice.
pub async fn change_terms(world: &World, terms: MarketTerms) {
    world.run(propose_terms(world, terms), &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
    world.run(apply_terms(world), &[]).await;
}

/// Retires a market of the deployer's.
pub async fn retire_market(world: &World, market: Address) {
    let retire = RetireMarket { authority: world.deployer.pubkey(), market };
    world.run(retire, &[&world.deployer]).await;
}

/// Pauses or unpauses entry of the jobs program.
pub async fn set_paused(world: &World, paused: bool) {
    let set = SetPaused { guardian: world.deployer.pubkey(), config: pda::jobs::config(), paused };
    world.run(set, &[&world.deployer]).await;
}

/// Returns the instruction on the node with a stranger in the owner's place.
pub fn by_stranger(world: &World, valid: impl Into<Instruction>) -> Instruction {
    swap(valid, world.node.pubkey(), world.stranger.pubkey())
}

/// Locks collateral of the node for a job that it takes; returns how much.
pub async fn lock_collateral(world: &World) -> u64 {
    world.list(batch(1)).await;
    world.work(&world.node).await;
    terms().collateral_per_job
}

/// Simulates an instruction that only the jobs program can sign. It must be refused.
#[track_caller]
pub fn refuse_simulated(
    world: &World,
    what: &str,
    refusal: impl Into<Refusal>,
    instruction: impl Into<Instruction>,
) {
    let refusal = refusal.into();
    let actual = world.simulate(&instruction.into()).expect_err(what).refusal();
    assert!(actual == refusal, "{what}: {actual}, expected {refusal}");
}

/// Returns the accounts that instructions which end a run refuse, in a world whose second
/// market is `other`.
pub fn wrong_accounts<'a>(
    world: &'a World,
    other: Address,
    valid: Instruction,
    job: &Job,
    by: &[&'a Keypair],
) -> [Case<'a>; 7] {
    let tokens = world.token_account(&world.stranger.pubkey());
    let queue = pda::jobs::queue(&job.market);
    let other_queue = pda::jobs::queue(&other);
    let vault = pda::jobs::vault(&job.market);

    let market = Refusal::from(jobs::Error::WrongMarket);
    let account = || Refusal::from(jobs::Error::WrongAccount);
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), by);
    [
        wrong("another market", market, job.market, other),
        wrong("another queue", account(), queue, other_queue),
        wrong("another vault", account(), vault, pda::jobs::vault(&other)),
        wrong("a refund to another", account(), job.payer_token, tokens),
        wrong("pay to another", account(), job.node_token, tokens),
        wrong("another token program", Refusal::wrong_program(), token::PROGRAM, jobs::ID),
        wrong("a queue as the node", Refusal::wrong_type(), job.node, other_queue),
    ]
}
