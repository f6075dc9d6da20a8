//! Sends each instruction once.

use std::collections::BTreeMap;

use nosana_client::{
    actions::{self, Emission, Order},
    jobs::{self, types::MarketTerms},
    pda, rewards, staking,
};
use nosana_protocol::seeds;
use nosana_tests::{
    Lite, World,
    terms::{DURATION, EPOCH, HARDWARE, NOS, STAKE, batch, challenged, terms},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Whether a search for the bump of this address ends at its first try.
fn first_bump(program: &Address, seeds: &[&[u8]]) -> bool {
    Address::find_program_address(seeds, program).1 == 255
}

/// Whether all addresses of a wallet have the first bump.
fn suits(wallet: &Address) -> bool {
    first_bump(&jobs::ID, &[seeds::NODE, wallet.as_ref()])
        && first_bump(&staking::ID, &[seeds::STAKE, wallet.as_ref()])
        && first_bump(&rewards::ID, &[seeds::POSITION, wallet.as_ref()])
}

/// The first number from `from` on whose job has the first bump.
pub fn suiting(client: &Address, from: u64) -> u64 {
    let first =
        |nonce: &u64| first_bump(&jobs::ID, &[seeds::JOB, client.as_ref(), &nonce.to_le_bytes()]);
    (from..).find(first).expect("there is one")
}

/// A world that counts.
struct Meter {
    world: World<Lite>,
    costs: BTreeMap<&'static str, u64>,
    nonce: u64,
}

impl Meter {
    fn note(&mut self, name: &'static str, done: nosana_tests::Done) {
        assert!(self.costs.insert(name, done.compute_units).is_none(), "{name} is measured once");
    }

    /// What a call to the staking program costs that is part of another instruction.
    fn note_callee(&mut self, name: &'static str, done: &nosana_tests::Done, instruction: &str) {
        let units = done.units_of(&staking::ID, instruction);
        let [units] = units[..] else { panic!("{instruction} is called once, not {units:?}") };
        assert!(self.costs.insert(name, units).is_none(), "{name} is measured once");
    }

    /// The client's next order.
    fn order(&mut self) -> Order {
        self.nonce = suiting(&self.world.client.pubkey(), self.nonce + 1);
        batch(self.nonce)
    }

    /// Lists a job and notes the cost.
    async fn list(&mut self, name: Option<&'static str>) -> Address {
        let order = self.order();
        let world = &self.world;
        let client = world.client.pubkey();
        let list = actions::list(client, client, world.market, world.mint, order);
        let job = list.job;
        let done = world.run(list, &[&world.client]).await;
        if let Some(name) = name {
            self.note(name, done);
        }
        job
    }
}

/// Compute units of every instruction, by its name.
pub async fn measure() -> BTreeMap<&'static str, u64> {
    let world: World<Lite> = World::new(terms()).await;
    let owner = world.wallet_where(suits).await;
    let mut meter = Meter { world, costs: BTreeMap::new(), nonce: 0 };
    stakes(&mut meter, &owner).await;
    more_of_stakes(&mut meter).await;
    delegations(&mut meter).await;
    node(&mut meter, &owner).await;
    jobs_of_a_client(&mut meter).await;
    expiries(&mut meter).await;
    credits_and_fees(&mut meter).await;
    markets(&mut meter).await;
    the_rest(&mut meter).await;
    leave_everything(&mut meter, &owner).await;
    meter.costs
}

async fn stakes(meter: &mut Meter, owner: &Keypair) {
    let key = owner.pubkey();
    let mint = meter.world.mint;
    let done = meter.world.run(actions::stake(key, mint, STAKE, DURATION), &[owner]).await;
    meter.note("stake", done);
    let done = meter.world.run(actions::enter(key), &[owner]).await;
    meter.note("enter", done);
    let client = meter.world.client.pubkey();
    let done = meter.world.run(actions::fund(client, mint, NOS), &[&meter.world.client]).await;
    meter.note("fund", done);
    meter.world.pass(2 * EPOCH);
    let done = meter.world.run(actions::sync(key), &[]).await;
    meter.note("sync", done);
    meter.world.pass(EPOCH);
    let done = meter.world.run(actions::claim(key, mint), &[owner]).await;
    meter.note("claim", done);
}

/// Stakes that change, positions that end, streams.
async fn more_of_stakes(meter: &mut Meter) {
    let (client, mint) = (meter.world.client.pubkey(), meter.world.mint);
    let owner = meter.world.wallet_where(suits).await;
    let (key, by) = (owner.pubkey(), [&owner]);
    meter.world.run(actions::stake(key, mint, STAKE, DURATION / 2), &by).await;
    let done = meter.world.run(actions::top_up_stake(key, mint, NOS), &by).await;
    meter.note("top_up (stake)", done);
    meter.world.enter(&owner).await;
    meter.world.run(actions::fund(client, mint, NOS), &[&meter.world.client]).await;
    meter.world.pass(EPOCH + EPOCH / 2);
    let steps: [(_, solana_instruction::Instruction); 6] = [
        ("top_up (stake), with a position", actions::top_up_stake(key, mint, NOS).into()),
        ("extend (stake)", actions::extend_stake(key, DURATION).into()),
        ("compound", actions::compound(key).into()),
        ("", actions::unstake(key).into()),
        ("restake", actions::restake(key).into()),
        ("exit", actions::exit(key, mint).into()),
    ];
    let mut costs = Vec::new();
    for (name, step) in steps {
        costs.push((name, meter.world.run(step, &by).await));
    }
    for (name, done) in costs.into_iter().filter(|(name, _)| !name.is_empty()) {
        meter.note(name, done);
    }
    let (start, end) = (meter.world.now(), meter.world.now() + 60);
    let first =
        |id: &u64| first_bump(&rewards::ID, &[seeds::STREAM, client.as_ref(), &id.to_le_bytes()]);
    let id = (1..).find(first).expect("there is one");
    let open = actions::open_stream(
        client,
        mint,
        Emission { id, amount: NOS, start, end, cancellable: true },
    );
    let stream = open.stream;
    let done = meter.world.run(open, &[&meter.world.client]).await;
    meter.note("open_stream", done);
    meter.world.pass(30);
    let done = meter.world.run(actions::drip(stream), &[]).await;
    meter.note("drip", done);
    let done = meter
        .world
        .run(actions::close_stream(client, client, mint, id), &[&meter.world.client])
        .await;
    meter.note("close_stream", done);
}

/// From an offer to the end of a delegation, and a slash that takes from one.
async fn delegations(meter: &mut Meter) {
    let mint = meter.world.mint;
    let backed = |wallet: &Address| {
        let stake = pda::staking::stake(wallet);
        suits(wallet) && first_bump(&rewards::ID, &[seeds::POSITION, stake.as_ref()])
    };
    let owner = meter.world.wallet_where(backed).await;
    let key = owner.pubkey();
    let stake = pda::staking::stake(&key);
    let fits = |wallet: &Address| {
        first_bump(&staking::ID, &[seeds::DELEGATION, stake.as_ref(), wallet.as_ref()])
    };
    let who = meter.world.wallet_where(fits).await;
    let delegator = who.pubkey();
    meter.world.stake(&owner).await;
    meter.world.register(&owner).await;
    let earn = actions::fund(meter.world.client.pubkey(), mint, 300 * NOS);
    let delegate = actions::delegate(delegator, key, mint, NOS, 10_000);
    let first: [(_, solana_instruction::Instruction, _); 4] = [
        ("enter_delegated", actions::enter_delegated(key, key).into(), &owner),
        ("set_delegation", actions::set_delegation(key, true, 1_000).into(), &owner),
        ("open_delegation", actions::open_delegation(delegator, key).into(), &who),
        ("delegate", delegate.into(), &who),
    ];
    for (name, instruction, by) in first {
        let done = meter.world.run(instruction, &[by]).await;
        meter.note(name, done);
    }
    meter.world.run(earn, &[&meter.world.client]).await;
    meter.world.pass(2 * EPOCH);
    let done = meter.world.run(actions::claim_delegated(delegator, key, mint), &[]).await;
    meter.note("claim_delegated", done);
    let done = meter.world.run(actions::claim_commission(key, mint), &[&owner]).await;
    meter.note("claim_commission", done);

    let job = meter.list(None).await;
    meter.world.work(&owner).await;
    meter.world.pass(121);
    let reporter = meter.world.token_account(&meter.world.stranger.pubkey());
    let expire = actions::expire_match(job, &meter.world.job(&job).await, key, reporter);
    let done = meter.world.run(expire, &[]).await;
    meter.note("expire_match, with delegations", done);
    meter.world.cancel(&job).await;

    let done = meter.world.undelegate(&who, &owner).await;
    meter.note("undelegate", done);
    meter.world.pass(DURATION);
    let done = meter.world.run(actions::withdraw_delegated(delegator, key, mint), &[]).await;
    meter.note("withdraw_delegated", done);
    let close = actions::close_delegation(delegator, delegator, key);
    let done = meter.world.run(close, &[&who]).await;
    meter.note("close_delegation", done);
}

async fn node(meter: &mut Meter, owner: &Keypair) {
    let register = actions::register_node(owner.pubkey(), meter.world.mint, HARDWARE);
    let done = meter.world.run(register, &[owner]).await;
    meter.note("register_node", done);
    let done = meter.world.work(owner).await;
    meter.note_callee("lock, as the callee", &done, "lock");
    meter.note("work", done);
    let done = meter.world.leave(owner).await;
    meter.note_callee("release, as the callee", &done, "release");
    meter.note("leave", done);
}

async fn jobs_of_a_client(meter: &mut Meter) {
    let job = meter.list(Some("list")).await;
    let done = meter.world.work(&meter.world.node).await;
    meter.note("work, a job waits", done);
    let done = meter.world.start(&meter.world.node, &job).await;
    meter.note("start", done);
    meter.world.pass(30);
    let done = meter.world.heartbeat(&meter.world.node, &job).await;
    meter.note("heartbeat", done);
    let done = meter.world.finish(&meter.world.node, &job).await;
    meter.note("finish", done);
    meter.world.pass(terms().retention_seconds.into());
    let done = meter.world.clean(&job).await;
    meter.note("clean", done);

    meter.world.work(&meter.world.node).await;
    let job = meter.list(Some("list, a node waits")).await;
    meter.world.start(&meter.world.node, &job).await;
    meter.world.pass(30);
    let done = meter.world.stop(&job, &meter.world.node).await;
    meter.note("stop", done);
    let job = meter.list(None).await;
    let done = meter.world.cancel(&job).await;
    meter.note("cancel", done);

    let market = std::mem::take(&mut meter.world.market);
    meter.world.market = meter.world.open_market(2, challenged()).await;
    let job = meter.list(None).await;
    meter.world.work_and_start(&meter.world.node, &job).await;
    meter.world.pass(30);
    let done = meter.world.finish(&meter.world.node, &job).await;
    meter.note("finish, to be settled", done);
    meter.world.pass(600);
    let done = meter.world.settle(&job).await;
    meter.note("settle", done);
    meter.world.market = market;
}

async fn expiries(meter: &mut Meter) {
    let job = meter.list(None).await;
    meter.world.work_and_start(&meter.world.node, &job).await;
    meter.world.pass(30);
    let done = meter.world.quit(&meter.world.node, &job).await;
    meter.note("quit", done);
    meter.world.pass(60);
    meter.world.work(&meter.world.node).await;
    meter.world.pass(121);
    let done = meter.world.expire_match(&job, &meter.world.node).await;
    meter.note("expire_match", done);
    meter.world.work_and_start(&meter.world.other_node, &job).await;
    meter.world.pass(61);
    let done = meter.world.expire_run(&job, &meter.world.other_node).await;
    meter.note("expire_run", done);
    meter.world.cancel(&job).await;
}

async fn credits_and_fees(meter: &mut Meter) {
    let sponsor = meter.world.wallet().await;
    let order = meter.order();
    let job = meter.world.list_for(&meter.world.client, &sponsor, order).await;
    meter.world.close_tokens(&sponsor).await;
    meter.world.cancel(&job).await;
    let account = meter.world.open_tokens(&sponsor).await;
    let done = meter.world.collect(&sponsor, &job, &account).await;
    meter.note("collect", done);
    let done = meter.world.sweep().await;
    meter.note("sweep_fees", done);
}

async fn markets(meter: &mut Meter) {
    let deployer = meter.world.deployer.pubkey();
    let first = |id: &u64| {
        let market = pda::jobs::market(&deployer, *id);
        first_bump(&jobs::ID, &[seeds::MARKET, deployer.as_ref(), &id.to_le_bytes()])
            && first_bump(&jobs::ID, &[seeds::QUEUE, market.as_ref()])
            && first_bump(&jobs::ID, &[seeds::VAULT, market.as_ref()])
    };
    let id = (3..).find(first).expect("there is one");
    let done = meter.world.run(meter.world.opening(id, terms()), &[&meter.world.deployer]).await;
    meter.note("open_market", done);

    let (market, payer) = (meter.world.market, meter.world.stranger.pubkey());
    let queue = pda::jobs::queue(&market);
    let grow = jobs::instructions::GrowQueue { payer, market, queue, cells: 200 };
    let done = meter.world.run(grow, &[&meter.world.stranger]).await;
    meter.note("grow_queue", done);
}

/// What is done now and then.
async fn the_rest(meter: &mut Meter) {
    let (client, node, mint) =
        (meter.world.client.pubkey(), meter.world.node.pubkey(), meter.world.mint);
    let deployer = meter.world.deployer.pubkey();
    let hasty = MarketTerms { queue_seconds: 5, ..challenged() };
    meter.world.market = meter.world.open_market(100, hasty).await;
    let market = meter.world.market;
    let old = meter.list(None).await;
    let extend = actions::extend(old, &meter.world.job(&old).await, client, mint, 60);
    let done = meter.world.run(extend, &[&meter.world.client]).await;
    meter.note("extend", done);
    let top_up = actions::top_up(client, old, &meter.world.job(&old).await, mint, NOS);
    let done = meter.world.run(top_up, &[&meter.world.client]).await;
    meter.note("top_up", done);
    meter.world.pass(6);
    let cell = meter.world.cell(&old).await;
    let expire = actions::expire_queued(old, &meter.world.job(&old).await, cell);
    let done = meter.world.run(expire, &[]).await;
    meter.note("expire_queued", done);

    meter.world.work(&meter.world.node).await;
    let waiting = (pda::jobs::node(&node), meter.world.cell(&pda::jobs::node(&node)).await);
    let order = meter.order();
    let assign = actions::assign(client, client, market, mint, order, waiting);
    let job = assign.job;
    let done = meter.world.run(assign, &[&meter.world.client]).await;
    meter.note("assign", done);
    meter.world.start(&meter.world.node, &job).await;
    meter.world.finish(&meter.world.node, &job).await;
    let accept = actions::accept(client, job, &meter.world.job(&job).await, node);
    let done = meter.world.run(accept, &[&meter.world.client]).await;
    meter.note("accept", done);

    let by = [&meter.world.node];
    let payout = meter.world.token_account(&node);
    let updates: [(_, solana_instruction::Instruction); 4] = [
        ("update_hardware", actions::update_hardware(node, HARDWARE).into()),
        ("set_payout", actions::set_payout(node, payout).into()),
        ("set_draining", actions::set_draining(node, true).into()),
        ("", actions::set_draining(node, false).into()),
    ];
    let mut costs = Vec::new();
    for (name, update) in updates {
        costs.push((name, meter.world.run(update, &by).await));
    }
    for (name, done) in costs.into_iter().filter(|(name, _)| !name.is_empty()) {
        meter.note(name, done);
    }

    let config = pda::jobs::config();
    let announce =
        jobs::instructions::ProposeTerms { authority: deployer, config, market, terms: hasty };
    let done = meter.world.run(announce, &[&meter.world.deployer]).await;
    meter.note("propose_terms", done);
    meter.world.pass(86_400);
    let done = meter.world.run(jobs::instructions::ApplyTerms { config, market }, &[]).await;
    meter.note("apply_terms", done);
    meter.world.work(&meter.world.node).await;
    let retire = jobs::instructions::RetireMarket { authority: deployer, market };
    meter.world.run(retire, &[&meter.world.deployer]).await;
    let cell = meter.world.cell(&pda::jobs::node(&node)).await;
    let done = meter.world.run(actions::evict_node(node, market, cell), &[]).await;
    meter.note("evict_node", done);
    meter.world.sweep().await;
    let done = meter
        .world
        .run(actions::close_market(deployer, mint, market), &[&meter.world.deployer])
        .await;
    meter.note("close_market", done);
}

async fn leave_everything(meter: &mut Meter, owner: &Keypair) {
    let without = meter.world.wallet_where(suits).await;
    meter.world.stake(&without).await;
    for (name, owner) in [("unstake", &without), ("unstake, with a position", owner)] {
        let done = meter.world.run(actions::unstake(owner.pubkey()), &[owner]).await;
        meter.note(name, done);
    }
    meter.world.pass(DURATION);
    let withdraw = actions::withdraw(owner.pubkey(), meter.world.mint);
    let done = meter.world.run(withdraw, &[owner]).await;
    meter.note("withdraw", done);
    let close = staking::instructions::Close {
        owner: owner.pubkey(),
        stake: pda::staking::stake(&owner.pubkey()),
    };
    let done = meter.world.run(close, &[owner]).await;
    meter.note("close", done);
}
