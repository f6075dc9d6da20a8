//! The instructions of the staking program: what each does, and a table of what it refuses.

mod accept_admin;
mod apply_policy;
mod claim_commission;
mod claim_delegated;
mod close;
mod close_delegation;
mod compound;
mod delegate;
mod extend;
mod initialize;
mod lock;
mod open_delegation;
mod open_stake;
mod propose_admin;
mod propose_policy;
mod release;
mod restake;
mod set_delegation;
mod set_guardian;
mod set_paused;
mod slash;
mod top_up;
mod undelegate;
mod undelegate_unsettled;
mod unstake;
mod unstake_unsettled;
mod withdraw;
mod withdraw_delegated;

tables! {
    accept_admin: [refusals],
    apply_policy: [refusals],
    claim_commission: [refusals],
    claim_delegated: [refusals],
    close: [refusals, refused_while_there_are_delegations],
    close_delegation: [refusals],
    compound: [refusals],
    delegate: [refusals, refused_for_worthless_shares],
    extend: [refusals],
    initialize: [refusals],
    lock: [refusals],
    open_delegation: [refusals],
    open_stake: [refusals],
    propose_admin: [refusals],
    propose_policy: [refusals],
    release: [refusals],
    restake: [refusals],
    set_delegation: [refusals],
    set_guardian: [refusals],
    set_paused: [refusals],
    slash: [refusals],
    top_up: [refusals],
    undelegate: [refusals],
    undelegate_unsettled: [refusals],
    unstake: [refusals],
    unstake_unsettled: [refusals],
    withdraw: [refusals],
    withdraw_delegated: [refusals],
}
