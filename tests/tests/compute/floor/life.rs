//! A job's life, in which each instruction is measured beside its floor. Both are simulated in the
//! same state, and then the instruction is sent.

use nosana_client::{
    actions::{self, NO_TRACE},
    jobs::{self, accounts::Market},
};
use nosana_tests::{
    Chain, Lite, World,
    programs::{deployed, read_program},
    terms::{RESULT, batch, challenged, terms},
};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::{
    Floor,
    logged::{called_programs, logged_bytes},
    minimal_call::replace_instruction,
    rows::{ROWS, find_row},
};
use crate::meter::nonce_with_first_bump;

/// The accounts of a program: its code, and what points to it.
type Code = [(Address, Account); 2];

/// A world in which jobs live.
struct Life {
    world: World<Lite>,
    /// The jobs program.
    jobs: Code,
    /// The program of the floors, at the same address.
    floor: Code,
    /// The nonce of the last job.
    nonce: u64,
    measured: Vec<Floor>,
}

/// Measures the floor of every row.
pub async fn measure_floors() -> Vec<Floor> {
    let mut life = Life::new().await;
    life.measure_run().await;
    life.measure_refund().await;
    life.measure_window().await;

    let missing = ROWS.iter().find(|row| life.measured.iter().all(|it| it.label != row.label));
    assert!(missing.is_none(), "{} is not measured", missing.map_or("", |row| row.label));
    life.measured
}

impl Life {
    /// A world in which the node has run a job, so that its collateral is locked.
    async fn new() -> Self {
        let world = World::<Lite>::new(terms()).await;
        let deployer = world.deployer.pubkey();
        let code = |name| deployed(&jobs::ID, &read_program(name), Some(&deployer));
        let mut life = Self {
            world,
            jobs: code("nosana_jobs"),
            floor: code("nosana_floor"),
            nonce: 0,
            measured: Vec::new(),
        };

        let job = life.run_job().await;
        life.world.finish(&life.world.node, &job).await;
        life
    }

    /// From the listing of a job to its end without a challenge window, and its closing.
    async fn measure_run(&mut self) {
        let node = self.world.node.pubkey();
        let job = self.list(Some("jobs.list")).await;
        let work = actions::work(node, self.world.market, 1);
        self.measure("jobs.work, a job waits", work).await;
        self.world.work(&self.world.node).await;
        let start = actions::start(node, job, &self.world.job(&job).await);
        self.measure("jobs.start", start).await;
        self.world.start(&self.world.node, &job).await;

        self.world.advance_clock(30);
        let attempt = self.world.job(&job).await.attempt_id;
        self.measure("jobs.heartbeat", actions::heartbeat(node, job, attempt, [0; 32], 0)).await;
        self.world.heartbeat(&self.world.node, &job).await;
        self.finish("jobs.finish", &job).await;

        self.world.advance_clock(terms().retention_seconds.into());
        let clean = actions::clean(job, &self.world.job(&job).await);
        self.measure("jobs.clean", clean).await;
        self.world.clean(&job).await;
    }

    /// A job that its client withdraws.
    async fn measure_refund(&mut self) {
        let job = self.list(None).await;
        let cell = self.world.cell(&job).await;
        let cancel = actions::cancel(job, &self.world.job(&job).await, cell);
        self.measure("jobs.cancel", cancel).await;
        self.world.cancel(&job).await;
    }

    /// A result with a challenge window, which the client may end.
    async fn measure_window(&mut self) {
        self.world.market = self.world.open_market(2, challenged()).await;
        let node = self.world.node.pubkey();
        let job = self.run_job().await;
        self.finish("jobs.finish, to be settled", &job).await;

        let stored = self.world.job(&job).await;
        let accept = actions::accept(self.world.client.pubkey(), job, &stored, node);
        self.measure("jobs.accept", accept).await;

        self.world.advance_clock(challenged().challenge_seconds.into());
        let settle = actions::settle(self.world.stranger.pubkey(), job, &stored, node);
        self.measure("jobs.settle", settle).await;
    }

    /// Lists a job whose address has the first bump; measures it if there is a label.
    async fn list(&mut self, label: Option<&'static str>) -> Address {
        let client = self.world.client.pubkey();
        self.nonce = nonce_with_first_bump(&client, self.nonce + 1);
        let order = batch(self.nonce);
        let list = actions::list(client, client, self.world.market, self.world.mint, order);
        let job = list.job;

        if let Some(label) = label {
            self.measure(label, list.clone()).await;
        }
        self.world.run(list, &[&self.world.client]).await;
        job
    }

    /// Lists a job and lets the node run it for half a minute.
    async fn run_job(&mut self) -> Address {
        let job = self.list(None).await;
        self.world.work_and_start(&self.world.node, &job).await;
        self.world.advance_clock(30);
        job
    }

    /// Measures the submission of a result, and submits it.
    async fn finish(&mut self, label: &'static str, job: &Address) {
        let node = self.world.node.pubkey();
        let stored = self.world.job(job).await;
        self.measure(label, actions::finish(node, *job, &stored, node, RESULT, NO_TRACE)).await;
        self.world.finish(&self.world.node, job).await;
    }

    /// Measures the floor of an instruction, which could be sent now.
    async fn measure(&mut self, label: &'static str, instruction: impl Into<Instruction>) {
        let row = find_row(label);
        let instruction = instruction.into();
        let market: Market = self.world.get(&self.world.market).await;
        let expected = self.world.simulate(&instruction).expect("the instruction succeeds");
        let event_bytes = logged_bytes(&expected);
        let minimal_call = replace_instruction(row, &instruction, &market, event_bytes);

        self.place_code(&self.floor);
        let floor = self.world.simulate(&minimal_call);
        self.place_code(&self.jobs);

        let floor = floor.expect("the floor succeeds");
        assert_eq!(logged_bytes(&floor), event_bytes, "{label}: bytes of the event");
        assert_eq!(called_programs(&floor), called_programs(&expected), "{label}: calls");
        self.measured.push(Floor { label, units: floor.compute_units, reason: row.reason });
    }

    /// Places code at the address of the jobs program.
    fn place_code(&self, code: &Code) {
        for (address, account) in code {
            self.world.chain.set_account(address, account.clone());
        }
    }
}
