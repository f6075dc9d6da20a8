//! A world in which every instruction of every program can be sent: wallets, jobs and markets, each
//! in the state that one instruction requires.

use nosana_client::{
    actions::{self, Emission, JobListing},
    jobs::{
        instructions::{
            ProposeAdmin, ProposeMarketAuthority, ProposePolicy, ProposeTerms, RetireMarket,
        },
        types::MarketTerms,
    },
    pda, rewards, staking,
};
use nosana_tests::terms::{DURATION, EPOCH, NOS, batch, challenged, terms};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{World, disputed::Disputes};

/// A world, and the wallets, jobs and markets that single instructions require.
pub struct Fixture {
    pub world: World,
    pub disputes: Disputes,
    /// A market with a challenge window.
    pub challenged: Address,
    /// Pays for `owing`; next admin and authority of everything.
    pub sponsor: Keypair,
    /// Its stake is at the end of its cooldown.
    pub leaver: Keypair,
    /// Its stake is withdrawn.
    pub gone: Keypair,
    /// Its node waits in `challenged`.
    pub third: Keypair,
    /// Has a stake without a position.
    pub fresh: Keypair,
    /// A job that waits in the queue.
    pub waiting: Address,
    /// A job that a node took.
    pub claimed: Address,
    /// A job that a waiting node did not start in time.
    pub matched: Address,
    pub running: Address,
    /// A running job whose heartbeat is overdue.
    pub silent: Address,
    /// A job whose challenge window is over.
    pub submitted: Address,
    /// A job whose challenge window is not over.
    pub submitted_early: Address,
    /// A settled job that owes a refund.
    pub owing: Address,
    /// A settled job that owes less than a thousandth of a NOS.
    pub dust: Address,
    /// A settled job after its retention.
    pub over: Address,
    /// A retired market that is empty.
    pub retired: Address,
    /// A retired market in which `dear` waits.
    pub left: Address,
    pub dear: Keypair,
    /// Has a node without a slot in use.
    pub idle: Keypair,
    /// A job that waited for too long.
    pub old: Address,
    /// Has a stake of a short duration.
    pub short: Keypair,
    /// Delegates to the staker.
    pub backer: Keypair,
    /// Delegates to the staker, after its cooldown.
    pub quitter: Keypair,
    /// Has an empty delegation to the staker.
    pub empty: Keypair,
}

impl Fixture {
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

        let [backer, quitter, empty] = open_delegations(&world).await;
        world.advance_clock(DURATION);
        world.run(actions::withdraw(gone.pubkey(), world.mint), &[&gone]).await;

        let (retired, left) = announce_changes(&world, &sponsor, &dear).await;

        let short = world.wallet().await;
        world
            .run(actions::open_stake(short.pubkey(), world.mint, NOS, DURATION / 2), &[&short])
            .await;

        let stream =
            actions::open_stream(world.client.pubkey(), world.mint, emission(world.now(), 1));
        world.run(stream, &[&world.client]).await;
        world.advance_clock(4 * 86_400);
        world
            .run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client])
            .await;

        let disputes = Disputes::new(&mut world).await;
        world.donate(&world.stranger, &pda::rewards::vault(), 1).await;

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
        let short_order = JobListing { timeout_seconds: 10, ..batch(12) };
        let dust = world.list_for(&world.client, &sponsor, short_order).await;
        world.close_tokens(&sponsor).await;
        world.cancel(&owing).await;
        world.cancel(&dust).await;

        let over = world.list(batch(3)).await;
        world.work_and_start(&world.node, &over).await;
        world.advance_clock(30);
        world.finish(&world.node, &over).await;
        world.advance_clock(2 * EPOCH);

        let silent = world.list(batch(4)).await;
        world.work_and_start(&world.node, &silent).await;
        world.work(&world.other_node).await;
        let matched = world.list(batch(5)).await;
        world.advance_clock(121);

        let market = std::mem::replace(&mut world.market, challenged);
        let submitted_early = world.list(batch(13)).await;
        world.start(&third, &submitted_early).await;
        world.finish(&third, &submitted_early).await;
        world.work(&third).await;
        world.market = market;

        let running = world.list(batch(6)).await;
        world.work_and_start(&world.node, &running).await;
        let claimed = world.list(batch(7)).await;
        world.work(&world.other_node).await;
        let waiting = world.list(batch(8)).await;

        Self {
            world,
            disputes,
            challenged,
            sponsor,
            leaver,
            gone,
            third,
            fresh,
            waiting,
            claimed,
            matched,
            running,
            silent,
            submitted,
            submitted_early,
            owing,
            dust,
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
}

/// Announces a policy, terms, an admin and an authority, and retires two markets: one that is
/// empty, and one in which `dear` waits.
async fn announce_changes(world: &World, next: &Keypair, dear: &Keypair) -> (Address, Address) {
    let by = [&world.deployer];
    let authority = world.deployer.pubkey();
    let config = pda::jobs::config();
    let market = world.market;
    let (retired, left) =
        (world.open_market(3, terms()).await, world.open_market(4, terms()).await);
    world.run(actions::work(dear.pubkey(), left, 1), &[dear]).await;
    world.run(looser_policy(authority), &by).await;
    world.run(staking_policy(authority), &by).await;
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

/// Returns a stream of one minute.
pub fn emission(now: i64, id: u64) -> Emission {
    Emission { id, amount: NOS, start: now, end: now + 60, cancellable: true }
}

/// Opens three delegations to the staker: one stays, one is in its cooldown, and one is empty. The
/// first has earned, and the staker its commission.
async fn open_delegations(world: &World) -> [Keypair; 3] {
    let all = [world.wallet().await, world.wallet().await, world.wallet().await];
    let [backer, quitter, empty] = &all;
    let owner = &world.staker;
    world.accept_delegations(owner, 1_000).await;
    for one in [backer, quitter] {
        world.delegate(one, owner, 100 * NOS).await;
    }
    world.run(actions::open_delegation(empty.pubkey(), owner.pubkey()), &[empty]).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(2 * EPOCH);
    world.undelegate(quitter, owner).await;
    all
}

/// Returns a staking policy with a higher share for reporters.
pub fn staking_policy(admin: Address) -> staking::instructions::ProposePolicy {
    staking::instructions::ProposePolicy { admin, min_stake: NOS, reporter_bps: 2_000 }
}

/// Returns a jobs policy with a higher fee.
pub fn looser_policy(admin: Address) -> ProposePolicy {
    ProposePolicy {
        admin,
        config: pda::jobs::config(),
        network_fee_bps: 1_001,
        market_deposit: 0,
        max_timeout_seconds: 86_400,
    }
}
