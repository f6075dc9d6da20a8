//! How jobs come into the queue.

use super::{Job, Market};
use crate::{
    chain::Writes,
    event::{Event, JobNumber, Moment},
    service::Arrivals,
    time::{Nanos, from_seconds},
};

impl Market {
    /// Schedules the first arrivals.
    pub(super) fn schedule_arrivals(&mut self, moment: &mut Moment<'_>) {
        self.schedule_next(moment);
        self.schedule_batch(moment);
    }

    /// A client lists the next job.
    pub(super) fn list_next(&mut self, moment: &mut Moment<'_>) {
        self.list_job(moment);
        self.schedule_next(moment);
    }

    /// Clients list a batch of jobs.
    pub(super) fn list_batch(&mut self, moment: &mut Moment<'_>) {
        let size = match self.scenario.arrivals {
            Arrivals::Random { batch, .. } => batch,
            Arrivals::At(_) => 0,
        };
        for _ in 0..size {
            self.list_job(moment);
        }

        self.schedule_batch(moment);
    }

    /// Adds a job that nobody has listed yet.
    pub(super) fn add_job(&mut self, sent: Nanos, run: Nanos) -> JobNumber {
        let number = self.jobs.len() as JobNumber;
        self.jobs.push(Job { sent, run, was_started: false, returns: 0 });
        number
    }

    fn list_job(&mut self, moment: &mut Moment<'_>) {
        let run = self.scenario.service.draw(self.jobs.len(), &mut self.rng);
        let job = self.add_job(moment.now, run);

        self.record.count_listed(moment.now);
        moment.send_for(self.scenario.costs.list, Writes::Queue, Event::Listed(job));
    }

    fn schedule_next(&mut self, moment: &mut Moment<'_>) {
        let time = match &self.scenario.arrivals {
            Arrivals::Random { rate, .. } => {
                let rate = *rate * self.share;
                (rate > 0.0).then(|| self.draw_time(1.0 / rate, moment))
            }
            Arrivals::At(times) => times.get(self.jobs.len()).copied().map(from_seconds),
        };

        if let Some(time) = time {
            moment.schedule(time, Event::Arrive);
        }
    }

    fn schedule_batch(&mut self, moment: &mut Moment<'_>) {
        let rate = match self.scenario.arrivals {
            Arrivals::Random { batch_rate, .. } => batch_rate * self.share,
            Arrivals::At(_) => 0.0,
        };

        if rate > 0.0 {
            let time = self.draw_time(1.0 / rate, moment);
            moment.schedule(time, Event::ArriveBatch);
        }
    }
}
