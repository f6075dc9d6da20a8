use nosana_client::{ProgramAccount, Queue, jobs, pda, rewards, staking, token};
use nosana_protocol::slot::SlotState;
use solana_account::Account;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::World;
use crate::chain::Chain;

impl<C: Chain> World<C> {
    /// Returns an account of one of the programs, if it exists. Lamports alone do not count.
    pub async fn find<T: ProgramAccount>(&self, address: &Address) -> Option<T> {
        let account =
            self.chain.account(address).await.filter(|account| !account.data.is_empty())?;
        assert_eq!(account.owner, T::PROGRAM, "the owner of the {}", T::NAME);
        Some(T::from_data(&account.data).unwrap_or_else(|error| panic!("{address}: {error}")))
    }

    /// Returns an account of one of the programs, which must exist.
    pub async fn get<T: ProgramAccount>(&self, address: &Address) -> T {
        self.find(address).await.unwrap_or_else(|| panic!("there is no {} at {address}", T::NAME))
    }

    /// A job.
    pub async fn job(&self, address: &Address) -> jobs::accounts::Job {
        self.get(address).await
    }

    /// The node of its authority.
    pub async fn node_of(&self, authority: &Keypair) -> jobs::accounts::Node {
        self.get(&pda::jobs::node(&authority.pubkey())).await
    }

    /// The jobs that the node of this authority took and has not started.
    pub async fn claimed_jobs(&self, authority: &Keypair) -> Vec<Address> {
        let slots = self.node_of(authority).await.slots;
        let claimed = slots.into_iter().filter(|slot| slot.state == SlotState::Claimed as u8);
        claimed.map(|slot| slot.job).collect()
    }

    /// The stake of its owner.
    pub async fn stake_of(&self, owner: &Keypair) -> staking::accounts::Stake {
        self.get(&pda::staking::stake(&owner.pubkey())).await
    }

    /// Returns what is locked in the stake of a node's owner, and how much of it is idle, in base
    /// units.
    pub async fn collateral_of(&self, owner: &Keypair) -> (u64, u64) {
        (self.stake_of(owner).await.locked, self.node_of(owner).await.idle_collateral)
    }

    /// The position of its owner.
    pub async fn position_of(&self, owner: &Keypair) -> rewards::accounts::Position {
        self.get(&pda::rewards::position(&owner.pubkey())).await
    }

    /// The reward pool.
    pub async fn pool(&self) -> rewards::accounts::Pool {
        self.get(&pda::rewards::pool()).await
    }

    /// The queue of the market.
    pub async fn queue(&self) -> Queue {
        self.queue_of(&self.market).await
    }

    /// The queue of a market.
    pub async fn queue_of(&self, market: &Address) -> Queue {
        let account =
            self.chain.account(&pda::jobs::queue(market)).await.expect("the market has a queue");
        Queue::decode(&account.data).expect("the queue is sound")
    }

    /// Returns the addresses in the market's queue, in order.
    pub async fn waiting(&self) -> Vec<Address> {
        self.queue().await.waiting.iter().map(|waiting| waiting.address).collect()
    }

    /// Returns the cell in which a job or a node waits.
    pub async fn cell(&self, address: &Address) -> u32 {
        self.queue().await.find_cell(address).unwrap_or_else(|| panic!("{address} does not wait"))
    }

    /// Base units in a token account.
    pub async fn tokens_in(&self, account: &Address) -> u64 {
        let account =
            self.chain.account(account).await.unwrap_or_else(|| panic!("there is no {account}"));
        token::read_account(&account.data).expect("a token account").amount
    }

    /// The supply of NOS, in base units: burning lowers it.
    pub async fn supply(&self) -> u64 {
        let mint = self.chain.account(&self.mint).await.expect("there is a mint");
        token::read_mint(&mint.data).expect("a mint").supply
    }

    /// Base units of a wallet.
    pub async fn tokens(&self, wallet: &Keypair) -> u64 {
        self.tokens_in(&self.token_account(&wallet.pubkey())).await
    }

    /// Lamports at an address.
    pub async fn lamports(&self, address: &Address) -> u64 {
        self.chain.account(address).await.map_or(0, |account| account.lamports)
    }

    /// Returns the accounts, for a comparison. The fee payer changes with every transaction and is
    /// left out.
    pub(super) async fn snapshot(&self, addresses: &[Address]) -> Vec<Option<Account>> {
        let mut accounts = Vec::new();
        for address in addresses.iter().filter(|address| **address != self.fee_payer.pubkey()) {
            accounts.push(self.chain.account(address).await);
        }
        accounts
    }
}
