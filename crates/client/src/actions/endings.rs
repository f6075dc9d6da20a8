//! How jobs end.

use solana_address::Address;

use crate::{
    jobs::{accounts::Job, instructions as jobs},
    pda,
};

macro_rules! end_run {
    ($name:ident, $instruction:ident, $doc:literal $(, $argument:ident: $type:ty)?) => {
        #[doc = $doc]
        ///
        /// `node_authority` is whose node runs the job, or was matched with it.
        pub fn $name(
            authority: Address, job: Address, stored: &Job, node_authority: Address $(, $argument: $type)?
        ) -> jobs::$instruction {
            jobs::$instruction {
                authority,
                market: stored.market,
                queue: pda::jobs::queue(&stored.market),
                job,
                node: pda::jobs::node(&node_authority),
                vault: pda::jobs::vault(&stored.market),
                payer_token: stored.payer_token,
                node_token: paid_to(stored),
                stake: pda::staking::stake(&node_authority),
                        $($argument,)?
            }
        }
    };
}

end_run!(finish, Finish, "Commits to a result.", result: [u8; 32]);
end_run!(quit, Quit, "Gives a job back to the queue.");
end_run!(stop, Stop, "Ends a job that was matched or runs.");
end_run!(expire_run, ExpireRun, "Ends a run whose clock ran out.");
end_run!(settle, Settle, "Pays a result after its challenge window.");
end_run!(accept, Accept, "Accepts a result before its challenge window is over.");

/// Undoes a match whose node did not start in time. Of its penalty, who calls this gets a share, to
/// `reporter_token`.
pub fn expire_match(
    job: Address,
    stored: &Job,
    node_authority: Address,
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
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&node_authority),
        delegated_position: pda::rewards::position(&stake),
        reporter_token,
    }
}

/// Sends the deposit of a job that waited too long in `cell` back.
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

/// Closes a settled job after its retention.
pub fn clean(job: Address, stored: &Job) -> jobs::Clean {
    jobs::Clean { job, payer: stored.payer }
}

/// Takes what a job owes to `authority`, to `destination`.
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

/// Who is paid for the work; before the start nobody is, and any writable account stands in.
fn paid_to(stored: &Job) -> Address {
    if stored.node_token == Address::default() { stored.payer_token } else { stored.node_token }
}
