//! What instructions name: addresses by number, stored jobs, cells, token accounts.

use nosana_client::{ProgramAccount, actions, jobs::accounts::Job, pda, token};
use nosana_tests::{Chain, terms::DEFINITION};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    actors::{self, Order, STRANGER},
    fixture::Fixture,
};

impl Fixture {
    /// The wallet of this number.
    pub fn wallet(&self, number: u8) -> Address {
        self.wallets[actors::wallet(number)]
    }

    /// The owner of the node of this number.
    pub fn owner(&self, node: u8) -> Address {
        self.wallets[actors::owner_of(actors::node(node))]
    }

    pub fn node(&self, number: u8) -> Address {
        self.nodes[actors::node(number)]
    }

    pub fn market(&self, number: u8) -> Address {
        self.markets[actors::market(number)]
    }

    /// The job of this number, and what is stored of it.
    pub async fn job(&self, number: u8) -> (Address, Job) {
        let job = actors::job(number);
        (self.jobs[job], self.stored_job(job).await)
    }

    /// Returns a stored job. If it does not exist, returns one that is only well-formed.
    async fn stored_job(&self, job: usize) -> Job {
        if let Some(job) = self.world.find::<Job>(&self.jobs[job]).await {
            return job;
        }
        let mut data = Job::DISCRIMINATOR.to_vec();
        data.resize(1_024, 0);
        let client = actors::client_of(job);
        Job {
            client: self.wallets[client],
            payer: self.wallets[client],
            payer_token: self.token_accounts[client],
            market: self.markets[0],
            ..Job::from_data(&data).expect("zeros are a job")
        }
    }

    /// Returns the cell of the `nth` place in which `address` waits; else one in which it does not.
    pub async fn cell_of(&self, market: Address, address: Address, nth: u8) -> u32 {
        if self
            .world
            .chain
            .account(&pda::jobs::queue(&market))
            .await
            .is_none_or(|account| account.data.is_empty())
        {
            return 0;
        }
        let queue = self.world.queue_of(&market).await;
        let places: Vec<u32> = queue
            .waiting
            .iter()
            .filter(|place| place.address == address)
            .map(|place| place.index)
            .collect();
        let astray = || {
            (0..=queue.capacity).find(|cell| !places.contains(cell)).expect("a cell is free of it")
        };
        places.get(usize::from(nth)).copied().unwrap_or_else(astray)
    }

    /// Returns the client, the payer, the market and the terms of an order.
    pub fn order(&self, order: &Order) -> (Address, Address, Address, actions::JobListing) {
        let job = actors::job(order.job);
        let terms = actions::JobListing {
            nonce: (job % actors::NONCES) as u64,
            definition: if order.blank { [0; 32] } else { DEFINITION },
            kind: order.kind,
            timeout_seconds: order.seconds,
            max_price_per_second: order.highest,
            is_private: false,
        };
        let client = actors::client_of(job);
        let payer = actors::payer_of(job, order.payer);
        (
            self.wallets[client],
            self.wallets[payer],
            self.markets[actors::market(order.market)],
            terms,
        )
    }

    /// The instructions that close a token account and give the stranger what is in it.
    pub async fn close_token_account(&self, number: usize) -> Vec<Instruction> {
        let account = self.token_accounts[number];
        let holder = self.wallets[actors::holder_of(number)];
        let held = self.balance_of(&account).await.unwrap_or_default();
        let to = self.token_accounts[STRANGER];
        let mut all = Vec::new();
        if held > 0 {
            all.push(
                token::transfer_tokens(&account, &to, &self.world.mint, &holder, held)
                    .expect("valid"),
            );
        }
        let close = spl_token_interface::instruction::close_account;
        all.push(close(&token::PROGRAM, &account, &holder, &holder, &[]).expect("valid"));
        all
    }

    /// Returns the base units in a token account, if it is open.
    pub async fn balance_of(&self, account: &Address) -> Option<u64> {
        let account = self.world.chain.account(account).await?;
        token::read_account(&account.data).ok().map(|account| account.amount)
    }
}
