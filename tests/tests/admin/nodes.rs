//! What owners change about their nodes.

use nosana_client::{
    Event, actions,
    jobs::{self, types::Hardware},
    pda, token,
};
use nosana_tests::{
    Refusal,
    terms::{HARDWARE, batch, earnings, terms},
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{FREE, World, first_slot};

const BETTER: Hardware =
    Hardware { digest: [7; 32], vram_mib: 49_152, gflops: 20_000, capacity: 8 };

fn by_another(world: &World, valid: impl Into<Instruction>) -> Instruction {
    swap(valid, world.node.pubkey(), world.stranger.pubkey())
}

#[tokio::test]
async fn hardware_changes_while_nothing_runs_on_it() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let update = |hardware| actions::update_hardware(owner, hardware);
    let done = world.run(update(BETTER), &by).await;
    let node = world.node_of(&world.node).await;
    assert_eq!(
        (node.hardware, node.vram_mib, node.gflops, node.capacity),
        ([7; 32], 49_152, 20_000, 8)
    );
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::NodeUpdated(updated))] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (updated.node, updated.capacity, updated.vram_mib),
        (pda::jobs::node(&owner), 8, 49_152)
    );
    let valid = update(HARDWARE);
    world
        .refuse_all([
            case(
                "no slots",
                jobs::Error::CapacityOutOfRange,
                update(Hardware { capacity: 0, ..BETTER }),
                &by,
            ),
            case(
                "too many slots",
                jobs::Error::CapacityOutOfRange,
                update(Hardware { capacity: 9, ..BETTER }),
                &by,
            ),
            case(
                "no hardware",
                jobs::Error::EmptyDigest,
                update(Hardware { digest: [0; 32], ..BETTER }),
                &by,
            ),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_another(&world, valid.clone()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid, owner), &[]),
        ])
        .await;
    for _ in 0..8 {
        world.work(&world.node).await;
    }
    let full = actions::work(owner, world.market, 1);
    world.refuse(jobs::Error::NoFreeSlot, full, &by).await;
}

#[tokio::test]
async fn hardware_stays_while_a_slot_is_in_use() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let update = || actions::update_hardware(owner, BETTER);
    world.work(&world.node).await;
    world.refuse(jobs::Error::NodeInUse, update(), &by).await;
    let job = world.list(batch(1)).await;
    world.refuse(jobs::Error::NodeInUse, update(), &by).await;
    world.start(&world.node, &job).await;
    world.refuse(jobs::Error::NodeInUse, update(), &by).await;
    world.quit(&world.node, &job).await;
    world.pass(terms().start_seconds.into());
    world.refuse(jobs::Error::NodeInUse, update(), &by).await;
    world.pass(1);
    world.run(update(), &by).await;
}

/// A token account of the owner's beside the associated one.
async fn second_account(world: &World, owner: &Keypair) -> Address {
    let wallet = world.wallet().await;
    let other = world.token_account(&wallet.pubkey());
    let change = spl_token_interface::instruction::set_authority(
        &token::PROGRAM,
        &other,
        Some(&owner.pubkey()),
        spl_token_interface::instruction::AuthorityType::AccountOwner,
        &wallet.pubkey(),
        &[],
    );
    world.run(change.expect("valid"), &[&wallet]).await;
    other
}

#[tokio::test]
async fn pay_goes_where_it_was_to_go_at_the_start() {
    let world = World::new(terms()).await;
    let (old_job, new_job) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work_and_start(&world.node, &old_job).await;
    world.work(&world.node).await;
    let new = second_account(&world, &world.node).await;
    let (at_old, at_new) = (world.tokens(&world.node).await, world.tokens_in(&new).await);
    world.run(actions::set_payout(world.node.pubkey(), new), &[&world.node]).await;
    assert_eq!(world.node_of(&world.node).await.payout, new);
    world.start(&world.node, &new_job).await;
    world.finish(&world.node, &old_job).await;
    assert_eq!(
        (world.tokens(&world.node).await, world.tokens_in(&new).await),
        (at_old + earnings(1).0, at_new)
    );
    world.finish(&world.node, &new_job).await;
    assert_eq!(world.tokens_in(&new).await, at_new + earnings(1).0);
}

#[tokio::test]
async fn pay_goes_to_an_open_account_of_the_owner() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let to = |payout| actions::set_payout(owner, payout);
    let own = world.token_account(&owner);
    let stranger = world.token_account(&world.stranger.pubkey());
    let vault = pda::jobs::vault(&world.market);
    let foreign_mint = world.new_mint().await;
    let foreign = token::associated_address(&owner, &foreign_mint);
    world.run(token::create_associated(&owner, &owner, &foreign_mint), &by).await;
    let valid = to(own);
    world
        .refuse_all([
            case("a wallet", jobs::Error::CannotReceive, to(owner), &by),
            case("the mint", jobs::Error::CannotReceive, to(world.mint), &by),
            case("an account of another mint", jobs::Error::CannotReceive, to(foreign), &by),
            case("the account of another", jobs::Error::PayoutNotOwned, to(stranger), &by),
            case("a vault", jobs::Error::PayoutNotOwned, to(vault), &by),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_another(&world, valid.clone()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;
    world.set_frozen(&own, true).await;
    world.refuse(jobs::Error::CannotReceive, valid.clone(), &by).await;
    world.set_frozen(&own, false).await;
    world.run(valid, &by).await;
}

#[tokio::test]
async fn a_draining_node_ends_what_it_has_and_takes_nothing_new() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let drain = |draining| actions::set_draining(owner, draining);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.work(&world.node).await;
    world.run(drain(true), &by).await;
    assert_eq!(world.node_of(&world.node).await.draining, 1);
    world.leave(&world.node).await;
    let work = actions::work(owner, world.market, 1);
    world
        .refuse_all([
            case("work", jobs::Error::Draining, work.clone(), &by),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_another(&world, drain(false)),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(drain(false), owner), &[]),
        ])
        .await;
    world.heartbeat(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    assert_eq!(first_slot(&world, &world.node).await.state, FREE);
    world.run(drain(false), &by).await;
    world.run(work, &by).await;
    assert_eq!(world.node_of(&world.node).await.draining, 0);
}
