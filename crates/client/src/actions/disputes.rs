//! Instructions about disputes. `dispute` is the address of the account that is `stored`.

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

/// Takes a seat of the panel for the authority's node.
pub fn claim_seat(authority: Address, dispute: Address, stored: &Dispute) -> jobs::ClaimSeat {
    jobs::ClaimSeat {
        authority,
        node: pda::jobs::node(&authority),
        dispute,
        job: stored.job,
        market: stored.market,
        stake: pda::staking::stake(&authority),
        access_token: None,
        access_metadata: None,
    }
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
pub fn resolve(dispute: Address, stored: &Dispute, job: &Job, node: &Node) -> jobs::Resolve {
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
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&node.authority),
        delegated_position: pda::rewards::position(&node.stake),
    }
}

/// Pays or punishes the panelist who has this seat. `node` is the account that the seat names.
pub fn close_seat(
    dispute: Address,
    stored: &Dispute,
    seat: u8,
    address: Address,
    node: &Node,
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
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&node.authority),
        delegated_position: pda::rewards::position(&node.stake),
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
