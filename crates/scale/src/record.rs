//! What is counted in one market, in the measured time.

use crate::time::{Nanos, to_seconds};

/// What is counted in one market, in the measured time.
#[derive(Clone, Debug)]
pub struct Record {
    from: Nanos,
    to: Nanos,
    /// Jobs that clients listed.
    pub listed: u64,
    /// Seconds from the client's `list` to the first start, of the jobs that were listed in the
    /// measured time.
    pub waits: Vec<f64>,
    /// First starts in the measured time, of jobs that were listed in it or before.
    pub begun: u64,
    /// Jobs with a result.
    pub finished: u64,
    /// Jobs that returned to the queue.
    pub returned: u64,
    /// Jobs that were tried too often.
    pub exhausted: u64,
    /// Matches that ended because the node did not start.
    pub late_starts: u64,
    /// Failures of nodes.
    pub failures: u64,
    /// When the last result landed, measured or not.
    pub last_finish: Nanos,
    /// Slots that compute now, and since when they are so many.
    busy: i64,
    busy_since: Nanos,
    /// Slot-seconds of computation.
    busy_seconds: f64,
}

impl Record {
    /// Returns an empty record of the time between two moments.
    pub const fn new((from, to): (Nanos, Nanos)) -> Self {
        Self {
            from,
            to,
            listed: 0,
            waits: Vec::new(),
            begun: 0,
            finished: 0,
            returned: 0,
            exhausted: 0,
            late_starts: 0,
            failures: 0,
            last_finish: 0,
            busy: 0,
            busy_since: 0,
            busy_seconds: 0.0,
        }
    }

    fn is_measured(&self, time: Nanos) -> bool {
        (self.from..self.to).contains(&time)
    }

    /// Counts a job that was listed now.
    pub fn count_listed(&mut self, now: Nanos) {
        self.listed += u64::from(self.is_measured(now));
    }

    /// Counts the first start of a job.
    pub fn count_started(&mut self, sent: Nanos, now: Nanos) {
        self.begun += u64::from(self.is_measured(now));
        if self.is_measured(sent) {
            self.waits.push(to_seconds(now - sent));
        }
    }

    /// Returns the number of jobs that were listed in the measured time and have not started.
    pub const fn count_unstarted(&self) -> u64 {
        self.listed - self.waits.len() as u64
    }

    /// Counts a result.
    pub fn count_finished(&mut self, now: Nanos) {
        self.finished += u64::from(self.is_measured(now));
        self.last_finish = now;
    }

    /// Counts a job that returns to the queue.
    pub fn count_return(&mut self, now: Nanos) {
        self.returned += u64::from(self.is_measured(now));
    }

    /// Counts a job that was tried too often.
    pub fn count_exhausted(&mut self, now: Nanos) {
        self.exhausted += u64::from(self.is_measured(now));
    }

    /// Counts a match that ended because the node did not start.
    pub fn count_late_start(&mut self, now: Nanos) {
        self.late_starts += u64::from(self.is_measured(now));
    }

    /// Counts a failure of a node.
    pub fn count_failure(&mut self, now: Nanos) {
        self.failures += u64::from(self.is_measured(now));
    }

    /// Changes how many slots compute.
    pub fn change_busy(&mut self, now: Nanos, change: i64) {
        self.busy_seconds += self.measure_since(now);
        self.busy_since = now;
        self.busy += change;
    }

    /// Returns the slot-seconds of computation until the end of the measured time.
    pub fn busy_seconds(&self) -> f64 {
        self.busy_seconds + self.measure_since(self.to)
    }

    /// The slot-seconds since the last change, as far as they are measured.
    fn measure_since(&self, now: Nanos) -> f64 {
        let from = self.busy_since.max(self.from);
        let to = now.min(self.to);
        self.busy as f64 * to_seconds(to.saturating_sub(from))
    }
}
