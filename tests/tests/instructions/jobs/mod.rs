//! The instructions of the jobs program: what each does, and a table of what it refuses.

mod accept;
mod accept_admin;
mod accept_market_authority;
mod apply_policy;
mod apply_terms;
mod assign;
mod cancel;
mod challenge;
mod claim_seat;
mod clean;
mod close_dispute;
mod close_market;
mod close_seat;
mod collect;
mod commit_sketch;
mod draw_panel;
mod enrol_panelist;
mod evict_node;
mod expire_match;
mod expire_queued;
mod expire_run;
mod extend;
mod finish;
mod forfeit_credit;
mod grow_queue;
mod heartbeat;
mod initialize;
mod leave;
mod list;
mod open_market;
mod open_trace;
mod propose_admin;
mod propose_market_authority;
mod propose_policy;
mod propose_terms;
mod quit;
mod register_node;
mod reject;
mod release_collateral;
mod remove_panelist;
mod resolve;
mod retire_market;
mod reveal;
mod set_draining;
mod set_endpoint;
mod set_guardian;
mod set_paused;
mod set_payout;
mod settle;
mod start;
mod stop;
mod sweep_fees;
mod top_up;
mod update_hardware;
mod work;

tables! {
    accept: [only_the_client_and_only_a_result],
    accept_admin: [an_admin_hands_over_to_one_who_accepts, a_proposal_is_replaced_and_taken_back],
    accept_market_authority: [
        the_next_authority_has_to_accept,
        the_old_authority_has_no_rights_left,
    ],
    apply_policy: [
        refusals,
        each_loosening_waits_three_days,
        what_was_announced_is_replaced_and_taken_back,
        nobody_keeps_a_change_in_hand,
    ],
    apply_terms: [
        new_terms_wait_for_their_notice_and_hold_for_new_jobs,
        terms_are_applied_within_two_weeks_or_never,
    ],
    assign: [
        matches_the_chosen_node_out_of_turn,
        it_requires_all_that_list_requires,
        the_node_waits_there_and_its_price_is_paid,
    ],
    cancel: [refusals],
    challenge: [refusals, a_dispute_keeps_what_it_is_about],
    claim_seat: [
        only_a_node_whose_turn_has_come,
        no_party_judges_itself,
        only_with_the_stake_that_was_enrolled_and_the_markets_gates,
        a_stake_raised_after_the_draw_weighs_nothing_in_it,
        only_with_the_hardware_and_reputation_of_the_listing,
        not_without_collateral,
        a_dispute_goes_on_whatever_its_market_does,
        the_lowest_scores_have_the_seats,
        only_candidates_of_the_draw,
    ],
    clean: [refusals],
    close_dispute: [only_after_its_seats, what_cannot_be_paid_becomes_a_fee],
    close_market: [
        a_market_closes_once_nothing_is_left_in_it,
        a_node_that_waits_keeps_a_market_open,
        fees_alone_keep_a_market_open,
        deposit_rent_and_gifts_go_to_the_authority,
        only_the_authority_closes_and_only_its_own,
    ],
    close_seat: [
        refusals,
        a_fee_that_cannot_be_paid_waits_for_thirty_days,
        nothing_is_slashed_after_sixty_days,
        nobody_gains_by_a_lone_vote_and_who_is_paid_waits_for_a_week,
    ],
    collect: [refusals],
    commit_sketch: [a_panelist_commits_once_and_in_time],
    draw_panel: [
        a_panel_is_drawn_once_and_in_time,
        forgotten_slots_are_counted_anew_and_the_clock_goes_on,
    ],
    enrol_panelist: [a_node_enrols_with_its_own_weight],
    evict_node: [
        only_where_it_waits,
        one_whose_price_is_above_the_current_one,
        one_whose_stake_is_gone,
        one_that_waited_before_the_market_required_a_token,
    ],
    expire_match: [refusals],
    expire_queued: [
        only_where_it_waits_and_only_to_its_payer,
        the_deposit_goes_back_after_the_last_second,
        a_failure_starts_the_wait_anew_and_a_refusal_does_not,
    ],
    expire_run: [refusals],
    extend: [
        not_beyond_the_markets_bound_nor_the_payers_means,
        not_once_a_clock_has_run_out,
        somebody_else_may_pay_and_the_payer_is_refunded,
        not_a_verified_job,
    ],
    finish: [refusals, a_verified_job_needs_a_trace],
    forfeit_credit: [refusals],
    grow_queue: [refusals],
    heartbeat: [refusals],
    initialize: [refusals],
    leave: [refusals],
    list: [refusals, refusals_in_a_full_queue, verified_jobs_need_their_terms],
    open_market: [refusals],
    open_trace: [only_what_was_committed_and_after_the_panel],
    propose_admin: [only_the_admin],
    propose_market_authority: [only_the_authority],
    propose_policy: [only_the_admin, every_value_has_bounds, tightening_is_in_force_at_once],
    propose_terms: [
        a_proposal_replaces_the_previous_one,
        terms_are_within_the_old_and_the_current_policy,
        only_the_authority_announces,
    ],
    quit: [refusals],
    register_node: [refusals],
    reject: [refusals, a_disputed_result],
    release_collateral: [refusals],
    remove_panelist: [a_node_whose_stake_has_become_smaller],
    resolve: [
        refusals,
        a_garbage_result_is_convicted_and_the_client_is_whole,
        a_right_result_is_acquitted_and_the_challenger_pays,
        every_split_of_the_votes,
        whoever_is_absent_stops_nothing,
        who_cannot_be_paid_keeps_a_credit,
    ],
    retire_market: [a_retired_market_takes_nothing_new],
    reveal: [only_what_was_committed_and_after_the_trace],
    set_draining: [a_draining_node_ends_what_it_has_and_takes_nothing_new],
    set_endpoint: [a_node_announces_where_it_is_reached],
    set_guardian: [only_the_admin_and_only_on_the_configuration],
    set_paused: [guardian_and_admin_pause_and_nobody_else, nobody_enters],
    set_payout: [pay_goes_to_an_open_account_of_the_owner],
    settle: [refusals],
    start: [refusals, a_verified_job_needs_its_collateral],
    stop: [refusals],
    sweep_fees: [refusals],
    top_up: [not_of_zero_not_elsewhere_and_not_after_the_end],
    update_hardware: [
        hardware_changes_while_nothing_runs_on_it,
        hardware_stays_while_a_slot_is_in_use,
    ],
    work: [refusals, refusals_without_means],
}
