//! What the commands of all jobs on this machine may use together. A job that would be ended
//! because of another one's memory is not this machine's to take: its client would pay for that
//! end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Error, Result};
use nosana_job_spec::{JobDefinition, Operation};
use nosana_sandbox::{Host, Limits};

use super::commands::limits;

/// What is promised to jobs.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(Arc<Mutex<Promised>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Promised {
    memory_bytes: u64,
    processes: u64,
    disk_bytes: u64,
}

/// Room for one job, until this is dropped.
#[derive(Debug)]
#[must_use = "the room is given back when this is dropped"]
pub struct Reserved {
    ledger: Ledger,
    promised: Promised,
}

impl Ledger {
    /// Room for a job beside those that there are.
    ///
    /// # Errors
    /// If the machine has less left; says of what.
    pub fn reserve(&self, definition: &JobDefinition, host: &Host) -> Result<Reserved> {
        let needs = needs(definition);
        let mut promised = self.lock();
        let left = Host {
            memory_bytes: host.memory_bytes.saturating_sub(promised.memory_bytes),
            processes: host.processes.saturating_sub(promised.processes),
            disk_bytes: host.disk_bytes.saturating_sub(promised.disk_bytes),
            // With fewer cores than it may use, a command is only slower.
            cpus: u64::MAX,
        };
        let Promised { memory_bytes, processes, disk_bytes } = needs;
        if let Err(error) =
            left.fits(&Limits { memory_bytes, processes, disk_bytes, ..Limits::default() })
        {
            let alone = *promised == Promised::default();
            return Err(if alone {
                error.into()
            } else {
                Error::new(error).context("beside the jobs that run here")
            });
        }
        promised.add(needs);
        Ok(Reserved { ledger: self.clone(), promised: needs })
    }

    /// Room for a job that was started before this process was, whether there is any or not.
    pub fn insist(&self, definition: &JobDefinition) -> Reserved {
        let promised = needs(definition);
        self.lock().add(promised);
        Reserved { ledger: self.clone(), promised }
    }

    fn lock(&self) -> MutexGuard<'_, Promised> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Promised {
    fn add(&mut self, other: Self) {
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.processes = self.processes.saturating_add(other.processes);
        self.disk_bytes = self.disk_bytes.saturating_add(other.disk_bytes);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut promised = self.ledger.lock();
        promised.memory_bytes = promised.memory_bytes.saturating_sub(self.promised.memory_bytes);
        promised.processes = promised.processes.saturating_sub(self.promised.processes);
        promised.disk_bytes = promised.disk_bytes.saturating_sub(self.promised.disk_bytes);
    }
}

/// The most that any operation may use: they run one after the other. Containers are the engine's
/// to bound.
fn needs(definition: &JobDefinition) -> Promised {
    let mut most = Promised::default();
    for operation in &definition.ops {
        let Operation::CommandRun { args, .. } = operation else { continue };
        let limits = limits(&args.limits, false);
        most.memory_bytes = most.memory_bytes.max(limits.memory_bytes);
        most.processes = most.processes.max(limits.processes);
        most.disk_bytes = most.disk_bytes.max(limits.disk_bytes);
    }
    most
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::{CommandArgs, CommandLimits};

    use super::*;

    fn job(memory_mib: &[u64]) -> JobDefinition {
        let operation = |(index, memory_mib): (usize, &u64)| {
            let limits = CommandLimits {
                memory_mib: Some(*memory_mib),
                disk_mib: Some(1),
                ..CommandLimits::default()
            };
            Operation::CommandRun {
                id: format!("op-{index}"),
                args: CommandArgs { limits, ..CommandArgs::default() },
            }
        };
        JobDefinition::new(memory_mib.iter().enumerate().map(operation).collect())
    }

    #[test]
    fn jobs_are_added_up_and_operations_are_not() {
        let host =
            Host { memory_bytes: 1000 << 20, cpus: 1, processes: 10_000, disk_bytes: 1 << 30 };
        let ledger = Ledger::default();
        let alone = format!("{:#}", ledger.reserve(&job(&[1001]), &host).unwrap_err());
        assert!(
            alone.starts_with("the job may use 1001 MiB of memory, this machine has 1000 MiB"),
            "{alone}"
        );
        let first = ledger.reserve(&job(&[600, 300]), &host).unwrap();
        let second = ledger.reserve(&job(&[400]), &host).unwrap();
        let refused = format!("{:#}", ledger.reserve(&job(&[16]), &host).unwrap_err());
        assert!(refused.starts_with("beside the jobs that run here: "), "{refused}");
        // Inference uses none of this.
        drop(ledger.reserve(&job(&[]), &host).unwrap());
        let resumed = ledger.insist(&job(&[2000]));
        drop(first);
        assert!(ledger.reserve(&job(&[16]), &host).is_err());
        drop((second, resumed));
        assert_eq!(*ledger.lock(), Promised::default());
        drop(ledger.reserve(&job(&[1000]), &host).unwrap());
    }
}
