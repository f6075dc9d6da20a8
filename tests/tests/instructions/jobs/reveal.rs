//! `reveal`: a panelist says what it committed to.

use nosana_client::{
    actions,
    jobs::{self, instructions::Reveal},
};
use nosana_protocol::dispute::{
    phase::Phase,
    votes::{SeatState, Verdict},
};
use nosana_tests::{
    Refusal,
    terms::{OTHER_SKETCH, SALT, SKETCH, verified_terms},
    world::{case, disputes::vote_commitment, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn only_what_was_committed_and_after_the_trace() -> World {
    let world = World::new(verified_terms()).await;
    let [one, two, three] =
        [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.seat_panel(&world.stranger, &job, &[&one, &two, &three]).await;
    let said = (Verdict::Right, SKETCH);
    let (owner, by) = (one.pubkey(), [&one]);
    let valid = actions::reveal(owner, address, SKETCH, Verdict::Right as u8, SALT);
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &by).await;
    world.commit_sketch(&one, &address, said).await;
    // Another's commitment, replayed.
    let copied = vote_commitment(&owner, &address, said);
    world.run(actions::commit_sketch(two.pubkey(), address, copied), &[&two]).await;
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &by).await;
    world.set_clock(world.dispute(&address).await.ends_at + 1);
    world.open_trace(&world.node, &address, SKETCH).await;

    let of = |change: fn(&mut Reveal)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let mismatch = jobs::Error::CommitmentMismatch;
    world
        .refuse_all([
            case("another sketch", mismatch, of(|it| it.sketch = OTHER_SKETCH), &by),
            case("another verdict", mismatch, of(|it| it.verdict = 2), &by),
            case("another salt", mismatch, of(|it| it.salt = [0; 32]), &by),
            case("no verdict", jobs::Error::UnknownVerdict, of(|it| it.verdict = 0), &by),
            case("an unknown verdict", jobs::Error::UnknownVerdict, of(|it| it.verdict = 4), &by),
            case(
                "what another committed to",
                mismatch,
                actions::reveal(two.pubkey(), address, SKETCH, Verdict::Right as u8, SALT),
                &[&two],
            ),
            case(
                "without a commitment",
                jobs::Error::NotSeated,
                actions::reveal(three.pubkey(), address, SKETCH, Verdict::Right as u8, SALT),
                &[&three],
            ),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.run(valid.clone(), &by).await;
    let dispute = world.dispute(&address).await;
    let seat = dispute.seats[0];
    assert_eq!((seat.sketch, seat.verdict), (SKETCH, Verdict::Right as u8));
    assert_eq!(seat.state, SeatState::Revealed as u8);
    assert_eq!(dispute.phase, Phase::Voting as u8, "another has committed");
    world.refuse(jobs::Error::NotSeated, valid, &by).await;

    world.set_clock(dispute.ends_at + 1);
    let late = actions::reveal(two.pubkey(), address, SKETCH, Verdict::Right as u8, SALT);
    world.refuse(jobs::Error::WrongPhase, late, &[&two]).await;
    world
}
