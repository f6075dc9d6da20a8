//! `commit_sketch`: a panelist commits to its sketch and verdict.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::dispute::{
    phase::Phase,
    votes::{SeatState, Verdict},
};
use nosana_tests::{
    Refusal,
    terms::{SKETCH, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn a_panelist_commits_once_and_in_time() -> World {
    let world = World::new(verified_terms()).await;
    let [one, two, three, four] = [
        world.panelist().await,
        world.panelist().await,
        world.panelist().await,
        world.panelist().await,
    ];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.take_seats(&world.stranger, &job, &[&one, &two, &four]).await;
    let commit =
        |owner: &solana_keypair::Keypair| actions::commit_sketch(owner.pubkey(), address, [7; 32]);
    let valid = commit(&one);
    // Until the clock has run out, a node with a lower score may come.
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &[&one]).await;
    world.end_phase(&address).await;
    world
        .refuse_all([
            case("without a seat", jobs::Error::NotSeated, commit(&three), &[&three]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), one.pubkey()), &[]),
            case(
                "for another",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), one.pubkey(), two.pubkey()),
                &[&two],
            ),
        ])
        .await;

    world.run(valid.clone(), &[&one]).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.phase, Phase::Committing as u8);
    assert_eq!(dispute.seats[0].commitment, [7; 32]);
    assert_eq!(dispute.seats[0].state, SeatState::Committed as u8);
    world.refuse(jobs::Error::NotSeated, valid, &[&one]).await;

    let late = actions::claim_seat(three.pubkey(), address, &dispute);
    world.refuse(jobs::Error::WrongPhase, late, &[&three]).await;
    let said = (Verdict::Right, SKETCH);
    world.commit_sketch(&two, &address, said).await;
    assert_eq!(world.dispute(&address).await.phase, Phase::Committing as u8);
    let ends_at = world.dispute(&address).await.ends_at;
    world.set_clock(ends_at + 1);
    world.refuse(jobs::Error::WrongPhase, commit(&four), &[&four]).await;
    world.set_clock(ends_at);
    world.run(commit(&four), &[&four]).await;
    assert_eq!(world.dispute(&address).await.phase, Phase::Opening as u8);
    assert_eq!(world.dispute(&address).await.ends_at, world.now() + 600);
    assert_ne!(pda::jobs::node(&one.pubkey()), pda::jobs::node(&two.pubkey()));
    world
}
