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
    events::{Phase, follow},
    genesis::Genesis,
    ports::Ports,
    surfpool,
};

/// How long a start may take; it needs a second on a busy machine.
const START: Duration = Duration::from_secs(60);
/// How long an end may take.
const STOP: Duration = Duration::from_secs(10);
/// A slot time at which surfpool's clock thread, which cannot be ended, sleeps until the process is
/// over.
const ASLEEP_MS: u64 = 1000 * 3600 * 24 * 365 * 100;

/// A network that runs, or is about to.
pub(crate) struct RunLoop {
    vm: SurfnetSvmLocker,
    commands: Sender<SimnetCommand>,
    phase: watch::Receiver<Phase>,
}

impl RunLoop {
    pub fn spawn(genesis: Genesis, ports: Ports, slot_ms: u64) -> Result<Self> {
        let Genesis { vm, events, geyser } = genesis;
        let vm = SurfnetSvmLocker::new(vm);
        let (commands, inbox) = channel::unbounded();
        let (ended, outcome) = channel::bounded(1);
        let (phase_of, phase) = watch::channel(Phase::Starting);
        let this = Self { vm, commands, phase };

        let spawn =
            |name: &str| thread::Builder::new().name(format!("localnet-{name}-{}", ports.rpc));
        spawn("events").spawn(move || follow(events, outcome, phase_of))?;
        let (vm, commands) = (this.vm.clone(), this.commands.clone());
        spawn("loop").spawn(move || {
            // Nobody is left to tell when the receiver is gone.
            let _ = ended.send(surfpool::run(
                vm,
                surfpool::settings(ports, slot_ms),
                commands,
                inbox,
                geyser,
            ));
        })?;
        Ok(this)
    }

    /// Waits until the servers listen.
    pub async fn ready(&self) -> Result<()> {
        let mut phase = self.phase.clone();
        let phase = timeout(START, phase.wait_for(|phase| *phase != Phase::Starting));
        match phase.await.context("the local network takes too long to start")??.clone() {
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
        let (reply, answer) = oneshot::channel();
        let vm = self.vm.clone();
        let task = SerialVmMutationTask::new(move || {
            Box::pin(async move {
                // A caller that no longer waits is no reason to stop.
                let _ = reply.send(vm.with_svm_writer(action));
                SerialVmMutationResult::NoBlock
            })
        });
        // Where this cannot be sent, the reply is dropped with it.
        let _ = self.commands.send(SimnetCommand::ProcessSerialVmMutation(task));
        answer.await.context("the local network has stopped")
    }

    /// Asks the run loop to end, and waits for it without blocking the caller's thread.
    pub async fn stop(&self) -> Result<()> {
        self.terminate();
        let mut phase = self.phase.clone();
        let ended = timeout(STOP, phase.wait_for(|phase| matches!(phase, Phase::Ended(_))));
        match ended.await.context("the local network takes too long to stop")??.clone() {
            Phase::Ended(Some(reason)) => bail!("the local network failed: {reason}"),
            _ => Ok(()),
        }
    }

    fn terminate(&self) {
        // The run loop may be over already, and then there is nobody to take these.
        let asleep = ClockCommand::UpdateSlotInterval(ASLEEP_MS);
        let _ = self.commands.send(SimnetCommand::CommandClock(None, asleep));
        let _ = self.commands.send(SimnetCommand::Terminate(None));
    }
}

impl Drop for RunLoop {
    /// Waits as well, so that the ports are free afterwards; none of the threads needs the
    /// caller's.
    fn drop(&mut self) {
        self.terminate();
        let deadline = Instant::now() + STOP;
        while self.phase.has_changed().is_ok() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::{config::LocalnetConfig, ports::HOST};

    /// As when another process binds the port after it was found free.
    async fn start_on_lost_port(lost: impl Fn(Ports) -> u16) {
        let ports = Ports::choose(0).expect("ports");
        let _thief = TcpListener::bind((HOST, lost(ports))).expect("bind");
        let genesis = Genesis::build(&LocalnetConfig::default(), &[]).expect("genesis");
        let begun = Instant::now();
        let network = RunLoop::spawn(genesis, ports, 50).expect("spawn");
        let error = format!("{:#}", network.ready().await.expect_err("the port is lost"));
        assert!(error.contains(&lost(ports).to_string()), "{error}");
        assert!(network.with_vm(|_| ()).await.is_err());
        drop(network);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_port_lost_after_the_check_is_an_error_and_no_hang() {
        start_on_lost_port(|ports| ports.rpc).await;
        start_on_lost_port(|ports| ports.websocket).await;
    }
}
