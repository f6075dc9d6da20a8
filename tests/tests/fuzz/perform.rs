//! Turns steps into transactions.

use nosana_client::{
    ProgramAccount, actions,
    jobs::{self, accounts::Job, instructions},
    pda, staking, token,
};
use nosana_tests::{
    Chain, Failure,
    terms::{DEFINITION, RESULT},
};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    cast::{self, COOLDOWN, DEPLOYER, STRANGER},
    stage::Stage,
    step::{Action, Forgery, Order, Step},
};

impl Stage {
    /// Lets `step` happen. `None` if there is nothing to forge in it.
    pub async fn perform(&self, step: &Step) -> Option<Result<(), Failure>> {
        let honest = step.forgery == Forgery::Honest;
        match step.action {
            Action::Pass { .. } | Action::Dust { .. } if !honest => return None,
            Action::Pass { seconds } => {
                self.world.pass(seconds);
                return Some(Ok(()));
            }
            Action::Dust { job } => {
                let address = self.jobs[cast::job(job)];
                if self.world.chain.account(&address).await.is_none() {
                    self.world
                        .chain
                        .put(&address, Account { lamports: 1_000_000, ..Account::default() });
                }
                return Some(Ok(()));
            }
            _ => {}
        }
        let mut transaction = self.transaction(&step.action).await;
        if !honest {
            let [instruction] = &mut transaction[..] else { return None };
            if instruction.program_id != jobs::ID || !self.forge(instruction, step) {
                return None;
            }
        }
        let done = self.send(&transaction).await;
        if let (Ok(()), Action::OpenMarket { market, .. }) = (&done, step.action) {
            self.shrink_queue(cast::market(market)).await;
        }
        Some(done)
    }

    /// A stored job; one that is nothing but well-formed if it is not there.
    async fn stored(&self, job: usize) -> Job {
        if let Some(job) = self.world.find::<Job>(&self.jobs[job]).await {
            return job;
        }
        let mut data = Job::DISCRIMINATOR.to_vec();
        data.resize(1_024, 0);
        let client = cast::client_of(job);
        Job {
            client: self.wallets[client],
            payer: self.wallets[client],
            payer_token: self.purses[client],
            market: self.markets[0],
            ..Job::from_data(&data).expect("zeros are a job")
        }
    }

    /// The cell of the `nth` place in which `address` waits; else one in which it does not.
    async fn cell(&self, market: Address, address: Address, nth: u8) -> u32 {
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

    fn order(&self, order: &Order) -> (Address, Address, Address, actions::Order) {
        let job = cast::job(order.job);
        let terms = actions::Order {
            nonce: (job % cast::NONCES) as u64,
            definition: if order.blank { [0; 32] } else { DEFINITION },
            kind: order.kind,
            timeout_seconds: order.seconds,
            max_price_per_second: order.highest,
        };
        let (client, payer) = (cast::client_of(job), cast::payer_of(job, order.payer));
        (self.wallets[client], self.wallets[payer], self.markets[cast::market(order.market)], terms)
    }

    #[allow(clippy::too_many_lines, reason = "one arm an instruction")]
    async fn transaction(&self, action: &Action) -> Vec<Instruction> {
        use cast::{job, market, node, purse, wallet};
        let mint = self.world.mint;
        let by_wallet = |number: u8| self.wallets[wallet(number)];
        let owner = |number: u8| self.wallets[cast::owner_of(node(number))];
        let result = |blank: bool| if blank { [0; 32] } else { RESULT };
        let one: Instruction = match *action {
            Action::List { order } => {
                let (client, payer, market, order) = self.order(&order);
                actions::list(client, payer, market, mint, order).into()
            }
            Action::Assign { order, node: n, nth } => {
                let (client, payer, market, order) = self.order(&order);
                let cell = self.cell(market, self.nodes[node(n)], nth).await;
                actions::assign(client, payer, market, mint, order, (self.nodes[node(n)], cell))
                    .into()
            }
            Action::Cancel { job: j, by, nth } => {
                let (address, stored) = (self.jobs[job(j)], self.stored(job(j)).await);
                let cell = self.cell(stored.market, address, nth).await;
                instructions::Cancel {
                    client: by_wallet(by),
                    ..actions::cancel(address, &stored, cell)
                }
                .into()
            }
            Action::Extend { job: j, by, payer, seconds } => {
                let stored = self.stored(job(j)).await;
                let extend =
                    actions::extend(self.jobs[job(j)], &stored, by_wallet(payer), mint, seconds);
                instructions::Extend { client: by_wallet(by), ..extend }.into()
            }
            Action::TopUp { job: j, by, amount } => actions::top_up(
                by_wallet(by),
                self.jobs[job(j)],
                &self.stored(job(j)).await,
                mint,
                amount,
            )
            .into(),
            Action::Stop { job: j, node: n, by } => actions::stop(
                by_wallet(by),
                self.jobs[job(j)],
                &self.stored(job(j)).await,
                owner(n),
            )
            .into(),
            Action::Accept { job: j, node: n, by } => actions::accept(
                by_wallet(by),
                self.jobs[job(j)],
                &self.stored(job(j)).await,
                owner(n),
            )
            .into(),
            Action::Work { node: n, market: m, lowest, highest, by } => {
                let work = actions::work(owner(n), self.markets[market(m)], lowest);
                instructions::Work { authority: by_wallet(by), max_collateral: highest, ..work }
                    .into()
            }
            Action::Leave { node: n, market: m, nth, by } => {
                let cell = self.cell(self.markets[market(m)], self.nodes[node(n)], nth).await;
                let leave = actions::leave(owner(n), self.markets[market(m)], cell);
                instructions::Leave { authority: by_wallet(by), ..leave }.into()
            }
            Action::Start { node: n, job: j, by, misread } => {
                let start = actions::start(owner(n), self.jobs[job(j)], &self.stored(job(j)).await);
                let min_timeout_seconds = start.min_timeout_seconds + u64::from(misread);
                instructions::Start { authority: by_wallet(by), min_timeout_seconds, ..start }
                    .into()
            }
            Action::Heartbeat { node: n, job: j, by, checkpoint, progress } => {
                let beat =
                    actions::heartbeat(owner(n), self.jobs[job(j)], [checkpoint; 32], progress);
                instructions::Heartbeat { authority: by_wallet(by), ..beat }.into()
            }
            Action::Finish { job: j, node: n, by, blank } => {
                let stored = self.stored(job(j)).await;
                actions::finish(by_wallet(by), self.jobs[job(j)], &stored, owner(n), result(blank))
                    .into()
            }
            Action::Quit { job: j, node: n, by } => actions::quit(
                by_wallet(by),
                self.jobs[job(j)],
                &self.stored(job(j)).await,
                owner(n),
            )
            .into(),
            Action::UpdateHardware { node: n, by, capacity, vram, gflops, blank } => {
                let hardware = cast::hardware(capacity, vram, gflops, blank);
                let node = self.nodes[node(n)];
                instructions::UpdateHardware { authority: by_wallet(by), node, hardware }.into()
            }
            Action::SetDraining { node: n, by, on } => {
                let node = self.nodes[node(n)];
                instructions::SetDraining { authority: by_wallet(by), node, draining: on }.into()
            }
            Action::SetPayout { node: n, by, purse: p } => {
                let set = actions::set_payout(owner(n), self.purses[purse(p)]);
                instructions::SetPayout { authority: by_wallet(by), ..set }.into()
            }
            Action::ExpireQueued { job: j, nth } => {
                let (address, stored) = (self.jobs[job(j)], self.stored(job(j)).await);
                let cell = self.cell(stored.market, address, nth).await;
                actions::expire_queued(address, &stored, cell).into()
            }
            Action::ExpireMatch { job: j, node: n } => actions::expire_match(
                self.jobs[job(j)],
                &self.stored(job(j)).await,
                owner(n),
                self.world.sink(),
            )
            .into(),
            Action::ExpireRun { job: j, node: n } => {
                let stored = self.stored(job(j)).await;
                actions::expire_run(self.wallets[STRANGER], self.jobs[job(j)], &stored, owner(n))
                    .into()
            }
            Action::Settle { job: j, node: n } => {
                let stored = self.stored(job(j)).await;
                actions::settle(self.wallets[STRANGER], self.jobs[job(j)], &stored, owner(n)).into()
            }
            Action::Collect { job: j, by, node: n, to } => {
                let stored = self.stored(job(j)).await;
                let collect = actions::collect(
                    by_wallet(by),
                    self.jobs[job(j)],
                    &stored,
                    self.purses[purse(to)],
                );
                let node = self.nodes.get(usize::from(n)).copied();
                instructions::Collect { node, ..collect }.into()
            }
            Action::Clean { job: j } => {
                actions::clean(self.jobs[job(j)], &self.stored(job(j)).await).into()
            }
            _ => return self.other_transaction(action).await,
        };
        vec![one]
    }

    /// What is not about one job.
    async fn other_transaction(&self, action: &Action) -> Vec<Instruction> {
        use cast::{closable, market, node, wallet};
        let (mint, config) = (self.world.mint, pda::jobs::config());
        let by_wallet = |number: u8| self.wallets[wallet(number)];
        let owner = |number: u8| self.wallets[cast::owner_of(node(number))];
        let (queue, at) = (|m: u8| self.queues[market(m)], |m: u8| self.markets[market(m)]);
        let one: Instruction = match *action {
            Action::EvictNode { node: n, market: m, nth } => {
                let cell = self.cell(at(m), self.nodes[node(n)], nth).await;
                actions::evict_node(owner(n), at(m), cell).into()
            }
            Action::SweepFees { market: m } => actions::sweep_fees(at(m)).into(),
            Action::GrowQueue { market: m, cells } => instructions::GrowQueue {
                payer: self.wallets[STRANGER],
                market: at(m),
                queue: queue(m),
                cells,
            }
            .into(),
            Action::SetPaused { by, on } => {
                instructions::SetPaused { guardian: by_wallet(by), config, paused: on }.into()
            }
            Action::ProposePolicy { by, policy } => {
                let (network_fee_bps, market_deposit, max_timeout_seconds) = cast::policy(policy);
                let admin = by_wallet(by);
                instructions::ProposePolicy {
                    admin,
                    config,
                    network_fee_bps,
                    market_deposit,
                    max_timeout_seconds,
                }
                .into()
            }
            Action::ApplyPolicy => instructions::ApplyPolicy { config }.into(),
            Action::ProposeTerms { market: m, by, terms } => {
                let terms = cast::terms(market(m), terms);
                instructions::ProposeTerms {
                    authority: by_wallet(by),
                    config,
                    market: at(m),
                    terms,
                }
                .into()
            }
            Action::ApplyTerms { market: m } => {
                instructions::ApplyTerms { config, market: at(m) }.into()
            }
            Action::RetireMarket { market: m, by } => {
                instructions::RetireMarket { authority: by_wallet(by), market: at(m) }.into()
            }
            Action::CloseMarket { market: m, by } => {
                let close = actions::close_market(self.wallets[DEPLOYER], mint, at(m));
                instructions::CloseMarket { authority: by_wallet(by), ..close }.into()
            }
            Action::OpenMarket { market: m, terms } => {
                self.opening_of_market(market(m), cast::terms(market(m), terms))
            }
            Action::Stake { node: n, amount } => {
                actions::stake(owner(n), mint, amount, COOLDOWN).into()
            }
            Action::Unstake { node: n, by } => {
                let unstake = actions::unstake(owner(n));
                staking::instructions::Unstake { owner: by_wallet(by), ..unstake }.into()
            }
            Action::Withdraw { node: n } => actions::withdraw(owner(n), mint).into(),
            Action::CloseStake { node: n } => {
                staking::instructions::Close { owner: owner(n), stake: self.stakes[node(n)] }.into()
            }
            Action::ClosePurse { purse } => return self.closing(closable(purse)).await,
            Action::OpenPurse { purse, gift } => return self.opening(closable(purse), gift).await,
            Action::Donate { market: m, amount } => {
                let (from, to) = (self.purses[STRANGER], self.vaults[market(m)]);
                token::transfer(&from, &to, &mint, &self.wallets[STRANGER], amount).expect("valid")
            }
            _ => unreachable!("{action:?} is no transaction, or one about a job"),
        };
        vec![one]
    }

    /// The instructions that close a token account and give the stranger what is in it.
    async fn closing(&self, purse: usize) -> Vec<Instruction> {
        let (account, holder) = (self.purses[purse], self.wallets[cast::holder_of(purse)]);
        let held = self.held(&account).await.unwrap_or_default();
        let to = self.purses[STRANGER];
        let mut all = Vec::new();
        if held > 0 {
            all.push(
                token::transfer(&account, &to, &self.world.mint, &holder, held).expect("valid"),
            );
        }
        let close = spl_token_interface::instruction::close_account;
        all.push(close(&token::PROGRAM, &account, &holder, &holder, &[]).expect("valid"));
        all
    }

    /// Base units in a token account, if it is open.
    pub async fn held(&self, account: &Address) -> Option<u64> {
        let account = self.world.chain.account(account).await?;
        token::read_account(&account.data).ok().map(|account| account.amount)
    }
}
