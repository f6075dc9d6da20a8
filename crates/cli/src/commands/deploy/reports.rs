//! Reads the reports of replicas beside everything else: a node may be slow.

use std::collections::{HashMap, HashSet};

use nosana_job_spec::ContentId;
use solana_address::Address;
use tokio::task::JoinSet;

use super::{
    readiness::{Readiness, read_readiness},
    replica::Replica,
};
use crate::commands::context::CliContext;

/// What is known of a replica's last report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<'a> {
    /// Its node has not reported yet, or the report cannot be read.
    Unknown,
    /// It is being read.
    Pending,
    /// It was read.
    Known(&'a Readiness),
}

/// A report that was read; `None` if it cannot be.
struct ReadReport {
    job: Address,
    report: ContentId,
    readiness: Option<Readiness>,
}

/// The last reports of a deployment's replicas.
#[derive(Default)]
pub struct Reports {
    /// They end with this value, some seconds later at most.
    tasks: JoinSet<ReadReport>,
    pending: HashSet<Address>,
    /// By the job: the last report that was read, or was tried to be.
    known: HashMap<Address, (ContentId, Option<Readiness>)>,
}

impl Reports {
    /// Collects what was read, and begins to read what is new or was not readable.
    pub fn update(&mut self, ctx: &CliContext, replicas: &[Replica]) {
        while let Some(read) = self.tasks.try_join_next() {
            self.note_read(read.ok());
        }
        let active = replicas.iter().filter(|replica| replica.is_active());
        let active: HashSet<Address> = active.map(|replica| replica.address).collect();
        self.known.retain(|job, _| active.contains(job));

        for replica in replicas.iter().filter(|replica| replica.is_active()) {
            let Some(report) = replica.report else { continue };
            let is_known = self.find_known(replica.address, report).flatten().is_some();
            if !is_known && self.pending.insert(replica.address) {
                spawn_reading(&mut self.tasks, ctx, replica, report);
            }
        }
    }

    /// Reads the reports of all replicas, and waits until they are read.
    pub async fn read_all(ctx: &CliContext, replicas: &[Replica]) -> Self {
        let mut reports = Self::default();
        reports.update(ctx, replicas);

        while let Some(read) = reports.tasks.join_next().await {
            reports.note_read(read.ok());
        }
        reports
    }

    /// What the last report of a replica says.
    pub fn find_reading(&self, replica: &Replica) -> Reading<'_> {
        let Some(report) = replica.report else { return Reading::Unknown };

        match self.find_known(replica.address, report) {
            Some(Some(readiness)) => Reading::Known(readiness),
            Some(None) => Reading::Unknown,
            None => Reading::Pending,
        }
    }

    /// The outer `None`: nobody has tried to read it yet.
    fn find_known(&self, job: Address, report: ContentId) -> Option<Option<&Readiness>> {
        let (known, readiness) = self.known.get(&job)?;
        (*known == report).then_some(readiness.as_ref())
    }

    fn note_read(&mut self, read: Option<ReadReport>) {
        let Some(ReadReport { job, report, readiness }) = read else { return };
        self.pending.remove(&job);
        self.known.insert(job, (report, readiness));
    }
}

fn spawn_reading(
    tasks: &mut JoinSet<ReadReport>,
    ctx: &CliContext,
    replica: &Replica,
    report: ContentId,
) {
    let Replica { address, definition, is_private, .. } = *replica;
    let store = ctx.open_content(address, is_private);

    tasks.spawn_blocking(move || {
        let read = store.and_then(|store| read_readiness(store, &definition, &report));
        let readiness = read.inspect_err(|error| {
            tracing::debug!(job = %address, "cannot read the node's report: {error:#}");
        });
        ReadReport { job: address, report, readiness: readiness.ok() }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::deploy::replica::Phase;

    #[test]
    fn a_report_is_known_until_the_next_one() {
        let id = |byte| ContentId::from_digest([byte; 32]);
        let replica = Replica::with_phase(1, Phase::Waiting);
        let with_report = |byte| Replica { report: Some(id(byte)), ..replica };
        let job = replica.address;
        let readiness = Readiness::new(&[], &[]);

        let mut reports = Reports::default();
        assert_eq!(reports.find_reading(&replica), Reading::Unknown);
        assert_eq!(reports.find_reading(&with_report(1)), Reading::Pending);
        let read = |report, readiness| Some(ReadReport { job, report, readiness });
        reports.note_read(read(id(1), Some(readiness.clone())));
        assert_eq!(reports.find_reading(&with_report(1)), Reading::Known(&readiness));

        assert_eq!(reports.find_reading(&with_report(2)), Reading::Pending);
        reports.note_read(read(id(2), None));
        assert_eq!(reports.find_reading(&with_report(2)), Reading::Unknown);
    }
}
