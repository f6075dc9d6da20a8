//! Instructions that end, settle and close jobs.

use solana_address::Address;

use crate::{
    jobs::{accounts::Job, instructions as jobs},
    pda,
};

macro_rules! end_run {
    (
        $name:ident,
        $instruction:ident,
        $doc:literal
        $(, $argument:ident: $type:ty)*
        $(; $attempt:ident)?
    ) => {
        #[doc = $doc]
        ///
        /// `node_authority` owns the node that runs the job, or that was matched with it.
        pub fn $name(
            authority: Address,
            job: Address,
            stored: &Job,
            node_authority: Address
            $(, $argument: $type)*
        ) -> jobs::$instruction {
            jobs::$instruction {
                authority,
                market: stored.market,
                queue: pda::jobs::queue(&stored.market),
                job,
                node: pda::jobs::node(&node_authority),
                vault: pda::jobs::vault(&stored.market),
                payer_token: stored.payer_token,
                node_token: node_token_of(stored),
                $($attempt: stored.$attempt,)?
                $($argument,)*
            }
        }
    };
}

/// The trace of a job that is not verified.
pub const NO_TRACE: [u8; 32] = [0; 32];
/// The detail of a return about which the node says nothing.
pub const NO_DETAIL: [u8; 32] = [0; 32];

end_run!(
    finish,
    Finish,
    "Submits a result. `trace` is the commitment to the trace of a verified job, else \
     [`NO_TRACE`].",
    result: [u8; 32],
    trace: [u8; 32];
    attempt_id
);
end_run!(
    quit,
    Quit,
    "Gives a job back to the queue, for `cause`: a [`nosana_protocol::job::ReturnCause`], 1 to 8. \
     `detail` is the digest of the node's words about it, else [`NO_DETAIL`].",
    cause: u8,
    detail: [u8; 32];
    attempt_id
);
end_run!(stop, Stop, "Stops a job that was matched or runs."; attempt_id);
end_run!(settle, Settle, "Settles a result after its challenge window.");
end_run!(accept, Accept, "Accepts a result before its challenge window is over."; attempt_id);
end_run!(
    reject,
    Reject,
    "Rejects a result before its challenge window is over: the node's pay goes to the network. \
     With `requeue` the client pays that on top, and the job returns to the queue.",
    requeue: bool;
    attempt_id
);

/// Ends a run whose clock has run out, or whose node no longer has the stake that the run needs.
///
/// `node_authority` owns the node that runs the job.
pub fn expire_run(
    authority: Address,
    job: Address,
    stored: &Job,
    node_authority: Address,
) -> jobs::ExpireRun {
    jobs::ExpireRun {
        authority,
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        node: pda::jobs::node(&node_authority),
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        node_token: node_token_of(stored),
        stake: pda::staking::stake(&node_authority),
    }
}

/// Turns the credits of a settled job that nobody collected in time into fees.
pub fn forfeit_credit(job: Address, stored: &Job) -> jobs::ForfeitCredit {
    jobs::ForfeitCredit { market: stored.market, queue: pda::jobs::queue(&stored.market), job }
}

/// Undoes a match whose node did not start in time. The caller receives a share of the node's
/// penalty in `reporter_token`; the rest is burnt.
pub fn expire_match(
    job: Address,
    stored: &Job,
    node_authority: Address,
    nos_mint: Address,
    reporter_token: Address,
) -> jobs::ExpireMatch {
    let stake = pda::staking::stake(&node_authority);

    jobs::ExpireMatch {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        node: pda::jobs::node(&node_authority),
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        stake,
        stake_vault: pda::staking::vault(),
        nos_mint,
        position: pda::rewards::position(&node_authority),
        delegated_position: pda::rewards::position(&stake),
        reporter_token,
    }
}

/// Refunds the deposit of a job that has waited too long in `cell`.
pub fn expire_queued(job: Address, stored: &Job, cell: u32) -> jobs::ExpireQueued {
    jobs::ExpireQueued {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        cell,
    }
}

/// Closes a settled job after its retention, and refunds its rent.
pub fn clean(job: Address, stored: &Job) -> jobs::Clean {
    jobs::Clean { job, payer: stored.payer }
}

/// Pays the credit that a job owes to `authority` into `destination`.
pub fn collect(
    authority: Address,
    job: Address,
    stored: &Job,
    destination: Address,
) -> jobs::Collect {
    let node = (stored.node != Address::default()).then_some(stored.node);
    let vault = pda::jobs::vault(&stored.market);
    let queue = pda::jobs::queue(&stored.market);

    jobs::Collect { authority, market: stored.market, queue, job, node, vault, destination }
}

/// The token account that is paid for the work. A job that has not started pays no node, but the
/// instruction requires a writable account: the payer's takes its place.
fn node_token_of(stored: &Job) -> Address {
    if stored.node_token == Address::default() { stored.payer_token } else { stored.node_token }
}
