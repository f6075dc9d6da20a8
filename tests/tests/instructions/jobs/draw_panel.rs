//! `draw_panel`: the hash of a slot draws the panel of a dispute.

use nosana_client::{Event, actions, jobs, jobs::events::Event as JobsEvent};
use nosana_tests::{Refusal, terms::verified_terms, world::swap};
use solana_signer::Signer;

use crate::World;

pub async fn a_panel_is_drawn_once_and_in_time() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    let slot = world.dispute(&address).await.challenged_slot;
    let draw = actions::draw_panel(address);
    world.set_slot_hashes(slot..=slot + 15);
    world.refuse(jobs::Error::TooEarly, draw.clone(), &[]).await;
    let elsewhere =
        swap(draw.clone(), nosana_tests::world::disputes::SLOT_HASHES, world.client.pubkey());
    world.refuse(jobs::Error::WrongAccount, elsewhere, &[]).await;

    world.advance_clock(7);
    world.enrol(&world.other_node).await;
    let done = world.draw_panel(&address).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.drawn_at, world.now());
    assert_eq!(dispute.panel_weight, world.stake_of(&world.other_node).await.xnos);
    let event = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::PanelDrawn(event)) => Some(event),
        _ => None,
    });
    let event = event.expect("the event");
    assert_eq!((event.seed, event.panel_weight), (dispute.seed, dispute.panel_weight));
    assert_eq!((event.drawn_at, event.ends_at), (dispute.drawn_at, dispute.ends_at));
    assert_ne!(dispute.seed, [0; 32]);
    assert_eq!(dispute.ends_at, world.now() + i64::from(dispute.phase_seconds));
    world.refuse(jobs::Error::WrongPhase, draw, &[]).await;
    world
}

pub async fn forgotten_slots_are_counted_anew_and_the_clock_goes_on() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    let before = world.dispute(&address).await;
    let forgotten = before.challenged_slot + 9;
    world.set_slot_hashes(forgotten..=forgotten + 511);
    world.advance_clock(60);
    let done = world.run(actions::draw_panel(address), &[]).await;
    let after = world.dispute(&address).await;
    let events: Vec<Event> = done.events();
    let [Event::Jobs(JobsEvent::DrawDelayed(event))] = &events[..] else {
        panic!("nothing was drawn: {events:?}");
    };
    assert_eq!((event.dispute, event.challenged_slot), (address, after.challenged_slot));
    assert_eq!((after.drawn_at, after.seed, after.ends_at), (0, [0; 32], before.ends_at));

    let early = actions::claim_seat(world.other_node.pubkey(), address, &after);
    world.enrol(&world.other_node).await;
    world.refuse(jobs::Error::NotEnrolled, early, &[&world.other_node]).await;

    world.set_clock(before.ends_at + 1);
    world.refuse(jobs::Error::WrongPhase, actions::draw_panel(address), &[]).await;
    world.resolve(&address).await;
    let refusal = Refusal::from(jobs::Error::WrongPhase);
    world.refuse(refusal, actions::draw_panel(address), &[]).await;
    world
}
