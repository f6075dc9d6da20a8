//! Rules that several instructions share.
//!
//! | module | rule |
//! | --- | --- |
//! | [`access`] | markets for the holders of a collection's tokens |
//! | [`authorities`] | what needs an authority, and entries that authorities have closed |
//! | [`broken_state`] | states that no sequence of instructions reaches |
//! | [`idle_collateral`] | collateral that a node keeps from one job to the next |
//! | [`market_requirements`] | what a market requires of nodes |
//! | [`panel_access`] | panels of jobs of such markets, which need no token |
//! | [`reopened_market`] | a market that is opened where one was closed |
//! | [`reputation`] | what moves a node's reputation |
//! | [`requeue`] | where a job goes that its node did not finish |
//! | [`votes`] | votes that decide nothing by themselves, and rejections of disputed results |

mod access;
mod authorities;
mod broken_state;
mod idle_collateral;
mod market_requirements;
mod panel_access;
mod reopened_market;
mod reputation;
mod requeue;
mod votes;

tables! {
    authorities: [govern, closed_doors],
    broken_state: [a_queue, a_job, a_stake],
    market_requirements: [
        market_requirements,
        a_benchmark_and_memory,
        no_more_collateral_than_the_node_offers,
        so_many_slots_and_no_more,
        a_reputation_that_is_earned_and_fades,
        a_node_that_failed_its_client_is_below_a_stranger,
    ],
    reopened_market: [what_ended_in_the_old_one_moves_no_money_of_the_new_one],
    requeue: [
        a_job_that_no_waiting_node_would_take_is_refunded,
        a_matched_job_is_bound_until_the_start_clock_has_run_out,
    ],
}
