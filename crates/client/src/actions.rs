//! The programs' instructions with their accounts filled in.
//!
//! Each function takes what a person decides and derives the rest; none of them talks to the network. Where an
//! instruction's accounts depend on what is stored, the stored account is an argument.

use solana_address::Address;

use crate::{
    jobs::{accounts::Job, instructions as jobs},
    pda,
    rewards::instructions as rewards,
    staking::instructions as staking,
    token::associated_address,
};

/// What a client asks for when it lists a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Tells the jobs of one client apart.
    pub nonce: u64,
    /// Digest of the definition.
    pub definition: [u8; 32],
    /// Batch or service, as [`nosana_protocol::job::Kind`] numbers them.
    pub kind: u8,
    /// The longest paid time.
    pub timeout_seconds: u64,
    /// The highest price that the client accepts, in base units a second.
    pub max_price_per_second: u64,
}

/// Lists a job. The payer's associated token account pays the deposit and gets the refund.
pub fn list(client: Address, payer: Address, market: Address, mint: Address, order: Order) -> jobs::List {
    jobs::List {
        client,
        payer,
        config: pda::jobs::config(),
        market,
        queue: pda::jobs::queue(&market),
        job: pda::jobs::job(&client, order.nonce),
        vault: pda::jobs::vault(&market),
        payer_token: associated_address(&payer, &mint),
        nonce: order.nonce,
        definition: order.definition,
        kind: order.kind,
        timeout_seconds: order.timeout_seconds,
        max_price_per_second: order.max_price_per_second,
    }
}

/// Withdraws a job that waits in `cell` of its queue.
pub fn cancel(job: Address, stored: &Job, cell: u32) -> jobs::Cancel {
    jobs::Cancel {
        client: stored.client,
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        cell,
    }
}

/// Makes the authority's node, paid to its associated token account.
pub fn register_node(
    authority: Address,
    mint: Address,
    hardware: [u8; 32],
    vram_mib: u32,
    capacity: u8,
) -> jobs::RegisterNode {
    jobs::RegisterNode {
        authority,
        config: pda::jobs::config(),
        node: pda::jobs::node(&authority),
        stake: pda::staking::stake(&authority),
        payout: associated_address(&authority, &mint),
        hardware,
        vram_mib,
        capacity,
    }
}

/// Takes the first waiting job of a market, or waits for one.
pub fn work(authority: Address, market: Address, min_price_per_second: u64) -> jobs::Work {
    jobs::Work {
        authority,
        node: pda::jobs::node(&authority),
        market,
        queue: pda::jobs::queue(&market),
        config: pda::jobs::config(),
        stake: pda::staking::stake(&authority),
        jobs_authority: pda::jobs::authority(),
        staking_config: pda::staking::config(),
        min_price_per_second,
    }
}

/// Stops waiting in `cell` of a market's queue.
pub fn leave(authority: Address, market: Address, cell: u32) -> jobs::Leave {
    jobs::Leave {
        authority,
        node: pda::jobs::node(&authority),
        market,
        queue: pda::jobs::queue(&market),
        config: pda::jobs::config(),
        stake: pda::staking::stake(&authority),
        jobs_authority: pda::jobs::authority(),
        staking_config: pda::staking::config(),
        cell,
    }
}

/// Starts a job on the authority's node.
pub fn start(authority: Address, job: Address, market: Address) -> jobs::Start {
    jobs::Start { authority, node: pda::jobs::node(&authority), market, job, stake: pda::staking::stake(&authority) }
}

/// Proves that the authority's node still works on a job. A zero `checkpoint` leaves the last one.
pub fn heartbeat(authority: Address, job: Address, checkpoint: [u8; 32]) -> jobs::Heartbeat {
    jobs::Heartbeat { authority, node: pda::jobs::node(&authority), job, checkpoint }
}

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
                config: pda::jobs::config(),
                market: stored.market,
                queue: pda::jobs::queue(&stored.market),
                job,
                node: pda::jobs::node(&node_authority),
                vault: pda::jobs::vault(&stored.market),
                payer_token: stored.payer_token,
                node_token: paid_to(stored),
                stake: pda::staking::stake(&node_authority),
                jobs_authority: pda::jobs::authority(),
                staking_config: pda::staking::config(),
                $($argument,)?
            }
        }
    };
}

end_run!(finish, Finish, "Commits to a result.", result: [u8; 32]);
end_run!(quit, Quit, "Gives a job back to the queue.");
end_run!(stop, Stop, "Ends a job that was matched or runs.");
end_run!(expire_run, ExpireRun, "Ends a run whose clock ran out.");

/// Undoes a match whose node did not start in time.
pub fn expire_match(job: Address, stored: &Job, node_authority: Address) -> jobs::ExpireMatch {
    jobs::ExpireMatch {
        config: pda::jobs::config(),
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        node: pda::jobs::node(&node_authority),
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        stake: pda::staking::stake(&node_authority),
        jobs_authority: pda::jobs::authority(),
        staking_config: pda::staking::config(),
        stake_vault: pda::staking::vault(),
        pool: pda::rewards::pool(),
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&node_authority),
    }
}

/// Pays a result after its challenge window.
pub fn settle(job: Address, stored: &Job) -> jobs::Settle {
    jobs::Settle {
        config: pda::jobs::config(),
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        node_token: paid_to(stored),
        node_stake: stored.node_stake,
        jobs_authority: pda::jobs::authority(),
        staking_config: pda::staking::config(),
    }
}

/// Closes a settled job after its retention.
pub fn clean(job: Address, stored: &Job) -> jobs::Clean {
    jobs::Clean { job, payer: stored.payer }
}

/// Takes what a job owes to `authority`, to `destination`.
pub fn collect(authority: Address, job: Address, stored: &Job, destination: Address) -> jobs::Collect {
    let node = (stored.node != Address::default()).then_some(stored.node);
    let vault = pda::jobs::vault(&stored.market);
    jobs::Collect { authority, market: stored.market, job, node, vault, destination }
}

/// Sends a market's fees to the reward pool.
pub fn sweep_fees(market: Address) -> jobs::SweepFees {
    jobs::SweepFees {
        market,
        queue: pda::jobs::queue(&market),
        vault: pda::jobs::vault(&market),
        pool: pda::rewards::pool(),
        pool_vault: pda::rewards::vault(),
    }
}

/// Opens the owner's stake from its associated token account.
pub fn stake(owner: Address, mint: Address, amount: u64, duration_seconds: u64) -> staking::Stake {
    staking::Stake {
        owner,
        config: pda::staking::config(),
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        source: associated_address(&owner, &mint),
        pool: pda::rewards::pool(),
        position: pda::rewards::position(&owner),
        amount,
        duration_seconds,
    }
}

/// Starts the cooldown of the owner's stake.
pub fn unstake(owner: Address) -> staking::Unstake {
    staking::Unstake {
        owner,
        stake: pda::staking::stake(&owner),
        pool: pda::rewards::pool(),
        position: pda::rewards::position(&owner),
    }
}

/// Takes what the cooldown has released, to the owner's associated token account.
pub fn withdraw(owner: Address, mint: Address) -> staking::Withdraw {
    staking::Withdraw {
        owner,
        config: pda::staking::config(),
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Opens a position in the reward pool with the weight of the owner's stake.
pub fn enter(owner: Address) -> rewards::Enter {
    rewards::Enter {
        owner,
        pool: pda::rewards::pool(),
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
    }
}

/// Settles a position and gives it its stake's weight of now.
pub fn sync(owner: Address) -> rewards::Sync {
    rewards::Sync {
        pool: pda::rewards::pool(),
        position: pda::rewards::position(&owner),
        stake: pda::staking::stake(&owner),
    }
}

/// Adds income to the reward pool from the authority's associated token account.
pub fn fund(authority: Address, mint: Address, amount: u64) -> rewards::Fund {
    rewards::Fund {
        authority,
        pool: pda::rewards::pool(),
        vault: pda::rewards::vault(),
        source: associated_address(&authority, &mint),
        amount,
    }
}

/// Takes what the owner's position has earned, to its associated token account.
pub fn claim(owner: Address, mint: Address) -> rewards::Claim {
    rewards::Claim {
        owner,
        pool: pda::rewards::pool(),
        position: pda::rewards::position(&owner),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Who is paid for the work; before the start nobody is, and any writable account stands in.
fn paid_to(stored: &Job) -> Address {
    if stored.node_token == Address::default() { stored.payer_token } else { stored.node_token }
}
