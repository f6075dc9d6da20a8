//! `remove_panelist`: anyone ends the enrolment of a node whose stake has become smaller.

use nosana_client::{
    Event, actions,
    jobs::{self, accounts::Panelists, events::Event as JobsEvent},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn a_node_whose_stake_has_become_smaller() -> World {
    let world = World::new(terms()).await;
    let owner = world.node.pubkey();
    let remove = actions::remove_panelist(owner);
    let total = async || world.get::<Panelists>(&pda::jobs::panelists()).await.weight;
    world.refuse(jobs::Error::NotRemovable, remove.clone(), &[]).await;

    world.enrol(&world.node).await;
    world.enrol(&world.other_node).await;
    let weight = world.stake_of(&world.other_node).await.xnos;
    world.refuse(jobs::Error::NotRemovable, remove.clone(), &[]).await;
    world.run(actions::top_up_stake(owner, world.mint, NOS), &[&world.node]).await;
    world.refuse(jobs::Error::NotRemovable, remove.clone(), &[]).await;

    world.run(actions::unstake(owner), &[&world.node]).await;
    let account = || Refusal::from(jobs::Error::WrongAccount);
    let stake = pda::staking::stake(&world.staker.pubkey());
    world
        .refuse_all([
            case("another stake", account(), swap(remove.clone(), remove.stake, stake), &[]),
            case(
                "another sum",
                Refusal::wrong_type(),
                swap(remove.clone(), pda::jobs::panelists(), pda::jobs::config()),
                &[],
            ),
        ])
        .await;

    assert_eq!(total().await, 2 * weight);
    let done = world.run(remove.clone(), &[]).await;
    assert_eq!(total().await, weight);
    let node = world.node_of(&world.node).await;
    assert_eq!((node.panel_weight, node.panel_since), (0, 0));
    let is_told = |event: Event| match event {
        Event::Jobs(JobsEvent::PanelistEnrolled(event)) => (event.weight, event.since) == (0, 0),
        _ => false,
    };
    assert!(done.events().into_iter().any(is_told));
    world.refuse(jobs::Error::NotRemovable, remove, &[]).await;
    world
}
