//! The state of one owner on the chain: wallet, stake, node, position.

use anyhow::{Result, anyhow};
use nosana_client::{
    jobs::accounts::{Job, Node},
    pda,
    rewards::accounts::{Pool, Position},
    session::Filter,
    staking::accounts::Stake,
    token,
};
use nosana_protocol::{reputation::Reputation, units::UnixTimestamp};
use solana_address::Address;

use crate::commands::{
    context::CliContext, funds::find_tokens, rewards::position::claimable_amount,
};

/// An owner's accounts at one time.
pub struct OwnerState {
    /// The wallet.
    pub owner: Address,
    /// The time of the chain's clock.
    pub now: UnixTimestamp,
    /// The wallet's balance, in lamports.
    pub lamports: u64,
    /// Base units in the wallet's token account; `None` if the account does not exist.
    pub tokens: Option<u64>,
    /// The node's address, even if it is not registered.
    pub node_address: Address,
    /// The node.
    pub node: Option<Node>,
    /// Whether the account that the node is paid to can receive payments.
    pub can_be_paid: bool,
    /// The stake.
    pub stake: Option<Stake>,
    /// Base units that the position in the reward pool has earned; `None` without a position.
    pub rewards: Option<u64>,
}

impl OwnerState {
    /// Fetches the accounts.
    pub async fn fetch(ctx: &CliContext, owner: Address) -> Result<Self> {
        let session = &ctx.session;
        let now = ctx.chain_time().await?;

        let stake = session.find_account::<Stake>(&pda::staking::stake(&owner)).await?;
        let node_address = pda::jobs::node(&owner);
        let node = session.find_account::<Node>(&node_address).await?;
        let wallet = session.fetch_raw_account(&owner).await?;
        let account = token::associated_address(&owner, &ctx.mint);
        let tokens = find_tokens(session, &account).await?;
        let can_be_paid = match &node {
            Some(node) => find_tokens(session, &node.payout).await?.is_some(),
            None => tokens.is_some(),
        };

        Ok(Self {
            owner,
            now,
            lamports: wallet.map_or(0, |account| account.lamports),
            tokens,
            node_address,
            node,
            can_be_paid,
            rewards: find_rewards(ctx, &owner, stake.as_ref(), now).await?,
            stake,
        })
    }

    /// The commission that delegations owe to the stake, in base units.
    pub fn owed_commission(&self) -> u64 {
        self.stake.as_ref().map_or(0, |stake| stake.commission_owed)
    }

    /// The base units of the stake that are locked for the node and that no slot, result or seat
    /// uses.
    pub fn idle_collateral(&self) -> u64 {
        self.node.as_ref().map_or(0, |node| node.idle_collateral)
    }

    /// Whether the stake is in its cooldown.
    pub fn is_cooling_down(&self) -> bool {
        self.stake.as_ref().is_some_and(|stake| stake.unstaked_at != 0)
    }

    /// Whether the node drains.
    pub fn is_draining(&self) -> bool {
        self.node.as_ref().is_some_and(|node| node.draining != 0)
    }

    /// The node's current reputation, in basis points; a node without history has 5,000.
    pub fn reputation_bps(&self) -> Result<u16> {
        let past = self.node.as_ref().map_or_else(Reputation::default, |node| Reputation {
            good: node.reputation_good,
            bad: node.reputation_bad,
            at: UnixTimestamp(node.reputation_at),
        });

        let score = past.score_at(self.now);
        Ok(score.map_err(|_| anyhow!("the reputation in the node's account overflows"))?.0)
    }

    /// Returns the settled jobs that still owe the node its pay.
    pub async fn fetch_unpaid_jobs(&self, ctx: &CliContext) -> Result<Vec<(Address, Job)>> {
        let filter = Filter::new(Job::NODE_OFFSET, self.node_address);
        let jobs = ctx.session.list_accounts::<Job>(&[filter]).await?;
        Ok(jobs.into_iter().filter(|(_, job)| job.node_credit > 0).collect())
    }
}

/// Base units that the owner's position has earned; `None` without a position.
async fn find_rewards(
    ctx: &CliContext,
    owner: &Address,
    stake: Option<&Stake>,
    now: UnixTimestamp,
) -> Result<Option<u64>> {
    let address = pda::rewards::position(owner);
    let Some(position) = ctx.session.find_account::<Position>(&address).await? else {
        return Ok(None);
    };

    let pool = ctx.session.fetch_account::<Pool>(&pda::rewards::pool()).await?;
    Ok(Some(claimable_amount(&pool, &position, stake, now)))
}
