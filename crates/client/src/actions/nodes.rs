//! Instructions of nodes. `authority` owns the node.

use solana_address::Address;

use crate::{
    jobs::{
        accounts::Job,
        instructions as jobs,
        types::{Endpoint, Hardware},
    },
    pda,
    token::associated_address,
};

/// Registers the authority's node, which is paid to the authority's associated token account.
pub fn register_node(authority: Address, mint: Address, hardware: Hardware) -> jobs::RegisterNode {
    jobs::RegisterNode {
        authority,
        config: pda::jobs::config(),
        node: pda::jobs::node(&authority),
        stake: pda::staking::stake(&authority),
        payout: associated_address(&authority, &mint),
        hardware,
    }
}

/// Takes the first waiting job of a market, or waits for one. Accepts any collateral that the
/// market requires: set `max_collateral` to limit it.
pub fn work(authority: Address, market: Address, min_price_per_second: u64) -> jobs::Work {
    jobs::Work {
        authority,
        node: pda::jobs::node(&authority),
        market,
        queue: pda::jobs::queue(&market),
        config: pda::jobs::config(),
        stake: pda::staking::stake(&authority),
        access_token: None,
        access_metadata: None,
        min_price_per_second,
        max_collateral: u64::MAX,
    }
}

/// Leaves `cell` of a market's queue. The node keeps the slot's collateral for its next jobs:
/// [`release_collateral`] releases it.
pub fn leave(authority: Address, market: Address, cell: u32) -> jobs::Leave {
    jobs::Leave {
        authority,
        node: pda::jobs::node(&authority),
        market,
        queue: pda::jobs::queue(&market),
        cell,
    }
}

/// Releases the collateral in the stake of `node_authority` that its node keeps for its next jobs:
/// what no slot, result or seat uses. Does nothing if there is none.
pub fn release_collateral(node_authority: Address) -> jobs::ReleaseCollateral {
    jobs::ReleaseCollateral {
        authority: node_authority,
        node: pda::jobs::node(&node_authority),
        stake: pda::staking::stake(&node_authority),
    }
}

/// Removes the authority's node from `cell` of a market's queue; fails if the node may still
/// wait there.
pub fn evict_node(authority: Address, market: Address, cell: u32) -> jobs::EvictNode {
    jobs::EvictNode {
        node: pda::jobs::node(&authority),
        market,
        queue: pda::jobs::queue(&market),
        stake: pda::staking::stake(&authority),
        cell,
    }
}

/// Starts a job on the authority's node; fails if its definition has changed or its timeout is
/// shorter since it was read.
pub fn start(authority: Address, job: Address, stored: &Job) -> jobs::Start {
    jobs::Start {
        authority,
        node: pda::jobs::node(&authority),
        job,
        stake: pda::staking::stake(&authority),
        access_token: None,
        access_metadata: None,
        definition: stored.definition,
        min_timeout_seconds: stored.timeout_seconds,
    }
}

/// Proves that the authority's node still runs the attempt `attempt_id` of a job. A zero
/// `checkpoint` keeps the last one.
pub fn heartbeat(
    authority: Address,
    job: Address,
    attempt_id: u64,
    checkpoint: [u8; 32],
    progress_bps: u16,
) -> jobs::Heartbeat {
    let node = pda::jobs::node(&authority);
    jobs::Heartbeat { authority, node, job, attempt_id, checkpoint, progress_bps }
}

/// Changes the hardware that the authority's node commits to.
pub fn update_hardware(authority: Address, hardware: Hardware) -> jobs::UpdateHardware {
    jobs::UpdateHardware { authority, node: pda::jobs::node(&authority), hardware }
}

/// Enrols the authority's node for panels, or ends that.
pub fn enrol_panelist(authority: Address, enrolled: bool) -> jobs::EnrolPanelist {
    jobs::EnrolPanelist {
        authority,
        node: pda::jobs::node(&authority),
        stake: pda::staking::stake(&authority),
        enrolled,
    }
}

/// Ends the enrolment of the authority's node; fails unless its stake has become smaller.
pub fn remove_panelist(authority: Address) -> jobs::RemovePanelist {
    jobs::RemovePanelist {
        node: pda::jobs::node(&authority),
        stake: pda::staking::stake(&authority),
    }
}

/// Stops the authority's node from taking new jobs, or lets it take them again.
pub fn set_draining(authority: Address, draining: bool) -> jobs::SetDraining {
    jobs::SetDraining { authority, node: pda::jobs::node(&authority), draining }
}

/// Announces where clients can connect to the authority's node.
pub fn set_endpoint(authority: Address, endpoint: Endpoint) -> jobs::SetEndpoint {
    jobs::SetEndpoint { authority, node: pda::jobs::node(&authority), endpoint }
}

/// Changes the token account that is paid for jobs that the authority's node starts later.
pub fn set_payout(authority: Address, payout: Address) -> jobs::SetPayout {
    jobs::SetPayout {
        authority,
        config: pda::jobs::config(),
        node: pda::jobs::node(&authority),
        payout,
    }
}
