//! What the chain says of one owner: wallet, stake, node, position.

use anyhow::Result;
use nosana_client::{
    earnings,
    jobs::accounts::{Job, Node},
    pda,
    rewards::accounts::{Pool, Position},
    session::Filter,
    staking::accounts::Stake,
    token,
};
use nosana_protocol::{reputation::Reputation, units::UnixTimestamp};
use solana_address::Address;

use crate::commands::connection::Open;

/// What is known of an owner at one moment.
pub struct Facts {
    /// The wallet.
    pub owner: Address,
    /// The chain's time, in unix seconds.
    pub now: i64,
    /// What the wallet holds, in lamports.
    pub lamports: u64,
    /// Base units in the wallet's token account; `None` if there is no such account.
    pub tokens: Option<u64>,
    /// The node's address, whether it is registered or not.
    pub node_address: Address,
    /// The node.
    pub node: Option<Node>,
    /// Whether the account that the node is paid to can take payments.
    pub can_be_paid: bool,
    /// The stake.
    pub stake: Option<Stake>,
    /// Base units that the position in the reward pool has earned; `None` without a position.
    pub rewards: Option<u64>,
}

impl Facts {
    /// Reads them.
    pub async fn read(open: &Open, owner: Address) -> Result<Self> {
        let session = &open.session;
        let node_address = pda::jobs::node(&owner);
        let now = session.clock().await?.unix_timestamp;
        let node = session.find_account::<Node>(&node_address).await?;
        let tokens = balance(open, &token::associated_address(&owner, &open.mint)).await?;
        let can_be_paid = match &node {
            Some(node) => balance(open, &node.payout).await?.is_some(),
            None => tokens.is_some(),
        };
        let position = session.find_account::<Position>(&pda::rewards::position(&owner)).await?;
        let rewards = match position {
            Some(position) => {
                let pool = session.account::<Pool>(&pda::rewards::pool()).await?;
                Some(
                    earnings::claimable(&pool, &position, UnixTimestamp(now))
                        .unwrap_or(position.accrued),
                )
            }
            None => None,
        };
        Ok(Self {
            owner,
            now,
            lamports: session.raw_account(&owner).await?.map_or(0, |account| account.lamports),
            tokens,
            node_address,
            node,
            can_be_paid,
            stake: session.find_account::<Stake>(&pda::staking::stake(&owner)).await?,
            rewards,
        })
    }

    /// The node's reputation now, in basis points: 5,000 is a node that nobody knows.
    pub fn reputation_bps(&self) -> Result<u16> {
        let past = self.node.as_ref().map_or_else(Reputation::default, |node| Reputation {
            good: node.reputation_good,
            bad: node.reputation_bad,
            at: UnixTimestamp(node.reputation_at),
        });
        let score = past.score(UnixTimestamp(self.now));
        Ok(score
            .map_err(|_| anyhow::anyhow!("the node's account holds a reputation that cannot be"))?
            .0)
    }

    /// The settled jobs that still owe the node its pay.
    pub async fn unpaid(&self, open: &Open) -> Result<Vec<(Address, Job)>> {
        let jobs = open
            .session
            .accounts::<Job>(&[Filter::new(Job::NODE_OFFSET, self.node_address)])
            .await?;
        Ok(jobs.into_iter().filter(|(_, job)| job.node_credit > 0).collect())
    }
}

/// Base units in a token account; `None` if there is none at the address.
async fn balance(open: &Open, account: &Address) -> Result<Option<u64>> {
    let found =
        open.session.raw_account(account).await?.filter(|found| found.owner == token::PROGRAM);
    Ok(found.and_then(|found| token::read_account(&found.data).ok()).map(|account| account.amount))
}
