//! A job's life, in which each instruction is measured beside its floor. Both are simulated in the
//! same state, and then the instruction is sent.

use nosana_client::actions;
use nosana_tests::{
    Lite, World,
    terms::{challenged, terms},
};
use solana_signer::Signer;

use super::{Floor, program_code::ProgramCode, rows::list_rows};

/// A world in which jobs live.
pub struct Life {
    /// The runtime with its accounts.
    pub world: World<Lite>,
    /// The programs, and the program of the floors at their addresses.
    pub code: [ProgramCode; 3],
    /// The nonce of the last job.
    pub nonce: u64,
    /// What was measured so far.
    pub measured: Vec<Floor>,
}

/// Measures the floor of every row.
pub async fn measure_floors() -> Vec<Floor> {
    let mut life = Life::new().await;
    life.measure_run().await;
    life.measure_refund().await;
    life.measure_stop().await;
    life.measure_credit().await;
    life.measure_window().await;
    life.measure_waiting().await;
    life.measure_rewards().await;
    life.measure_stake().await;

    let missing = list_rows().find(|row| life.measured.iter().all(|it| it.label != row.label));
    assert!(missing.is_none(), "{} is not measured", missing.map_or("", |row| row.label));
    life.measured
}

impl Life {
    /// A world in which the node has run a job, so that its collateral is locked.
    async fn new() -> Self {
        let world = World::<Lite>::new(terms()).await;
        let code = ProgramCode::read_all(&world.deployer.pubkey());
        let mut life = Self { world, code, nonce: 0, measured: Vec::new() };

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

    /// A result with a challenge window, in which the client may accept or reject it.
    async fn measure_window(&mut self) {
        self.world.market = self.world.open_market(2, challenged()).await;
        let node = self.world.node.pubkey();
        let job = self.run_job().await;
        self.finish("jobs.finish, to be settled", &job).await;

        let client = self.world.client.pubkey();
        let stored = self.world.job(&job).await;
        let reject = actions::reject(client, job, &stored, node, false);
        self.measure("jobs.reject, to settle", reject).await;
        let accept = actions::accept(client, job, &stored, node);
        self.measure("jobs.accept", accept).await;

        self.world.advance_clock(challenged().challenge_seconds.into());
        let settle = actions::settle(self.world.stranger.pubkey(), job, &stored, node);
        self.measure("jobs.settle", settle).await;
    }
}
