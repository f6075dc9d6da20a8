//! The threads of a network. Surfpool's run loop blocks, so it has a thread and a small runtime of
//! its own; the caller's runtime may be of any kind, and may even end first.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use surfpool_core::surfnet::{locker::SurfnetSvmLocker, svm::SurfnetSvm};
use surfpool_types::{
    ClockCommand, SerialVmMutationResult, SerialVmMutationTask, SimnetCommand,
    channel::{self, Sender},
};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};

use crate::{
    events::{Phase, follow_events},
    genesis::Genesis,
    ports::Ports,
    surfpool,
};

/// How long a start may take; it takes a second on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an end may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a drop checks for the end.
const POLL_INTERVAL: Duration = Duration::from_millis(2);
/// A slot time with which surfpool's clock thread, which cannot be ended, sleeps until the process
/// ends.
const ASLEEP_SLOT_MS: u64 = 1000 * 3600 * 24 * 365 * 100;

/// A network that runs, or is starting.
pub(crate) struct RunLoop {
    vm: SurfnetSvmLocker,
    commands: Sender<SimnetCommand>,
    phase: watch::Receiver<Phase>,
}

impl RunLoop {
    pub fn spawn_threads(genesis: Genesis, ports: Ports, slot_ms: u64) -> Result<Self> {
        let Genesis { vm, events, geyser } = genesis;
        let vm = SurfnetSvmLocker::new(vm);
        let (commands, inbox) = channel::unbounded();
        let (ended, outcome) = channel::bounded(1);
        let (phase_sender, phase) = watch::channel(Phase::Starting);

        let thread_named =
            |name: &str| thread::Builder::new().name(format!("localnet-{name}-{}", ports.rpc));
        thread_named("events").spawn(move || follow_events(events, outcome, phase_sender))?;

        let run_loop = Self { vm: vm.clone(), commands: commands.clone(), phase };
        let config = surfpool::surfpool_config(ports, slot_ms);
        thread_named("loop").spawn(move || {
            let result = surfpool::run(vm, config, commands, inbox, geyser);
            // Fails if the thread of the events has ended.
            let _ = ended.send(result);
        })?;
        Ok(run_loop)
    }

    /// Waits until the servers listen.
    pub async fn wait_until_ready(&self) -> Result<()> {
        let mut phase = self.phase.clone();
        let started = timeout(START_TIMEOUT, phase.wait_for(|phase| *phase != Phase::Starting));

        match started.await.context("the local network takes too long to start")??.clone() {
            Phase::Ended(Some(reason)) => bail!("{reason}"),
            Phase::Ended(None) => bail!("the local network ended before it was ready"),
            Phase::Starting | Phase::Running => Ok(()),
        }
    }

    /// Runs `action` on the chain's state between two transactions.
    pub async fn with_vm<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut SurfnetSvm) -> T + Send + Sync + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let vm = self.vm.clone();
        let task = SerialVmMutationTask::new(move || {
            Box::pin(async move {
                // Fails if the caller no longer waits; the network continues.
                let _ = sender.send(vm.with_svm_writer(action));
                SerialVmMutationResult::NoBlock
            })
        });

        // If this fails, the sender is dropped with the task.
        let _ = self.commands.send(SimnetCommand::ProcessSerialVmMutation(task));
        receiver.await.context("the local network has stopped")
    }

    /// Terminates the run loop, and waits for its end without blocking the caller's thread.
    pub async fn stop(&self) -> Result<()> {
        self.send_terminate();

        let mut phase = self.phase.clone();
        let ended = timeout(STOP_TIMEOUT, phase.wait_for(|phase| matches!(phase, Phase::Ended(_))));
        match ended.await.context("the local network takes too long to stop")??.clone() {
            Phase::Ended(Some(reason)) => bail!("the local network failed: {reason}"),
            _ => Ok(()),
        }
    }

    fn send_terminate(&self) {
        // Both fail if the run loop has ended already.
        let asleep = ClockCommand::UpdateSlotInterval(ASLEEP_SLOT_MS);
        let _ = self.commands.send(SimnetCommand::CommandClock(None, asleep));
        let _ = self.commands.send(SimnetCommand::Terminate(None));
    }
}

impl Drop for RunLoop {
    /// Waits as well, so that the ports are free afterwards; none of the threads needs the
    /// caller's.
    fn drop(&mut self) {
        self.send_terminate();

        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.phase.has_changed().is_ok() && Instant::now() < deadline {
            thread::sleep(POLL_INTERVAL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::{config::LocalnetConfig, ports::HOST};

    /// Binds a port after it was found free, as another process may.
    async fn fail_on_lost_port(lost: impl Fn(Ports) -> u16) {
        let ports = Ports::choose_pair(0).expect("ports");
        let _other = TcpListener::bind((HOST, lost(ports))).expect("bind");
        let genesis = Genesis::new(&LocalnetConfig::default(), &[]).expect("genesis");
        let begun = Instant::now();
        let network = RunLoop::spawn_threads(genesis, ports, 50).expect("spawn");
        let error =
            format!("{:#}", network.wait_until_ready().await.expect_err("the port is lost"));
        assert!(error.contains(&lost(ports).to_string()), "{error}");
        assert!(network.with_vm(|_| ()).await.is_err());
        drop(network);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_port_lost_after_the_check_is_an_error_and_does_not_hang() {
        fail_on_lost_port(|ports| ports.rpc).await;
        fail_on_lost_port(|ports| ports.websocket).await;
    }
}
