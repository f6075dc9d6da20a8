//! The real runtime with all actors, and the model of its first state.

use std::collections::BTreeMap;

use nosana_client::{
    Queue, actions,
    jobs::{accounts::QueueHeader, types::MarketTerms},
    pda, token,
};
use nosana_protocol::reputation::Reputation;
use nosana_tests::{
    Chain, Failure, Lite,
    terms::{DURATION, INITIAL_BALANCE, NOS, SOL, STAKE},
};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    actors::{
        self, CELLS, CLIENTS, COOLDOWN, DEPLOYER, JOBS, MARKETS, NODES, NONCES, NOTICES, POLICIES,
        STAKER, STAKES, TOKEN_ACCOUNTS, WALLETS,
    },
    model::{Config, Market, Model, Node, Slot, Stake},
};

type World = nosana_tests::World<Lite>;

/// What the stranger puts into each second token account at the start, in base units.
pub const SECOND_BALANCE: u64 = 5 * NOS;

/// The runtime and the addresses of everything on it, which are derived once.
pub struct Fixture {
    pub world: World,
    pub keys: Vec<Keypair>,
    pub wallets: [Address; WALLETS],
    pub token_accounts: [Address; TOKEN_ACCOUNTS],
    pub markets: [Address; MARKETS],
    pub queues: [Address; MARKETS],
    pub vaults: [Address; MARKETS],
    pub jobs: [Address; JOBS],
    pub nodes: [Address; NODES],
    pub stakes: [Address; NODES],
    /// The supply at the start, in base units.
    pub supply: u64,
}

impl Fixture {
    /// Sets everything up.
    pub async fn new() -> (Self, Model) {
        let world = World::bare().await;
        world.initialize().await;

        let mut keys = vec![world.deployer.insecure_clone()];
        while keys.len() < WALLETS {
            keys.push(world.wallet().await);
        }

        let wallets: [Address; WALLETS] = std::array::from_fn(|i| keys[i].pubkey());
        let markets = std::array::from_fn(|i| pda::jobs::market(&wallets[DEPLOYER], i as u64));

        let fixture = Self {
            wallets,
            token_accounts: std::array::from_fn(|i| match i.checked_sub(WALLETS) {
                None => world.token_account(&wallets[i]),
                Some(node) => Address::new_from_array([u8::try_from(100 + node).expect("few"); 32]),
            }),
            queues: std::array::from_fn(|i| pda::jobs::queue(&markets[i])),
            vaults: std::array::from_fn(|i| pda::jobs::vault(&markets[i])),
            jobs: std::array::from_fn(|i| {
                pda::jobs::job(&wallets[CLIENTS[i / NONCES]], (i % NONCES) as u64)
            }),
            nodes: std::array::from_fn(|i| pda::jobs::node(&wallets[actors::owner_of(i)])),
            stakes: std::array::from_fn(|i| pda::staking::stake(&wallets[actors::owner_of(i)])),
            markets,
            keys,
            supply: world.supply().await,
            world,
        };

        for (node, amount) in STAKES.into_iter().enumerate() {
            let owner = actors::owner_of(node);
            let wallet = wallets[owner];
            let mint = fixture.world.mint;
            fixture
                .send_or_panic(&[actions::open_stake(wallet, mint, amount, COOLDOWN).into()])
                .await;
            // The last one has a stake without a position in the reward pool.
            if node + 1 < NODES {
                fixture.send_or_panic(&[actions::enter(wallet).into()]).await;
            }
            fixture
                .send_or_panic(&[actions::register_node(
                    wallet,
                    mint,
                    actors::hardware(2, 24_576, 10_000, false),
                )
                .into()])
                .await;
            let open = fixture.open_token_account(WALLETS + node, SECOND_BALANCE).await;
            fixture.send_or_panic(&open).await;
        }
        fixture
            .send_or_panic(&[actions::open_stake(
                wallets[STAKER],
                fixture.world.mint,
                STAKE,
                DURATION,
            )
            .into()])
            .await;
        fixture.send_or_panic(&[actions::enter(wallets[STAKER]).into()]).await;

        for market in 0..MARKETS {
            let terms = actors::terms(market, 0);
            fixture.send_or_panic(&[fixture.open_market(market, terms)]).await;
            fixture.shrink_queue(market).await;
        }

        let model = fixture.first_model();
        (fixture, model)
    }

    fn first_model(&self) -> Model {
        let mut balances = [Some(INITIAL_BALANCE); TOKEN_ACCOUNTS];
        for node in 0..NODES {
            balances[actors::owner_of(node)] = Some(INITIAL_BALANCE - STAKES[node]);
            balances[WALLETS + node] = Some(SECOND_BALANCE);
        }
        balances[STAKER] = Some(INITIAL_BALANCE - STAKE);
        balances[actors::STRANGER] = Some(INITIAL_BALANCE - SECOND_BALANCE * NODES as u64);

        let mut model = Model {
            now: self.world.now(),
            config: Config { paused: false, policy: POLICIES[0], announced: None },
            markets: [const { None::<Market> }; MARKETS],
            jobs: [None; JOBS],
            nodes: std::array::from_fn(|node| Node {
                payout: actors::owner_of(node),
                hardware: actors::hardware(2, 24_576, 10_000, false),
                draining: false,
                earned: 0,
                reputation: Reputation::default(),
                completed: 0,
                failed: 0,
                rejected: 0,
                panel_weight: 0,
                panel_since: 0,
                panels_right: 0,
                panels_overruled: 0,
                idle: 0,
                slots: [Slot::FREE; 16],
            }),
            addresses: self.nodes.map(|node| node.to_bytes()),
            disputes: BTreeMap::new(),
            stakes: std::array::from_fn(|node| Some(Stake::new(STAKES[node]))),
            balances,
            income: 0,
            burned: 0,
        };
        for market in 0..MARKETS {
            let terms = actors::terms(market, 0);
            model.open_market(market, terms).expect("the market opens");
        }
        model
    }

    /// The instruction that opens a market.
    pub fn open_market(&self, market: usize, terms: MarketTerms) -> Instruction {
        let authority = self.wallets[DEPLOYER];
        actions::open_market(authority, self.world.mint, market as u64, NOTICES[market], terms)
            .into()
    }

    /// Leaves a new queue only the cells that the market should have. No transaction makes a
    /// queue of less than 200 cells; how many there are is all that differs.
    pub async fn shrink_queue(&self, market: usize) {
        let address = self.queues[market];
        let mut account = self.world.chain.account(&address).await.expect("there is a queue");
        account.data.truncate(Queue::account_size(CELLS[market]));
        let count = u32::try_from(CELLS[market]).expect("few").to_le_bytes();
        account.data[QueueHeader::SIZE..][..4].copy_from_slice(&count);
        self.world.chain.set_account(&address, account);
    }

    /// The instructions that open a token account and put `gift` of the stranger's into it.
    pub async fn open_token_account(&self, number: usize, gift: u64) -> Vec<Instruction> {
        let holder = self.wallets[actors::holder_of(number)];
        let account = self.token_accounts[number];
        let stranger = self.wallets[actors::STRANGER];
        let mut all = Vec::new();
        if number < WALLETS {
            all.push(token::create_associated_account(&stranger, &holder, &self.world.mint));
        } else {
            // What a program that makes accounts would have done before.
            if self.world.chain.account(&account).await.is_none() {
                let empty = Account {
                    lamports: SOL,
                    data: vec![0; 165],
                    owner: token::PROGRAM,
                    ..Account::default()
                };
                self.world.chain.set_account(&account, empty);
            }
            let mint = self.world.mint;
            let open = spl_token_interface::instruction::initialize_account3(
                &token::PROGRAM,
                &account,
                &mint,
                &holder,
            );
            all.push(open.expect("valid"));
        }

        if gift > 0 {
            let from = self.token_accounts[actors::STRANGER];
            all.push(
                token::transfer_tokens(&from, &account, &self.world.mint, &stranger, gift)
                    .expect("valid"),
            );
        }
        all
    }

    /// Sends instructions, signed by all actors that must sign.
    pub async fn send(&self, instructions: &[Instruction]) -> Result<(), Failure> {
        let metas = instructions.iter().flat_map(|instruction| &instruction.accounts);
        let required: Vec<Address> =
            metas.filter(|meta| meta.is_signer).map(|meta| meta.pubkey).collect();
        let signers: Vec<&Keypair> =
            self.keys.iter().filter(|key| required.contains(&key.pubkey())).collect();
        self.world.attempt_all(instructions, &signers).await.map(|_| ())
    }

    async fn send_or_panic(&self, instructions: &[Instruction]) {
        if let Err(failure) = self.send(instructions).await {
            panic!("the set-up fails: {}\n{}", failure.refusal(), failure.logs.join("\n"));
        }
    }
}
