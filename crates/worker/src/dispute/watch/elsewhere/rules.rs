//! Which disputes of other markets suit this node. Strangers choose the terms of a market, so the
//! node's own market bounds them.

use std::time::Duration;

use nosana_client::{
    jobs::{
        accounts::{Dispute, Job, Node},
        types::MarketTerms,
    },
    session::Filter,
    staking::accounts::Stake,
};
use nosana_protocol::{
    dispute::{
        PANEL_SEATS,
        phase::Phase,
        terms::{MIN_COLLATERAL_FEES, MIN_PANEL_FEE},
    },
    reputation::Reputation,
    units::{BasisPoints, UnixTimestamp, WHOLE_BPS},
};
use solana_address::Address;

use crate::slots::Slots;

/// Whether a seat of the dispute is as good as one of the market with these `terms`: no more
/// collateral than for a job there, phases as long or at most by half shorter, and no more
/// collateral for each base unit of the fee than verified jobs need there. A node can be late in
/// phases that are much shorter than those which its owner has chosen.
pub(super) fn suits_terms(dispute: &Dispute, terms: &MarketTerms) -> bool {
    let takes_verified = terms.dispute_seconds > 0;
    let phases = terms.dispute_seconds.div_ceil(2)..=terms.dispute_seconds;
    let has_like_size =
        dispute.collateral <= terms.collateral_per_job && phases.contains(&dispute.phase_seconds);

    let by_price = u128::from(terms.min_collateral_ratio).saturating_mul(WHOLE_BPS.into());
    let rate = u128::from(terms.panel_fee_bps);
    let by_fee = rate.saturating_mul(MIN_COLLATERAL_FEES.into());
    // The listing rounds fees down.
    let fee = u128::from(dispute.panel_fee).saturating_add(1);
    let most = fee.saturating_mul(by_price.max(by_fee));
    let is_fair = u128::from(dispute.collateral).saturating_mul(rate) <= most;
    takes_verified && has_like_size && is_fair
}

/// Returns for how long the work may be tried: for what the fee pays at the node's lowest price,
/// and for three eighths of a phase, which are the most that a panelist can do. `None` if the fee
/// does not pay a second.
pub(super) fn trial_time(dispute: &Dispute, min_price: u64) -> Option<Duration> {
    let BasisPoints(rate) = MIN_PANEL_FEE;
    let second = u128::from(min_price).saturating_mul(rate.into());
    let fee = u128::from(dispute.panel_fee).saturating_mul(WHOLE_BPS.into());
    let paid = fee.checked_div(second).unwrap_or(u128::MAX);

    let feasible = u64::from(dispute.phase_seconds).saturating_mul(3) / 8;
    let seconds = u64::try_from(paid).unwrap_or(u64::MAX).min(feasible);
    (seconds > 0).then_some(Duration::from_secs(seconds))
}

/// Returns the least fee that pays a second: with a smaller one, [`trial_time`] returns none.
pub(super) fn least_fee(min_price: u64) -> u64 {
    let BasisPoints(rate) = MIN_PANEL_FEE;
    let paid = u128::from(min_price).saturating_mul(rate.into()).div_ceil(WHOLE_BPS.into());
    u64::try_from(paid).unwrap_or(u64::MAX)
}

/// Returns the base units that the node keeps for the jobs of its own market: the collateral of one
/// for each slot that has none yet.
pub(super) fn kept_collateral(node: &Node, now: UnixTimestamp, per_job: u64) -> u64 {
    let slots = Slots::read_from(node, now.0);
    let unused = slots.free.saturating_add(slots.resting);
    u64::try_from(unused).unwrap_or(u64::MAX).saturating_mul(per_job)
}

/// Whether the node passes those gates of the job's listing that hold for panelists: all but the
/// access collection.
pub(super) fn passes_gates(node: &Node, stake: &Stake, job: &Job, now: UnixTimestamp) -> bool {
    let is_cooling_down = stake.unstaked_at != 0;
    let backing = if is_cooling_down { 0 } else { stake.xnos.saturating_add(stake.delegated_xnos) };
    let has_stake = backing >= job.min_xnos.max(1) && stake.xnos >= node.panel_weight;
    let has_hardware = node.vram_mib >= job.min_vram_mib
        && node.prompt_tokens_per_second >= job.min_prompt_tokens_per_second;

    let reputation = Reputation {
        good: node.reputation_good,
        bad: node.reputation_bad,
        at: UnixTimestamp(node.reputation_at),
    };
    let is_trusted = job.min_reputation_bps == 0
        || reputation.score_at(now).is_ok_and(|score| score.0 >= job.min_reputation_bps);
    node.draining == 0 && has_stake && has_hardware && is_trusted
}

/// Selects disputes whose seats can be taken, as far as their accounts say.
pub(super) fn seating_filter() -> Filter {
    Filter::new(Dispute::PHASE_OFFSET, [Phase::Seating as u8])
}

/// Selects disputes in which the node has a seat: one filter for each seat.
pub(super) fn seat_filters(node: &Address) -> [Filter; PANEL_SEATS] {
    let seat_bytes = (Dispute::SIZE - Dispute::SEATS_OFFSET) / PANEL_SEATS;
    std::array::from_fn(|index| Filter::new(Dispute::SEATS_OFFSET + index * seat_bytes, node))
}

#[cfg(test)]
mod tests {
    use nosana_client::codec::ProgramAccount;
    use nosana_protocol::slot::SlotState;

    use super::*;
    use crate::zeroed_accounts::{
        zeroed_dispute, zeroed_job, zeroed_node, zeroed_stake, zeroed_terms,
    };

    const NOW: UnixTimestamp = UnixTimestamp(1_000);

    #[test]
    fn a_seat_elsewhere_is_no_worse_than_one_of_the_own_market() {
        let terms = MarketTerms {
            collateral_per_job: 10_000,
            dispute_seconds: 600,
            panel_fee_bps: 2_500,
            min_collateral_ratio: 20,
            ..zeroed_terms()
        };
        let suits = |collateral, phase_seconds, panel_fee, terms: &MarketTerms| {
            let dispute = Dispute { collateral, phase_seconds, panel_fee, ..zeroed_dispute() };
            suits_terms(&dispute, terms)
        };
        // Eighty fees: twenty times the price, of which a fee is a quarter.
        assert!(suits(8_000, 600, 100, &terms) && suits(8_080, 600, 100, &terms));
        assert!(!suits(8_081, 600, 100, &terms), "more collateral for the fee");
        assert!(!suits(8_000, 601, 100, &terms), "longer phases");
        assert!(suits(8_000, 300, 100, &terms) && !suits(8_000, 299, 100, &terms), "half of it");
        let odd = MarketTerms { dispute_seconds: 601, ..terms };
        assert!(suits(8_000, 301, 100, &odd) && !suits(8_000, 300, 100, &odd));
        assert!(suits(10_000, 600, 1_000, &terms) && !suits(10_001, 600, 1_000, &terms));

        // Forty fees are more than ten times the price where a fee is twice the price.
        let dear = MarketTerms { panel_fee_bps: 20_000, min_collateral_ratio: 10, ..terms };
        assert!(suits(4_040, 600, 100, &dear) && !suits(4_041, 600, 100, &dear));
        assert!(!suits(u64::MAX, 600, u64::MAX, &terms), "it does not overflow");
        assert!(!suits(0, 0, 100, &zeroed_terms()), "the own market takes no verified jobs");
    }

    #[test]
    fn no_more_work_is_tried_than_the_fee_pays() {
        let time = |panel_fee, phase_seconds, min_price| {
            let dispute = Dispute { panel_fee, phase_seconds, ..zeroed_dispute() };
            trial_time(&dispute, min_price).map(|time| time.as_secs())
        };
        // A quarter of the price of ten seconds.
        assert_eq!(time(2_500, 600, 1_000), Some(10));
        assert_eq!(time(2_499, 600, 1_000), Some(9));
        assert_eq!(time(249, 600, 1_000), None, "no whole second");
        assert_eq!(time(u64::MAX, 600, 1), Some(225), "three eighths of a phase");
        assert_eq!(time(1, 600, 0), Some(225), "the owner works without pay");
        assert_eq!(time(1, 600, u64::MAX), None);

        assert_eq!(least_fee(1_000), 250);
        for min_price in [1, 3, 4, 1_001, u64::MAX] {
            let least = least_fee(min_price);
            assert_eq!(time(least - 1, 600, min_price), None, "{min_price}");
            assert!(time(least, 600, min_price).is_some(), "{min_price}");
        }
    }

    #[test]
    fn collateral_is_kept_for_each_slot_that_has_none() {
        let mut node = Node { capacity: 4, ..zeroed_node() };
        assert_eq!(kept_collateral(&node, NOW, 10), 40);
        let states = [SlotState::Waiting, SlotState::Running, SlotState::Resting];
        for (slot, state) in node.slots.iter_mut().zip(states) {
            slot.state = state as u8;
            slot.since = NOW.0;
        }
        assert_eq!(kept_collateral(&node, NOW, 10), 20, "the fourth, and the one that rests");
        assert_eq!(kept_collateral(&node, NOW, u64::MAX), u64::MAX);
    }

    #[test]
    fn each_gate_of_the_listing_counts() {
        let node =
            Node { panel_weight: 5, vram_mib: 8, prompt_tokens_per_second: 90, ..zeroed_node() };
        let stake = Stake { xnos: 5, delegated_xnos: 2, ..zeroed_stake() };
        let job = Job {
            min_xnos: 7,
            min_vram_mib: 8,
            min_prompt_tokens_per_second: 90,
            min_reputation_bps: 5_000,
            ..zeroed_job()
        };
        let passes = |node: &Node, stake: &Stake, job: &Job| passes_gates(node, stake, job, NOW);
        assert!(passes(&node, &stake, &job), "a new node has a reputation of 5,000");
        for dearer in [
            Job { min_xnos: 8, ..job },
            Job { min_vram_mib: 9, ..job },
            Job { min_prompt_tokens_per_second: 91, ..job },
            Job { min_reputation_bps: 5_001, ..job },
        ] {
            assert!(!passes(&node, &stake, &dearer), "{dearer:?}");
        }
        assert!(!passes(&Node { draining: 1, ..node }, &stake, &job));
        assert!(!passes(&Node { panel_weight: 6, ..node }, &stake, &job), "it has unstaked");
        assert!(!passes(&node, &Stake { unstaked_at: 1, ..stake }, &job));
        let nothing = zeroed_stake();
        assert!(!passes(&zeroed_node(), &nothing, &zeroed_job()), "without any weight");
    }

    #[test]
    fn a_seat_is_found_by_its_bytes() {
        let node = Address::new_from_array([7; 32]);
        for (index, filter) in seat_filters(&node).into_iter().enumerate() {
            let mut data = vec![0; Dispute::SIZE];
            data[..8].copy_from_slice(Dispute::DISCRIMINATOR.as_ref());
            data[filter.offset..filter.offset + 32].copy_from_slice(&filter.bytes);
            let seats = Dispute::from_data(&data).unwrap().seats;
            assert_eq!(seats.map(|seat| seat.node == node), [0, 1, 2].map(|at| at == index));
        }
    }

    #[test]
    fn resolved_disputes_are_not_read() {
        let mut data = vec![0; Dispute::SIZE];
        data[..8].copy_from_slice(Dispute::DISCRIMINATOR.as_ref());
        data[seating_filter().offset] = Phase::Resolved as u8;
        assert_eq!(Dispute::from_data(&data).unwrap().phase, Phase::Resolved as u8);
        assert_eq!(seating_filter().bytes, [Phase::Seating as u8]);
    }
}
