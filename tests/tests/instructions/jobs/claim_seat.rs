//! `claim_seat`: an enrolled node takes a seat of a panel.

use nosana_client::{
    Event, actions,
    jobs::{self, events::Event as JobsEvent, types::MarketTerms},
    pda, staking,
};
use nosana_protocol::dispute::{phase::Phase, votes::SeatState};
use nosana_tests::{
    Refusal,
    terms::{HARDWARE, NOS, STAKE, verified_terms},
    world::{case, disputes::EVERYBODYS_TURN, swap, unsigned},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{World, helpers::change_terms};

/// A world with a drawn dispute over a result of `node`, and a panelist.
async fn drawn_dispute() -> (World, Address, Keypair) {
    let world = World::new(verified_terms()).await;
    for party in [&world.node, &world.other_node] {
        world.enrol(party).await;
    }
    let panelist = world.panelist().await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    (world, address, panelist)
}

pub async fn only_a_node_whose_turn_has_come() -> World {
    let (world, address, panelist) = drawn_dispute().await;
    let stored = world.dispute(&address).await;
    let claim = |owner: &Keypair| actions::claim_seat(owner.pubkey(), address, &stored);
    let by = [&panelist];
    world.refuse(jobs::Error::TooEarly, claim(&panelist), &by).await;
    world.draw_panel(&address).await;
    world.refuse(jobs::Error::NotYetEligible, claim(&panelist), &by).await;

    // Made after the result, in case this draw would be a lucky one.
    let late = world.panelist().await;
    let never = world.wallet().await;
    world.stake(&never).await;
    world.register(&never).await;
    world.advance_clock(EVERYBODYS_TURN);
    let valid = claim(&panelist);
    world
        .refuse_all([
            case("enrolled after the result", jobs::Error::NotEnrolled, claim(&late), &[&late]),
            case("not enrolled", jobs::Error::NotEnrolled, claim(&never), &[&never]),
            case(
                "the node of the result",
                jobs::Error::PartyToDispute,
                claim(&world.node),
                &[&world.node],
            ),
            case(
                "a node of another",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), panelist.pubkey(), world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(valid.clone(), panelist.pubkey()),
                &[],
            ),
            case(
                "the stake of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.stake, pda::staking::stake(&world.node.pubkey())),
                &by,
            ),
            case(
                "another signer PDA",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), pda::jobs::authority(), pda::jobs::config()),
                &by,
            ),
        ])
        .await;

    world.take_seat(&panelist, &address).await;
    let dispute = world.dispute(&address).await;
    let seat = dispute.seats[0];
    assert_eq!(seat.node, pda::jobs::node(&panelist.pubkey()));
    assert_eq!(seat.score, world.score_of(&panelist, &address).await);
    assert_eq!((seat.state, dispute.seats_taken), (SeatState::Claimed as u8, 1));
    // The slot's collateral is larger: the job requires twenty times the price of its timeout.
    assert_eq!(dispute.collateral, 20 * 28_200);
    assert_eq!(world.stake_of(&panelist).await.locked, dispute.collateral);
    world.refuse(jobs::Error::AlreadySeated, valid.clone(), &by).await;

    world.advance_clock(600);
    let too_late = claim(&world.other_node);
    world.refuse(jobs::Error::WrongPhase, too_late, &[&world.other_node]).await;
    world
}

pub async fn no_party_judges_itself() -> World {
    let world = World::new(verified_terms()).await;
    let [client, payer, challenger] =
        [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let order = nosana_tests::terms::verified(1);
    let job = world.list_for(&client, &payer, order).await;
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    let address = world.challenge(&challenger, &job).await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let stored = world.dispute(&address).await;
    for party in [&client, &payer, &challenger] {
        let claim = actions::claim_seat(party.pubkey(), address, &stored);
        world.refuse(jobs::Error::PartyToDispute, claim, &[party]).await;
    }
    world
}

pub async fn only_with_the_stake_that_was_enrolled_and_the_markets_gates() -> World {
    let (world, address, panelist) = drawn_dispute().await;
    let other = world.other_node.pubkey();
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let stored = world.dispute(&address).await;
    let claim = |owner: Address| actions::claim_seat(owner, address, &stored);

    world.run(actions::set_draining(other, true), &[&world.other_node]).await;
    world.refuse(jobs::Error::Draining, claim(other), &[&world.other_node]).await;
    world.run(actions::set_draining(other, false), &[&world.other_node]).await;

    // As if the owner had enrolled with a base unit more than it has.
    let node = pda::jobs::node(&panelist.pubkey());
    let weight = world.stake_of(&panelist).await.xnos;
    let set = |weight| {
        world.tamper::<jobs::accounts::Node>(&node, move |node| node.panel_weight = weight)
    };
    set(weight + 1).await;
    world.refuse(jobs::Error::StakeTooSmall, claim(panelist.pubkey()), &[&panelist]).await;
    set(weight).await;
    world.run(actions::unstake(panelist.pubkey()), &[&panelist]).await;
    world.refuse(jobs::Error::StakeTooSmall, claim(panelist.pubkey()), &[&panelist]).await;
    world
}

/// Otherwise a node that sees the draw buys itself a low score.
pub async fn a_stake_raised_after_the_draw_weighs_nothing_in_it() -> World {
    let (world, address, panelist) = drawn_dispute().await;
    let again = &world.other_node;
    world.draw_panel(&address).await;
    let drawn = world.dispute(&address).await;
    let score = world.score_of(&panelist, &address).await;
    for owner in [&panelist, again] {
        let raise = actions::top_up_stake(owner.pubkey(), world.mint, 9 * STAKE);
        world.run(raise, &[owner]).await;
    }
    let weight = world.node_of(&panelist).await.panel_weight;
    assert_eq!(world.stake_of(&panelist).await.xnos, 10 * weight);

    // With the new weight, but too late for this result.
    world.enrol(again).await;
    assert_eq!(world.node_of(again).await.panel_weight, 10 * weight);
    world.advance_clock(EVERYBODYS_TURN);
    let claim = actions::claim_seat(again.pubkey(), address, &drawn);
    world.refuse(jobs::Error::NotEnrolled, claim, &[again]).await;

    world.take_seat(&panelist, &address).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.seats[0].score, score, "by the weight of its enrolment");
    assert_eq!(dispute.panel_weight, drawn.panel_weight, "of the draw");
    world
}

/// The gates are those with which the job was listed.
pub async fn only_with_the_hardware_and_reputation_of_the_listing() -> World {
    let gated = MarketTerms {
        min_vram_mib: HARDWARE.vram_mib,
        min_prompt_tokens_per_second: HARDWARE.prompt_tokens_per_second,
        min_reputation_bps: 5_000,
        ..verified_terms()
    };
    let world = World::new(gated).await;
    world.enrol(&world.other_node).await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let stored = world.dispute(&address).await;
    let by = [&world.other_node];
    let claim = actions::claim_seat(world.other_node.pubkey(), address, &stored);
    let raise = |change: fn(&mut jobs::accounts::Job)| world.tamper(&job, change);
    raise(|job| job.min_vram_mib += 1).await;
    world.refuse(jobs::Error::NotEnoughVram, claim.clone(), &by).await;
    raise(|job| job.min_vram_mib -= 1).await;
    raise(|job| job.min_prompt_tokens_per_second += 1).await;
    world.refuse(jobs::Error::TooSlow, claim.clone(), &by).await;
    raise(|job| job.min_prompt_tokens_per_second -= 1).await;
    raise(|job| job.min_reputation_bps += 1).await;
    world.refuse(jobs::Error::ReputationTooLow, claim, &by).await;
    raise(|job| job.min_reputation_bps -= 1).await;
    world.take_seat(&world.other_node, &address).await;
    world
}

/// Anyone who comes first has no seat for that.
pub async fn the_lowest_scores_have_the_seats() -> World {
    let world = World::new(verified_terms()).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(world.panelist().await);
    }
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let [lowest, second, third, highest] = world.rank_panelists(&all, &address).await[..] else {
        panic!("four panelists");
    };
    for early in [second, highest, third] {
        world.take_seat(early, &address).await;
    }
    let full = world.dispute(&address).await;
    assert_eq!((full.phase, full.seats_taken), (Phase::Seating as u8, 3), "others may still come");

    let by = [lowest];
    let valid = actions::claim_seat(lowest.pubkey(), address, &full);
    let displaces =
        |displaced_node| jobs::instructions::ClaimSeat { displaced_node, ..valid.clone() };
    let node_of = |owner: &Keypair| pda::jobs::node(&owner.pubkey());
    assert_eq!(valid.displaced_node, Some(node_of(highest)));
    let stranger = Some(node_of(&world.node));
    world
        .refuse_all([
            case("nobody's seat", jobs::Error::NotHighestSeat, displaces(None), &by),
            case("a lower seat", jobs::Error::NotHighestSeat, displaces(Some(node_of(third))), &by),
            case("a node without a seat", jobs::Error::NotHighestSeat, displaces(stranger), &by),
        ])
        .await;

    let done = world.run(valid, &by).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.seats.map(|seat| seat.node), [second, lowest, third].map(node_of));
    assert_eq!((dispute.seats_taken, dispute.ends_at), (3, full.ends_at));
    assert_eq!(world.release_all(highest).await, dispute.collateral, "it keeps its collateral");
    assert_eq!(world.stake_of(lowest).await.locked, dispute.collateral);
    let is_told = |event: Event| match event {
        Event::Jobs(JobsEvent::SeatClaimed(event)) => {
            (event.node, event.displaced) == (node_of(lowest), node_of(highest))
        }
        _ => false,
    };
    assert!(done.events().into_iter().any(is_told));

    let again = actions::claim_seat(highest.pubkey(), address, &dispute);
    world.refuse(jobs::Error::SeatsTaken, again, &[highest]).await;
    world
}

/// A draw has nine candidates, by weight, anyone who of them comes.
pub async fn only_candidates_of_the_draw() -> World {
    let (world, address, panelist) = drawn_dispute().await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let total = world.dispute(&address).await.panel_weight;
    assert_eq!(total, 3 * world.stake_of(&panelist).await.xnos, "of all enrolled nodes");

    // As if others had so much weight that this score is just above the bound, or on it.
    let score = world.score_of(&panelist, &address).await;
    let most = u64::try_from((9_u128 << 63) / u128::from(score)).expect("in range");
    let set = |weight| {
        world.tamper::<jobs::accounts::Dispute>(&address, move |it| it.panel_weight = weight)
    };
    set(most + 1).await;
    let stored = world.dispute(&address).await;
    let claim = actions::claim_seat(panelist.pubkey(), address, &stored);
    world.refuse(jobs::Error::NotCandidate, claim, &[&panelist]).await;
    set(most).await;
    world.take_seat(&panelist, &address).await;
    world
}

pub async fn not_without_collateral() -> World {
    let dear = MarketTerms { collateral_per_job: STAKE - NOS / 2, ..verified_terms() };
    let world = World::new(dear).await;
    world.enrol(&world.other_node).await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    world.work(&world.other_node).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let stored = world.dispute(&address).await;
    let claim = actions::claim_seat(world.other_node.pubkey(), address, &stored);
    world.refuse(staking::Error::InsufficientCollateral, claim, &[&world.other_node]).await;
    world
}

/// Terms that change, a market that is retired and a pause stop no dispute, and choose no panel.
pub async fn a_dispute_goes_on_whatever_its_market_does() -> World {
    let long = MarketTerms { dispute_seconds: 86_400, ..verified_terms() };
    let world = World::new(long).await;
    world.enrol(&world.other_node).await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    // Hardware, reputation and stake that no node has.
    let closed = MarketTerms {
        min_xnos: u64::MAX,
        min_vram_mib: u32::MAX,
        min_prompt_tokens_per_second: u32::MAX,
        min_reputation_bps: 10_000,
        ..nosana_tests::terms::terms()
    };
    change_terms(&world, closed).await;
    crate::helpers::retire_market(&world, world.market).await;
    crate::helpers::set_paused(&world, true).await;

    world.take_seat(&world.other_node, &address).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.phase_seconds, 86_400, "as the job was listed");
    assert_eq!(dispute.phase, Phase::Seating as u8);
    world
}
