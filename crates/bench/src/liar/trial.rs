//! The trial: who takes part in which network, and with which nodes and models.

use anyhow::{Context, Result};
use nosana_localnet::World;
use nosana_store::Store;
use nosana_worker::Worker;
use tokio::task::spawn_blocking;

use super::{
    config::LiarConfig,
    forge::Forger,
    jobs::Checker,
    nodes::{Duty, RunningNode, await_enrolment, prepare_node},
    people::People,
};
use crate::{progress::Part, wait::Stopwatch};

/// A panelist is enrolled before the second in which a result is submitted.
const ENROLMENT_SECONDS: u64 = 2;

/// A running trial.
pub struct Trial<'a> {
    pub config: &'a LiarConfig,
    pub world: &'a World,
    pub store: &'a Store,
    pub people: &'a People,
    pub watch: Stopwatch,
}

/// The real nodes: the panel judges already, the two others are prepared.
pub struct RealNodes {
    pub honest: Worker,
    pub fisherman: Worker,
    pub panel: Vec<RunningNode>,
    /// The device on which they work.
    pub device: String,
}

impl Trial<'_> {
    /// Prepares the real nodes one after the other, because each measures the device.
    pub async fn prepare_nodes(&self, part: &Part) -> Result<RealNodes> {
        let Self { world, store, people, .. } = self;
        let mut panel = Vec::with_capacity(people.panel.len());
        for owner in &people.panel {
            part.set_step(format!("preparing the {}", owner.name));
            let worker = prepare_node(world, store, owner, Duty::Panel).await?;
            panel.push(RunningNode::start(owner, worker));
        }

        part.set_step("preparing the fisherman and the honest node");
        let fisherman = prepare_node(world, store, &people.fisherman, Duty::Fishing).await?;
        let honest = prepare_node(world, store, &people.honest, Duty::Jobs).await?;
        await_enrolment(world, &people.panel, self.config.patience).await?;
        world.network.advance_seconds(ENROLMENT_SECONDS).await?;

        let hardware = honest.hardware_commitment();
        let device = format!("{} ({})", hardware.device, hardware.backend);
        Ok(RealNodes { honest, fisherman, panel, device })
    }

    /// Opens the models of the cheating nodes, and those with which the client checks results.
    pub async fn open_models(&self, part: &Part) -> Result<(Forger, Checker)> {
        part.set_step("making a small model");
        let store = self.store.clone();
        let folder = self.config.out.clone();
        let opening = spawn_blocking(move || {
            anyhow::Ok((Forger::open(&store, &folder)?, Checker::open(&store)?))
        });
        opening.await.context("opening the models crashed")?
    }
}
