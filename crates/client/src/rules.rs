//! The protocol's rules, applied to a job's account.

use nosana_protocol::{
    Overflow,
    clocks::Clocks,
    ending::{self, Caller, RunOutcome, RunTimes},
    job::{Kind, Reason},
    job_clocks, job_run_times, job_terms,
    settlement::{self, Split, Terms},
    units::{Seconds, UnixTimestamp},
};

use crate::jobs::accounts::Job;

impl Job {
    /// Whether the job is a service, which runs for its whole time and submits no result.
    pub fn is_service(&self) -> bool {
        self.kind == Kind::Service as u8
    }

    /// The clocks, which were copied from the market when the job was listed.
    pub fn to_clocks(&self) -> Clocks {
        job_clocks!(self)
    }

    /// The times of the current run; valid once the job has started.
    pub fn to_run_times(&self) -> RunTimes {
        job_run_times!(self, self.known_kind())
    }

    /// The terms of payment.
    pub fn to_terms(&self) -> Terms {
        job_terms!(self, self.known_kind())
    }

    /// The kind. The program stores no other byte than those of the kinds.
    fn known_kind(&self) -> Kind {
        Kind::from_byte(self.kind).unwrap_or(Kind::Batch)
    }

    /// Returns the paid time that remains of the run at `now`.
    ///
    /// # Errors
    /// [`Overflow`] if a timestamp overflows `i64`.
    pub fn time_left(&self, now: UnixTimestamp) -> Result<Seconds, Overflow> {
        let run = self.to_run_times();
        Ok(run.started.checked_add(run.timeout)?.seconds_since(now))
    }

    /// Returns how the program would end the run at `now`, if anyone but its client ends it;
    /// `None` if it would not.
    ///
    /// # Errors
    /// [`Overflow`] if a timestamp overflows `i64`.
    pub fn find_ending(&self, now: UnixTimestamp) -> Result<Option<RunOutcome>, Overflow> {
        ending::outcome_at(&self.to_run_times(), &self.to_clocks(), now, Caller::Stranger)
    }

    /// Returns the paid seconds and the split of the escrow, if the run ended for `reason` at
    /// `now`. The unspent budget is not part of the split: all of it is refunded to the payer.
    ///
    /// # Errors
    /// [`Overflow`] if a timestamp overflows `i64`, or an amount overflows.
    pub fn compute_split(
        &self,
        reason: Reason,
        now: UnixTimestamp,
    ) -> Result<(Seconds, Split), Overflow> {
        let run = self.to_run_times();
        let terms = self.to_terms();

        // A batch job ends for a lost heartbeat only if its client ends it.
        let ending = ending::outcome_at(&run, &self.to_clocks(), now, Caller::Client)?;
        let proven = match ending {
            Some(RunOutcome::Settle(over, proven)) if over == reason => proven,
            _ => ending::proven_seconds(&run, &self.to_clocks(), now)?,
        };
        let proven = (self.started_at != 0).then_some(proven);

        let split = settlement::split_escrow(&terms, terms.escrow_amount()?, reason, proven)?;
        let paid = proven.map_or(Seconds(0), |proven| terms.paid_time(reason, proven));
        Ok((paid, split))
    }
}
