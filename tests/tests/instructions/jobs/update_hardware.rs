//! `update_hardware`: the owner changes what a node offers, while no slot is in use.

use nosana_client::{
    Event, actions,
    jobs::{self, types::Hardware},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{HARDWARE, batch, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::by_stranger};

const BETTER: Hardware = Hardware {
    digest: [7; 32],
    vram_mib: 49_152,
    prompt_tokens_per_second: 20_000,
    capacity: 16,
    ..HARDWARE
};

pub async fn hardware_changes_while_nothing_runs_on_it() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let update = |hardware| actions::update_hardware(owner, hardware);
    let done = world.run(update(BETTER), &by).await;
    let node = world.node_of(&world.node).await;
    assert_eq!(
        (node.hardware, node.vram_mib, node.prompt_tokens_per_second, node.capacity),
        ([7; 32], 49_152, 20_000, 16)
    );
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::NodeUpdated(updated))] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (updated.node, updated.capacity, updated.vram_mib),
        (pda::jobs::node(&owner), 16, 49_152)
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
                update(Hardware { capacity: 17, ..BETTER }),
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
                by_stranger(&world, valid.clone()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid, owner), &[]),
        ])
        .await;

    for _ in 0..16 {
        world.work(&world.node).await;
    }
    let full = actions::work(owner, world.market, 1);
    world.refuse(jobs::Error::NoFreeSlot, full, &by).await;
    world
}

pub async fn hardware_stays_while_a_slot_is_in_use() -> World {
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

    world.advance_clock(terms().start_seconds.into());
    world.refuse(jobs::Error::NodeInUse, update(), &by).await;

    world.advance_clock(1);
    world.run(update(), &by).await;
    world
}
