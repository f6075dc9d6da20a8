//! A world in which every instruction of every program can be sent.

use nosana_client::{
    actions::{self, Emission},
    jobs::{
        self,
        instructions::{
            AcceptAdmin, AcceptMarketAuthority, ApplyPolicy, ApplyTerms, ProposeAdmin,
            ProposeMarketAuthority, ProposePolicy, ProposeTerms, RetireMarket, SetGuardian,
            SetPaused,
        },
        types::MarketTerms,
    },
    pda, rewards, staking,
};
use nosana_tests::terms::{DURATION, EPOCH, HARDWARE, NOS, RESULT, batch, challenged, terms};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// Wallets and jobs, each for one instruction.
pub struct Stage {
    pub world: World,
    pub challenged: Address,
    pub sponsor: Keypair,
    pub leaver: Keypair,
    pub gone: Keypair,
    pub third: Keypair,
    pub fresh: Keypair,
    pub waiting: Address,
    pub offered: Address,
    pub matched: Address,
    pub running: Address,
    pub silent: Address,
    pub submitted: Address,
    pub owing: Address,
    pub over: Address,
    pub retired: Address,
    pub left: Address,
    pub dear: Keypair,
    pub idle: Keypair,
    pub old: Address,
    pub short: Keypair,
    pub backer: Keypair,
    pub quitter: Keypair,
    pub empty: Keypair,
}

impl Stage {
    pub async fn new() -> Self {
        let mut world = World::new(terms()).await;
        let challenged = world.open_market(2, challenged()).await;
        let [sponsor, leaver, gone, third, fresh, dear, idle] = [
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
        ];
        for owner in [&leaver, &gone, &third, &fresh, &dear] {
            world.stake(owner).await;
        }
        for owner in [&third, &dear, &idle] {
            world.register(owner).await;
        }
        for owner in [&leaver, &gone] {
            world.run(actions::unstake(owner.pubkey()), &[owner]).await;
        }
        let [backer, quitter, empty] = delegate(&world).await;
        world.pass(DURATION);
        world.run(actions::withdraw(gone.pubkey(), world.mint), &[&gone]).await;
        let (retired, left) = announce(&world, &sponsor, &dear).await;
        let short = world.wallet().await;
        world.run(actions::stake(short.pubkey(), world.mint, NOS, DURATION / 2), &[&short]).await;
        let stream =
            actions::open_stream(world.client.pubkey(), world.mint, emission(world.now(), 1));
        world.run(stream, &[&world.client]).await;
        world.pass(4 * 86_400);
        world
            .run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client])
            .await;

        let hasty = world.open_market(5, MarketTerms { queue_seconds: 5, ..terms() }).await;
        let market = std::mem::replace(&mut world.market, hasty);
        let old = world.list(batch(11)).await;
        world.market = challenged;
        let submitted = world.list(batch(1)).await;
        world.work_and_start(&world.node, &submitted).await;
        world.finish(&world.node, &submitted).await;
        world.work(&third).await;
        world.market = market;
        let owing = world.list_for(&world.client, &sponsor, batch(2)).await;
        world.close_tokens(&sponsor).await;
        world.cancel(&owing).await;
        let over = world.list(batch(3)).await;
        world.work_and_start(&world.node, &over).await;
        world.pass(30);
        world.finish(&world.node, &over).await;
        world.pass(2 * EPOCH);

        let silent = world.list(batch(4)).await;
        world.work_and_start(&world.node, &silent).await;
        world.work(&world.other_node).await;
        let matched = world.list(batch(5)).await;
        world.pass(121);
        let running = world.list(batch(6)).await;
        world.work_and_start(&world.node, &running).await;
        let offered = world.list(batch(7)).await;
        world.work(&world.other_node).await;
        let waiting = world.list(batch(8)).await;
        Self {
            world,
            challenged,
            sponsor,
            leaver,
            gone,
            third,
            fresh,
            waiting,
            offered,
            matched,
            running,
            silent,
            submitted,
            owing,
            over,
            retired,
            left,
            dear,
            idle,
            old,
            short,
            backer,
            quitter,
            empty,
        }
    }

    /// Every instruction, by its program and name.
    pub async fn instructions(&self) -> Vec<(&'static str, &'static str, Instruction)> {
        let world = &self.world;
        let (mint, market) = (world.mint, world.market);
        let [client, node, other_node, staker, stranger] =
            [&world.client, &world.node, &world.other_node, &world.staker, &world.stranger]
                .map(Signer::pubkey);
        let (deployer, sponsor, config) =
            (world.deployer.pubkey(), self.sponsor.pubkey(), pda::jobs::config());
        let short = &self.short;
        let queue = pda::jobs::queue(&market);
        let job = async |address: &Address| world.job(address).await;
        let running = job(&self.running).await;
        let collect = actions::collect(
            self.sponsor.pubkey(),
            self.owing,
            &job(&self.owing).await,
            world.token_account(&stranger),
        );
        let close = staking::instructions::Close {
            owner: self.gone.pubkey(),
            stake: pda::staking::stake(&self.gone.pubkey()),
        };
        let submitted = job(&self.submitted).await;
        let third = (pda::jobs::node(&self.third.pubkey()), 0);
        let assign = actions::assign(client, client, self.challenged, mint, batch(10), third);
        vec![
            ("jobs", "open_market", world.opening(9, terms()).into()),
            ("jobs", "sweep_fees", actions::sweep_fees(market).into()),
            (
                "jobs",
                "grow_queue",
                jobs::instructions::GrowQueue { payer: stranger, market, queue, cells: 1 }.into(),
            ),
            ("jobs", "set_paused", SetPaused { guardian: deployer, config, paused: true }.into()),
            (
                "jobs",
                "propose_admin",
                ProposeAdmin { admin: deployer, config, next_admin: client }.into(),
            ),
            ("jobs", "accept_admin", AcceptAdmin { pending_admin: sponsor, config }.into()),
            (
                "jobs",
                "set_guardian",
                SetGuardian { admin: deployer, config, guardian: client }.into(),
            ),
            ("jobs", "propose_policy", loosening(deployer).into()),
            ("jobs", "apply_policy", ApplyPolicy { config }.into()),
            (
                "jobs",
                "propose_terms",
                ProposeTerms { authority: deployer, config, market, terms: terms() }.into(),
            ),
            ("jobs", "apply_terms", ApplyTerms { config, market }.into()),
            (
                "jobs",
                "propose_market_authority",
                ProposeMarketAuthority { authority: deployer, market, next_authority: client }
                    .into(),
            ),
            (
                "jobs",
                "accept_market_authority",
                AcceptMarketAuthority { pending_authority: sponsor, market }.into(),
            ),
            ("jobs", "retire_market", RetireMarket { authority: deployer, market }.into()),
            ("jobs", "close_market", actions::close_market(deployer, mint, self.retired).into()),
            ("jobs", "evict_node", actions::evict_node(self.dear.pubkey(), self.left, 0).into()),
            ("jobs", "assign", assign.into()),
            ("jobs", "extend", actions::extend(self.running, &running, client, mint, 1).into()),
            ("jobs", "top_up", actions::top_up(stranger, self.running, &running, mint, 1).into()),
            (
                "jobs",
                "update_hardware",
                actions::update_hardware(self.idle.pubkey(), HARDWARE).into(),
            ),
            ("jobs", "set_payout", actions::set_payout(node, world.token_account(&node)).into()),
            ("jobs", "set_draining", actions::set_draining(node, true).into()),
            ("jobs", "accept", actions::accept(client, self.submitted, &submitted, node).into()),
            (
                "jobs",
                "expire_queued",
                actions::expire_queued(self.old, &job(&self.old).await, 0).into(),
            ),
            ("jobs", "list", actions::list(client, client, market, mint, batch(9)).into()),
            (
                "jobs",
                "cancel",
                actions::cancel(
                    self.waiting,
                    &job(&self.waiting).await,
                    world.cell(&self.waiting).await,
                )
                .into(),
            ),
            ("jobs", "stop", actions::stop(client, self.running, &running, node).into()),
            ("jobs", "register_node", actions::register_node(staker, mint, HARDWARE).into()),
            ("jobs", "work", actions::work(self.third.pubkey(), market, 1).into()),
            ("jobs", "leave", actions::leave(self.third.pubkey(), self.challenged, 0).into()),
            (
                "jobs",
                "start",
                actions::start(other_node, self.offered, &job(&self.offered).await).into(),
            ),
            ("jobs", "heartbeat", actions::heartbeat(node, self.running, RESULT, 1).into()),
            ("jobs", "finish", actions::finish(node, self.running, &running, node, RESULT).into()),
            ("jobs", "quit", actions::quit(node, self.running, &running, node).into()),
            (
                "jobs",
                "expire_match",
                actions::expire_match(
                    self.matched,
                    &job(&self.matched).await,
                    other_node,
                    world.sink(),
                )
                .into(),
            ),
            (
                "jobs",
                "expire_run",
                actions::expire_run(stranger, self.silent, &job(&self.silent).await, node).into(),
            ),
            ("jobs", "settle", actions::settle(stranger, self.submitted, &submitted, node).into()),
            ("jobs", "collect", collect.into()),
            ("jobs", "clean", actions::clean(self.over, &job(&self.over).await).into()),
            ("staking", "propose_policy", policy(deployer).into()),
            ("staking", "apply_policy", staking::instructions::ApplyPolicy {}.into()),
            ("staking", "set_delegation", actions::set_delegation(staker, false, 1).into()),
            ("staking", "open_delegation", actions::open_delegation(client, staker).into()),
            (
                "staking",
                "delegate",
                actions::delegate(self.backer.pubkey(), staker, mint, NOS, 10_000).into(),
            ),
            (
                "staking",
                "undelegate",
                actions::undelegate(self.backer.pubkey(), self.backer.pubkey(), staker).into(),
            ),
            (
                "staking",
                "withdraw_delegated",
                actions::withdraw_delegated(self.quitter.pubkey(), staker, mint).into(),
            ),
            (
                "staking",
                "claim_delegated",
                actions::claim_delegated(self.backer.pubkey(), staker, mint).into(),
            ),
            ("staking", "claim_commission", actions::claim_commission(staker, mint).into()),
            (
                "staking",
                "close_delegation",
                actions::close_delegation(self.empty.pubkey(), self.empty.pubkey(), staker).into(),
            ),
            (
                "rewards",
                "enter_delegated",
                actions::enter_delegated(client, self.fresh.pubkey()).into(),
            ),
            ("staking", "stake", actions::stake(client, mint, NOS, DURATION).into()),
            ("staking", "unstake", actions::unstake(staker).into()),
            ("staking", "withdraw", actions::withdraw(self.leaver.pubkey(), mint).into()),
            ("staking", "close", close.into()),
            ("staking", "top_up", actions::top_up_stake(staker, mint, 1).into()),
            ("staking", "extend", actions::extend_stake(short.pubkey(), DURATION).into()),
            ("staking", "restake", actions::restake(self.leaver.pubkey()).into()),
            ("staking", "compound", actions::compound(staker).into()),
            (
                "staking",
                "propose_admin",
                staking::instructions::ProposeAdmin { admin: deployer, next_admin: client }.into(),
            ),
            (
                "staking",
                "accept_admin",
                staking::instructions::AcceptAdmin { pending_admin: sponsor }.into(),
            ),
            (
                "staking",
                "set_guardian",
                staking::instructions::SetGuardian { admin: deployer, guardian: client }.into(),
            ),
            (
                "staking",
                "set_paused",
                staking::instructions::SetPaused { guardian: deployer, paused: true }.into(),
            ),
            (
                "rewards",
                "propose_admin",
                rewards::instructions::ProposeAdmin { admin: deployer, next_admin: client }.into(),
            ),
            (
                "rewards",
                "accept_admin",
                rewards::instructions::AcceptAdmin { pending_admin: sponsor }.into(),
            ),
            (
                "rewards",
                "set_guardian",
                rewards::instructions::SetGuardian { admin: deployer, guardian: client }.into(),
            ),
            (
                "rewards",
                "set_paused",
                rewards::instructions::SetPaused { guardian: deployer, paused: true }.into(),
            ),
            ("rewards", "exit", actions::exit(staker, mint).into()),
            (
                "rewards",
                "open_stream",
                actions::open_stream(client, mint, emission(world.now(), 9)).into(),
            ),
            ("rewards", "drip", actions::drip(pda::rewards::stream(&client, 1)).into()),
            ("rewards", "close_stream", actions::close_stream(stranger, client, mint, 1).into()),
            ("rewards", "enter", actions::enter(self.fresh.pubkey()).into()),
            ("rewards", "harvest", actions::harvest(staker, mint).into()),
            ("rewards", "sync", actions::sync(staker).into()),
            ("rewards", "fund", actions::fund(client, mint, NOS).into()),
            ("rewards", "claim", actions::claim(staker, mint).into()),
        ]
    }

    /// Every account that an instruction names, and what an attacker could bring: accounts of every
    /// type.
    pub async fn accounts(&self) -> Vec<Address> {
        let mut all = Vec::new();
        for (_, _, instruction) in self.instructions().await {
            all.extend(instruction.accounts.iter().map(|meta| meta.pubkey));
        }
        all.extend([
            pda::jobs::queue(&self.challenged),
            pda::jobs::vault(&self.challenged),
            self.challenged,
        ]);
        all.sort();
        all.dedup();
        all
    }
}

/// Announces a policy, terms, an admin and an authority, and retires two markets: one that is
/// empty, and one in which `dear` waits.
async fn announce(world: &World, next: &Keypair, dear: &Keypair) -> (Address, Address) {
    let (by, authority, config, market) =
        ([&world.deployer], world.deployer.pubkey(), pda::jobs::config(), world.market);
    let (retired, left) =
        (world.open_market(3, terms()).await, world.open_market(4, terms()).await);
    world.run(actions::work(dear.pubkey(), left, 1), &[dear]).await;
    world.run(loosening(authority), &by).await;
    world.run(policy(authority), &by).await;
    world.run(ProposeTerms { authority, config, market, terms: terms() }, &by).await;
    world.run(ProposeAdmin { admin: authority, config, next_admin: next.pubkey() }, &by).await;
    world
        .run(ProposeMarketAuthority { authority, market, next_authority: next.pubkey() }, &by)
        .await;
    let next_admin = next.pubkey();
    let propose = staking::instructions::ProposeAdmin { admin: authority, next_admin };
    world.run(propose, &by).await;
    world.run(rewards::instructions::ProposeAdmin { admin: authority, next_admin }, &by).await;
    for market in [retired, left] {
        world.run(RetireMarket { authority, market }, &by).await;
    }
    (retired, left)
}

/// A stream that is over after a minute.
fn emission(now: i64, id: u64) -> Emission {
    Emission { id, amount: NOS, start: now, end: now + 60, cancellable: true }
}

/// Three who delegated to the staker: one stays, one leaves, and one's delegation is empty. The
/// first has earned, and the staker its commission.
async fn delegate(world: &World) -> [Keypair; 3] {
    let all = [world.wallet().await, world.wallet().await, world.wallet().await];
    let [backer, quitter, empty] = &all;
    let owner = &world.staker;
    world.offer(owner, 1_000).await;
    for one in [backer, quitter] {
        world.delegate(one, owner, 100 * NOS).await;
    }
    world.run(actions::open_delegation(empty.pubkey(), owner.pubkey()), &[empty]).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;
    world.pass(2 * EPOCH);
    world.undelegate(quitter, owner).await;
    all
}

/// A higher share for reporters.
fn policy(admin: Address) -> staking::instructions::ProposePolicy {
    staking::instructions::ProposePolicy { admin, min_stake: NOS, reporter_bps: 2_000 }
}

/// A policy with a higher fee.
fn loosening(admin: Address) -> ProposePolicy {
    ProposePolicy {
        admin,
        config: pda::jobs::config(),
        network_fee_bps: 1_001,
        market_deposit: 0,
        max_timeout_seconds: 86_400,
    }
}

/// The instruction with another account in this place, who signs it where the first one did.
pub fn put(instruction: &Instruction, place: usize, account: Address) -> Instruction {
    let mut changed = instruction.clone();
    changed.accounts[place].pubkey = account;
    changed
}
