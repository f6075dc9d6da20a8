//! The instructions of the rewards program: what each does, and a table of what it refuses.

mod accept_admin;
mod claim;
mod close_stream;
mod count_income;
mod drip;
mod enter;
mod enter_delegated;
mod exit;
mod fund;
mod harvest;
mod initialize;
mod open_stream;
mod propose_admin;
mod set_guardian;
mod set_paused;
mod sync;

tables! {
    accept_admin: [refusals],
    claim: [refusals],
    close_stream: [refusals],
    count_income: [refusals],
    drip: [refusals],
    enter: [refusals],
    enter_delegated: [refusals],
    exit: [refusals],
    fund: [refusals],
    harvest: [refusals],
    initialize: [refusals],
    open_stream: [refusals],
    propose_admin: [refusals],
    set_guardian: [refusals],
    set_paused: [refusals],
    sync: [refusals],
}
