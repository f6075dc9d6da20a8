//! How long the operations of a run have run themselves: their files are fetched, copied and packed
//! outside of that time.

use std::{
    mem,
    time::{Duration, Instant},
};

/// The time in which at least one operation ran.
#[derive(Debug, Default)]
pub(super) struct RunningTime {
    /// How many run now, and since when at least one does.
    running: u32,
    begun: Option<Instant>,
    total: Duration,
}

impl RunningTime {
    /// One more runs.
    pub fn add_running(&mut self, now: Instant) {
        self.begun.get_or_insert(now);
        self.running = self.running.saturating_add(1);
    }

    /// One of them has ended.
    pub fn end_running(&mut self, now: Instant) {
        self.running = self.running.saturating_sub(1);
        if self.running > 0 {
            return;
        }
        if let Some(begun) = self.begun.take() {
            self.total = self.total.saturating_add(now.saturating_duration_since(begun));
        }
    }

    /// Returns the time of those that have ended, and begins anew.
    pub fn take_total(&mut self) -> Duration {
        mem::take(&mut self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_once_while_any_operation_runs() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut time = RunningTime::default();

        time.add_running(at(10));
        time.add_running(at(20));
        time.end_running(at(50));
        time.end_running(at(60));
        // Files are packed, and the next one is created.
        time.add_running(at(500));
        time.end_running(at(501));

        assert_eq!(time.take_total(), Duration::from_secs(51));
        assert_eq!(time.take_total(), Duration::ZERO);
    }
}
