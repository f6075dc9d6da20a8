//! `claim_seat`: an enrolled node takes a seat of a panel.

use nosana_client::{
    actions::{self},
    jobs::{self, types::MarketTerms},
    pda, staking,
};
use nosana_protocol::dispute::{phase::Phase, votes::SeatState};
use nosana_tests::{
    Refusal,
    terms::{NOS, STAKE, verified_terms},
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
    let market = world.open_market(2, verified_terms()).await;
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
                "another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), valid.market, market),
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
    assert_eq!((seat.state, dispute.seats_taken), (SeatState::Claimed as u8, 1));
    assert_eq!(world.stake_of(&panelist).await.locked, dispute.collateral);
    world.refuse(jobs::Error::AlreadySeated, valid.clone(), &by).await;

    world.advance_clock(300);
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

pub async fn not_without_collateral() -> World {
    let dear = MarketTerms { collateral_per_job: STAKE - NOS, ..verified_terms() };
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

/// Terms that change, a market that is retired and a pause stop no dispute.
pub async fn a_dispute_goes_on_whatever_its_market_does() -> World {
    let long = MarketTerms { dispute_seconds: 86_400, ..verified_terms() };
    let world = World::new(long).await;
    world.enrol(&world.other_node).await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    change_terms(&world, nosana_tests::terms::terms()).await;
    crate::helpers::retire_market(&world, world.market).await;
    crate::helpers::set_paused(&world, true).await;

    world.take_seat(&world.other_node, &address).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.phase_seconds, 86_400, "as the job was listed");
    assert_eq!(dispute.phase, Phase::Seating as u8);
    world
}
