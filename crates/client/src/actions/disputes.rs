//! Instructions about disputes. `dispute` is the address of the account that is `stored`.

use nosana_protocol::dispute::{seats::find_seat, votes::SeatState};
use solana_address::Address;

use crate::{
    jobs::{
        accounts::{Dispute, Job, Node},
        instructions as jobs,
    },
    pda,
    token::associated_address,
};

/// Disputes a result, for a bond from the challenger's associated token account.
pub fn challenge(
    challenger: Address,
    job: Address,
    stored: &Job,
    mint: Address,
) -> jobs::Challenge {
    jobs::Challenge {
        challenger,
        market: stored.market,
        job,
        node: stored.node,
        dispute: pda::jobs::dispute(&job, stored.attempt_id),
        vault: pda::jobs::vault(&stored.market),
        challenger_token: associated_address(&challenger, &mint),
        attempt_id: stored.attempt_id,
    }
}

/// Draws the panel, once the slot that decides is over.
pub fn draw_panel(dispute: Address) -> jobs::DrawPanel {
    jobs::DrawPanel { dispute }
}

/// Takes a seat of the panel for the authority's node: a free one, or that of the highest score in
/// `stored`, which fails unless the node's own score is lower.
pub fn claim_seat(authority: Address, dispute: Address, stored: &Dispute) -> jobs::ClaimSeat {
    jobs::ClaimSeat {
        authority,
        node: pda::jobs::node(&authority),
        dispute,
        job: stored.job,
        stake: pda::staking::stake(&authority),
        displaced_node: find_displaced(stored),
    }
}

/// Returns the node of the seat with the highest score, if no seat is free.
fn find_displaced(stored: &Dispute) -> Option<Address> {
    let is_taken = |state: u8| state != SeatState::Empty as u8;
    let scores = stored.seats.map(|seat| is_taken(seat.state).then_some(seat.score));
    let seat = stored.seats.get(find_seat(&scores, 0)?)?;
    is_taken(seat.state).then_some(seat.node)
}

/// Commits the authority's node to a sketch and a verdict: `commitment` is the hash of
/// [`nosana_protocol::dispute::commitment::vote_parts`].
pub fn commit_sketch(
    authority: Address,
    dispute: Address,
    commitment: [u8; 32],
) -> jobs::CommitSketch {
    jobs::CommitSketch { authority, node: pda::jobs::node(&authority), dispute, commitment }
}

/// Opens the trace to which the authority's node committed with its result.
pub fn open_trace(
    authority: Address,
    dispute: Address,
    stored: &Dispute,
    sketch: [u8; 32],
    salt: [u8; 32],
) -> jobs::OpenTrace {
    let node = pda::jobs::node(&authority);
    jobs::OpenTrace { authority, node, dispute, job: stored.job, sketch, salt }
}

/// Reveals what the authority's node committed to: `verdict` is a number of
/// [`nosana_protocol::dispute::votes::Verdict`].
pub fn reveal(
    authority: Address,
    dispute: Address,
    sketch: [u8; 32],
    verdict: u8,
    salt: [u8; 32],
) -> jobs::Reveal {
    let node = pda::jobs::node(&authority);
    jobs::Reveal { authority, node, dispute, sketch, verdict, salt }
}

/// Ends a dispute. `job` and `node` are the accounts that the dispute names.
pub fn resolve(
    dispute: Address,
    stored: &Dispute,
    job: &Job,
    node: &Node,
    nos_mint: Address,
) -> jobs::Resolve {
    jobs::Resolve {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        dispute,
        job: stored.job,
        node: stored.node,
        vault: pda::jobs::vault(&stored.market),
        payer_token: job.payer_token,
        node_token: job.node_token,
        challenger_token: stored.challenger_token,
        stake: node.stake,
        stake_vault: pda::staking::vault(),
        nos_mint,
        position: pda::rewards::position(&node.authority),
        delegated_position: pda::rewards::position(&node.stake),
    }
}

/// Pays or punishes the panelist who has this seat. `node` is the account that the seat names, and
/// `reporter_token` gets a part of what the panelist loses; the rest is burnt.
pub fn close_seat(
    dispute: Address,
    stored: &Dispute,
    seat: u8,
    address: Address,
    node: &Node,
    nos_mint: Address,
    reporter_token: Address,
) -> jobs::CloseSeat {
    jobs::CloseSeat {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        dispute,
        node: address,
        vault: pda::jobs::vault(&stored.market),
        payout: node.payout,
        stake: node.stake,
        stake_vault: pda::staking::vault(),
        nos_mint,
        position: pda::rewards::position(&node.authority),
        delegated_position: pda::rewards::position(&node.stake),
        reporter_token,
        seat,
    }
}

/// Closes a resolved dispute, and refunds its rent.
pub fn close_dispute(dispute: Address, stored: &Dispute) -> jobs::CloseDispute {
    jobs::CloseDispute {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        dispute,
        challenger: stored.challenger,
        vault: pda::jobs::vault(&stored.market),
        challenger_token: stored.challenger_token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::ProgramAccount;

    #[test]
    fn the_node_of_the_highest_seat_is_displaced_if_none_is_free() {
        let zeroed = [Dispute::DISCRIMINATOR, &vec![0; Dispute::SIZE - 8]].concat();
        let mut dispute = Dispute::from_data(&zeroed).unwrap();
        assert_eq!(find_displaced(&dispute), None);

        for (seat, score) in dispute.seats.iter_mut().zip([4_u8, 9, 6]) {
            seat.state = SeatState::Claimed as u8;
            seat.score = score.into();
            seat.node = Address::new_from_array([score; 32]);
        }
        assert_eq!(find_displaced(&dispute), Some(Address::new_from_array([9; 32])));

        dispute.seats[2].state = SeatState::Empty as u8;
        assert_eq!(find_displaced(&dispute), None);
    }
}
