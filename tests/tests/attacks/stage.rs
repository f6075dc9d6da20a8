//! A world in which every instruction of every program can be sent.

use nosana_client::{actions, jobs, pda, staking};
use nosana_tests::terms::{DURATION, EPOCH, HARDWARE, NOS, RESULT, VRAM_MIB, batch, challenged, terms};
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
}

impl Stage {
    pub async fn new() -> Self {
        let mut world = World::new(terms()).await;
        let challenged = world.open_market(2, challenged()).await;
        let [sponsor, leaver, gone, third, fresh] = [
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
            world.wallet().await,
        ];
        for owner in [&leaver, &gone, &third, &fresh] {
            world.stake(owner).await;
        }
        world.register(&third).await;
        for owner in [&leaver, &gone] {
            world.run(actions::unstake(owner.pubkey()), &[owner]).await;
        }
        world.pass(DURATION);
        world.run(actions::withdraw(gone.pubkey(), world.mint), &[&gone]).await;
        world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

        let market = std::mem::replace(&mut world.market, challenged);
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
        }
    }

    /// Every instruction, by its program and name.
    pub async fn instructions(&self) -> Vec<(&'static str, &'static str, Instruction)> {
        let world = &self.world;
        let (mint, market) = (world.mint, world.market);
        let [client, node, other_node, staker, stranger] =
            [&world.client, &world.node, &world.other_node, &world.staker, &world.stranger].map(Signer::pubkey);
        let queue = pda::jobs::queue(&market);
        let job = async |address: &Address| world.job(address).await;
        let running = job(&self.running).await;
        let collect = actions::collect(
            self.sponsor.pubkey(),
            self.owing,
            &job(&self.owing).await,
            world.token_account(&stranger),
        );
        let close =
            staking::instructions::Close { owner: self.gone.pubkey(), stake: pda::staking::stake(&self.gone.pubkey()) };
        vec![
            ("jobs", "open_market", world.opening(9, terms()).into()),
            ("jobs", "sweep_fees", actions::sweep_fees(market).into()),
            ("jobs", "grow_queue", jobs::instructions::GrowQueue { payer: stranger, market, queue, cells: 1 }.into()),
            ("jobs", "compact_queue", jobs::instructions::CompactQueue { market, queue, limit: 1 }.into()),
            ("jobs", "list", actions::list(client, client, market, mint, batch(9)).into()),
            (
                "jobs",
                "cancel",
                actions::cancel(self.waiting, &job(&self.waiting).await, world.cell(&self.waiting).await).into(),
            ),
            ("jobs", "stop", actions::stop(client, self.running, &running, node).into()),
            ("jobs", "register_node", actions::register_node(staker, mint, HARDWARE, VRAM_MIB, 1).into()),
            ("jobs", "work", actions::work(self.third.pubkey(), market, 1).into()),
            ("jobs", "leave", actions::leave(self.third.pubkey(), self.challenged, 0).into()),
            ("jobs", "start", actions::start(other_node, self.offered, market).into()),
            ("jobs", "heartbeat", actions::heartbeat(node, self.running, RESULT).into()),
            ("jobs", "finish", actions::finish(node, self.running, &running, node, RESULT).into()),
            ("jobs", "quit", actions::quit(node, self.running, &running, node).into()),
            ("jobs", "expire_match", actions::expire_match(self.matched, &job(&self.matched).await, other_node).into()),
            ("jobs", "expire_run", actions::expire_run(stranger, self.silent, &job(&self.silent).await, node).into()),
            ("jobs", "settle", actions::settle(self.submitted, &job(&self.submitted).await).into()),
            ("jobs", "collect", collect.into()),
            ("jobs", "clean", actions::clean(self.over, &job(&self.over).await).into()),
            ("staking", "stake", actions::stake(client, mint, NOS, DURATION).into()),
            ("staking", "unstake", actions::unstake(staker).into()),
            ("staking", "withdraw", actions::withdraw(self.leaver.pubkey(), mint).into()),
            ("staking", "close", close.into()),
            ("rewards", "enter", actions::enter(self.fresh.pubkey()).into()),
            ("rewards", "sync", actions::sync(staker).into()),
            ("rewards", "fund", actions::fund(client, mint, NOS).into()),
            ("rewards", "claim", actions::claim(staker, mint).into()),
        ]
    }

    /// Every account that an instruction names, and what an attacker could bring: accounts of every type.
    pub async fn accounts(&self) -> Vec<Address> {
        let mut all = Vec::new();
        for (_, _, instruction) in self.instructions().await {
            all.extend(instruction.accounts.iter().map(|meta| meta.pubkey));
        }
        all.extend([pda::jobs::queue(&self.challenged), pda::jobs::vault(&self.challenged), self.challenged]);
        all.sort();
        all.dedup();
        all
    }
}

/// The instruction with another account in this place, who signs it where the first one did.
pub fn put(instruction: &Instruction, place: usize, account: Address) -> Instruction {
    let mut changed = instruction.clone();
    changed.accounts[place].pubkey = account;
    changed
}
