use std::cell::{Cell, RefCell};

use nosana_client::{actions, jobs, jobs::types::MarketTerms, pda, rewards, staking, token};
use solana_account::Account;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use spl_token_interface::instruction::initialize_mint2;

use super::{Known, World};
use crate::{
    chain::Chain,
    programs,
    terms::{
        DURATION, EPOCH, FEE_BPS, HARDWARE, INITIAL_BALANCE, MARKET_DEPOSIT, NOTICE, SOL, STAKE,
        START,
    },
};

/// Returns the key of this number, so that every run of a test has the same addresses.
fn numbered_key(number: u64) -> Keypair {
    let mut seed = [0xa5; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    Keypair::new_from_array(seed)
}

impl<C: Chain> World<C> {
    /// Sets up a marketplace with one market of these terms.
    pub async fn new(terms: MarketTerms) -> Self {
        let mut world = Self::bare().await;
        world.initialize().await;
        world.market = world.open_market(1, terms).await;

        for node in [&world.node, &world.other_node] {
            world.stake(node).await;
            world.enter(node).await;
            world.register(node).await;
        }

        world.stake(&world.staker).await;
        world.enter(&world.staker).await;
        world
    }

    /// Returns wallets and a mint, and programs that are not initialized.
    pub async fn bare() -> Self {
        let [fee_payer, deployer, client, node, other_node, staker, stranger] =
            std::array::from_fn(|i| numbered_key(i as u64));

        let mut accounts = programs::accounts(&deployer.pubkey());
        accounts.push((fee_payer.pubkey(), wallet_account()));

        let chain = C::start(accounts, START).await;
        let wallets_made = Cell::new(100);
        let known = RefCell::new(Known::default());
        let (mint, market) = (Address::default(), Address::default());
        let mut world = Self {
            chain,
            mint,
            market,
            deployer,
            client,
            node,
            other_node,
            staker,
            stranger,
            fee_payer,
            wallets_made,
            known,
        };

        world.mint = world.new_mint().await;
        let wallets = [
            &world.deployer,
            &world.client,
            &world.node,
            &world.other_node,
            &world.staker,
            &world.stranger,
        ];
        for wallet in wallets {
            world.fund_wallet(&wallet.pubkey()).await;
        }
        world
    }

    /// Initializes the three programs.
    pub async fn initialize(&self) {
        self.run(self.initialize_rewards(), &[&self.deployer]).await;
        self.run(self.initialize_staking(), &[&self.deployer]).await;
        self.run(self.initialize_jobs(), &[&self.deployer]).await;
    }

    /// The deployer's instruction that makes the reward pool.
    pub fn initialize_rewards(&self) -> rewards::instructions::Initialize {
        rewards::instructions::Initialize {
            deployer: self.deployer.pubkey(),
            pool: pda::rewards::pool(),
            mint: self.mint,
            vault: pda::rewards::vault(),
            program_data: programs::data_address(&rewards::ID),
            epoch_seconds: EPOCH,
        }
    }

    /// The deployer's instruction that makes the staking configuration.
    pub fn initialize_staking(&self) -> staking::instructions::Initialize {
        staking::instructions::Initialize {
            deployer: self.deployer.pubkey(),
            config: pda::staking::config(),
            mint: self.mint,
            vault: pda::staking::vault(),
            program_data: programs::data_address(&staking::ID),
        }
    }

    /// The deployer's instruction that makes the jobs configuration.
    pub fn initialize_jobs(&self) -> jobs::instructions::Initialize {
        jobs::instructions::Initialize {
            deployer: self.deployer.pubkey(),
            config: pda::jobs::config(),
            panelists: pda::jobs::panelists(),
            mint: self.mint,
            program_data: programs::data_address(&jobs::ID),
            network_fee_bps: FEE_BPS,
            market_deposit: MARKET_DEPOSIT,
        }
    }

    /// The deployer's instruction that opens a market.
    pub fn open_market_instruction(
        &self,
        id: u64,
        terms: MarketTerms,
    ) -> jobs::instructions::OpenMarket {
        actions::open_market(self.deployer.pubkey(), self.mint, id, NOTICE, terms)
    }

    /// Opens a market of the deployer's.
    pub async fn open_market(&self, id: u64, terms: MarketTerms) -> Address {
        let opening = self.open_market_instruction(id, terms);
        let market = opening.market;
        self.run(opening, &[&self.deployer]).await;
        market
    }

    /// Opens a stake of the usual amount and duration.
    pub async fn stake(&self, owner: &Keypair) {
        self.run(actions::open_stake(owner.pubkey(), self.mint, STAKE, DURATION), &[owner]).await;
    }

    /// Opens a position in the reward pool.
    pub async fn enter(&self, owner: &Keypair) {
        self.run(actions::enter(owner.pubkey()), &[owner]).await;
    }

    /// Registers the owner's node.
    pub async fn register(&self, owner: &Keypair) {
        let register = actions::register_node(owner.pubkey(), self.mint, HARDWARE);
        self.run(register, &[owner]).await;
    }

    /// Returns a new wallet with SOL and NOS.
    pub async fn wallet(&self) -> Keypair {
        self.wallet_where(|_| true).await
    }

    /// Returns a new wallet whose address fulfills the condition.
    pub async fn wallet_where(&self, suits: impl Fn(&Address) -> bool) -> Keypair {
        let wallet = loop {
            let number = self.wallets_made.get();
            self.wallets_made.set(number + 1);
            let wallet = numbered_key(number);
            if suits(&wallet.pubkey()) {
                break wallet;
            }
        };
        self.fund_wallet(&wallet.pubkey()).await;
        wallet
    }

    /// Makes a mint with six decimals, whose authority is the deployer, and which cannot be frozen.
    pub async fn new_mint(&self) -> Address {
        self.mint_with(token::NOS_DECIMALS, false).await
    }

    /// A mint of the deployer's.
    pub async fn mint_with(&self, decimals: u8, can_freeze: bool) -> Address {
        let mint = numbered_key(1_000_000 + self.wallets_made.replace(self.wallets_made.get() + 1));
        let (payer, authority) = (self.fee_payer.pubkey(), self.deployer.pubkey());
        let [make, _] = token::create_mint(&payer, &mint.pubkey(), &authority, SOL).expect("valid");

        let initialize = initialize_mint2(
            &token::PROGRAM,
            &mint.pubkey(),
            &authority,
            can_freeze.then_some(&authority),
            decimals,
        );

        let instructions = [make, initialize.expect("valid")];
        self.chain.send(&instructions, &self.fee_payer, &[&mint]).await.expect("the mint is made");
        mint.pubkey()
    }

    /// Funds a wallet with SOL, a token account, and NOS.
    async fn fund_wallet(&self, wallet: &Address) {
        self.chain.set_account(wallet, wallet_account());
        let account = self.token_account(wallet);
        let instructions = [
            token::create_associated_account(&self.fee_payer.pubkey(), wallet, &self.mint),
            token::mint_to(&self.mint, &account, &self.deployer.pubkey(), INITIAL_BALANCE)
                .expect("valid"),
        ];
        self.chain
            .send(&instructions, &self.fee_payer, &[&self.deployer])
            .await
            .expect("the wallet is funded");
        self.known.borrow_mut().owners.push(*wallet);
    }
}

fn wallet_account() -> Account {
    Account { lamports: 1_000 * SOL, ..Account::default() }
}
