//! Kills the node at random moments, and starts it again at once.

use std::{process::ExitStatus, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::{jobs::accounts::Node, pda};
use nosana_localnet::World;
use nosana_protocol::slot::SlotState;
use serde::Serialize;
use solana_signer::Signer;
use tokio::{
    process::Child,
    time::{Instant, sleep, timeout_at},
};

use super::{config::FaultsConfig, lifetimes::Lifetimes, process::NodeLauncher};
use crate::wait::Stopwatch;

/// The pause between two reads of an account.
pub const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The pause before a node that ended by itself is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LifeEnd {
    /// The harness killed it at random.
    Killed,
    /// It ended without a signal of the harness.
    ByItself,
    /// It lived until all jobs had ended.
    Survived,
}

/// One process of the node. Times are milliseconds of the trial's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NodeLife {
    /// When it was started.
    pub started_ms: u64,
    /// When it ended.
    pub ended_ms: u64,
    /// How it ended.
    pub end: LifeEnd,
}

/// Keeps the node running between its kills.
pub struct NodeKeeper<'a> {
    launcher: &'a NodeLauncher,
    lifetimes: Lifetimes,
    watch: Stopwatch,
    process: Child,
    started_ms: u64,
    lives: Vec<NodeLife>,
}

impl<'a> NodeKeeper<'a> {
    /// Starts the first process.
    pub fn start(
        launcher: &'a NodeLauncher,
        config: &FaultsConfig,
        watch: Stopwatch,
    ) -> Result<Self> {
        let lifetimes = Lifetimes::from_seed(config.seed, config.mean_life);
        let process = launcher.launch()?;
        let started_ms = watch.elapsed_ms();

        Ok(Self { launcher, lifetimes, watch, process, started_ms, lives: Vec::new() })
    }

    /// Waits until the node is registered and waits in the queue. The first start measures the
    /// device, which no later one does.
    pub async fn await_ready(&mut self, world: &World, patience: Duration) -> Result<Node> {
        let address = pda::jobs::node(&world.node.pubkey());
        let log = self.launcher.log_path().display();
        let deadline = Instant::now() + patience;

        loop {
            if let Some(node) = world.session.find_account::<Node>(&address).await?
                && node.slots.iter().any(|slot| slot.state == SlotState::Waiting as u8)
            {
                return Ok(node);
            }
            if let Some(status) = self.find_exit()? {
                bail!("the node ended before it was ready ({status}); {log} has its messages");
            }
            ensure!(
                Instant::now() < deadline,
                "the node was not ready within {} s; {log} has its messages, and a slower machine \
                 needs more patience",
                patience.as_secs()
            );
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Kills and restarts the node until the deadline. The last process lives on.
    pub async fn kill_until(&mut self, deadline: Instant) -> Result<()> {
        loop {
            let kill_at = Instant::now() + self.lifetimes.draw_life();
            let ended = timeout_at(kill_at.min(deadline), self.process.wait()).await;

            match ended {
                Ok(status) => {
                    status.context("cannot wait for the node")?;
                    sleep(RESTART_PAUSE).await;
                    self.restart_node(LifeEnd::ByItself)?;
                }
                Err(_) if kill_at >= deadline => return Ok(()),
                Err(_) => {
                    self.process.kill().await.context("cannot kill the node")?;
                    self.restart_node(LifeEnd::Killed)?;
                }
            }
        }
    }

    /// Starts the node again if it has ended by itself.
    pub fn restart_if_ended(&mut self) -> Result<()> {
        match self.find_exit()? {
            Some(_) => self.restart_node(LifeEnd::ByItself),
            None => Ok(()),
        }
    }

    /// The kills so far.
    pub fn count_kills(&self) -> usize {
        self.lives.iter().filter(|life| life.end == LifeEnd::Killed).count()
    }

    /// Ends the last process, and returns all lives in their order.
    pub async fn stop(mut self) -> Result<Vec<NodeLife>> {
        let end = match self.find_exit()? {
            Some(_) => LifeEnd::ByItself,
            None => {
                self.process.kill().await.context("cannot end the node")?;
                LifeEnd::Survived
            }
        };
        self.record_end(end);
        Ok(self.lives)
    }

    fn find_exit(&mut self) -> Result<Option<ExitStatus>> {
        self.process.try_wait().context("cannot wait for the node")
    }

    fn restart_node(&mut self, end: LifeEnd) -> Result<()> {
        self.record_end(end);
        self.process = self.launcher.launch()?;
        self.started_ms = self.watch.elapsed_ms();
        Ok(())
    }

    fn record_end(&mut self, end: LifeEnd) {
        let ended_ms = self.watch.elapsed_ms();
        self.lives.push(NodeLife { started_ms: self.started_ms, ended_ms, end });
    }
}
