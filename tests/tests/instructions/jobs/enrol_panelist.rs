//! `enrol_panelist`: a node takes seats of panels from now on, or no more.

use nosana_client::{
    actions,
    jobs::{self, events::Event},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::by_stranger};

pub async fn a_node_enrols_with_its_own_weight() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let enrol = |enrolled| actions::enrol_panelist(owner, enrolled);
    let weight = world.stake_of(&world.node).await.xnos;

    let total = async || world.get::<jobs::accounts::Panelists>(&pda::jobs::panelists()).await;
    assert_eq!(total().await.weight, 0);
    let done = world.run(enrol(true), &by).await;
    assert_eq!(total().await.weight, weight);
    world.enrol(&world.other_node).await;
    assert_eq!(total().await.weight, 2 * weight);
    let node = world.node_of(&world.node).await;
    assert_eq!((node.panel_weight, node.panel_since), (weight, world.now()));
    let event = done.events().into_iter().find_map(|event| match event {
        nosana_client::Event::Jobs(Event::PanelistEnrolled(event)) => Some(event),
        _ => None,
    });
    let event = event.expect("the event");
    assert_eq!((event.weight, event.since), (weight, world.now()));

    world.advance_clock(10);
    world.run(actions::top_up_stake(owner, world.mint, NOS), &by).await;
    assert_eq!(world.node_of(&world.node).await.panel_weight, weight, "as it was then");
    world.run(enrol(true), &by).await;
    let node = world.node_of(&world.node).await;
    assert_eq!((node.panel_weight, node.panel_since), (weight + 4 * NOS, world.now()));
    assert_eq!(total().await.weight, 2 * weight + 4 * NOS, "the old weight no longer counts");

    world
        .refuse_all([
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_stranger(&world, enrol(true)),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(enrol(true), owner), &[]),
            case(
                "another sum",
                Refusal::wrong_type(),
                swap(enrol(true), pda::jobs::panelists(), pda::jobs::config()),
                &by,
            ),
            case(
                "the stake of another",
                jobs::Error::WrongAccount,
                swap(enrol(true), enrol(true).stake, pda::staking::stake(&world.staker.pubkey())),
                &by,
            ),
        ])
        .await;

    world.run(actions::unstake(owner), &by).await;
    world.refuse(jobs::Error::StakeTooSmall, enrol(true), &by).await;
    world.run(enrol(false), &by).await;
    let node = world.node_of(&world.node).await;
    assert_eq!((node.panel_weight, node.panel_since), (0, 0));
    assert_eq!(total().await.weight, weight, "that of the other node");
    world
}
