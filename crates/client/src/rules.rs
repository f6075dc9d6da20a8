//! What the protocol's rules take, read from a job's account.

use nosana_protocol::{
    Overflow,
    clocks::Clocks,
    ending::{self, Ending, Run},
    job::{Kind, Reason},
    settlement::{self, Split, Terms},
    units::{BasisPoints, Price, Seconds, UnixTimestamp},
};

use crate::jobs::accounts::Job;

impl Job {
    /// Whether it runs its time, and delivers no result.
    pub fn is_service(&self) -> bool {
        self.kind == Kind::Service as u8
    }

    /// The clocks that were copied into it when it was listed.
    pub fn clocks(&self) -> Clocks {
        Clocks {
            queue: Seconds(self.queue_seconds.into()),
            start: Seconds(self.start_seconds.into()),
            heartbeat: Seconds(self.heartbeat_seconds.into()),
            finish_grace: Seconds(self.finish_grace_seconds.into()),
            challenge: Seconds(self.challenge_seconds.into()),
            retention: Seconds(self.retention_seconds.into()),
        }
    }

    /// Its run, if it was started.
    pub fn run(&self) -> Run {
        Run {
            kind: if self.is_service() { Kind::Service } else { Kind::Batch },
            started: UnixTimestamp(self.started_at),
            heartbeat: UnixTimestamp(self.heartbeat_at),
            timeout: Seconds(self.timeout_seconds),
        }
    }

    /// What it pays.
    pub fn terms(&self) -> Terms {
        let Run { kind, timeout, .. } = self.run();
        Terms {
            price: Price(self.price_per_second),
            timeout,
            fee: BasisPoints(self.network_fee_bps),
            kind,
        }
    }

    /// The paid time that is left of its run at `now`.
    ///
    /// # Errors
    /// [`Overflow`] if the account holds moments that are beyond all numbers.
    pub fn time_left(&self, now: UnixTimestamp) -> Result<Seconds, Overflow> {
        let run = self.run();
        Ok(run.started.after(run.timeout)?.since(now))
    }

    /// How the chain would end its run at `now`; `None` while it would not.
    ///
    /// # Errors
    /// [`Overflow`] if the account holds moments that are beyond all numbers.
    pub fn ending(&self, now: UnixTimestamp) -> Result<Option<Ending>, Overflow> {
        ending::of(&self.run(), &self.clocks(), now)
    }

    /// The paid seconds and the parts of its deposit, if its run ended for `reason` at `now`. What
    /// was added to its budget and not spent is not among the parts: it all goes to the payer.
    ///
    /// # Errors
    /// [`Overflow`], as above.
    pub fn split(&self, reason: Reason, now: UnixTimestamp) -> Result<(Seconds, Split), Overflow> {
        let (run, terms) = (self.run(), self.terms());
        let proven = match self.ending(now)? {
            Some(Ending::Settle(over, proven)) if over == reason => proven,
            _ => ending::proven(&run, &self.clocks(), now)?,
        };
        let started = (self.started_at != 0).then_some(proven);
        let split = settlement::settle(&terms, terms.escrow()?, reason, started)?;
        Ok((started.map_or(Seconds(0), |proven| terms.paid_time(reason, proven)), split))
    }
}
