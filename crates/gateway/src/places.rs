//! Where jobs run, as the chain says.

use std::{net::IpAddr, sync::Arc};

use nosana_client::Session;
use solana_address::Address;

use crate::{
    place_memory::PlaceMemory,
    place_reader::{JobPlace, RunningPlace},
    place_reads::PlaceReads,
    read_rates::ReadRates,
    refusal::{Outcome, Refusal},
};

/// Looks up where jobs run.
#[derive(Debug)]
pub(crate) struct JobPlaces {
    memory: Arc<PlaceMemory>,
    reads: PlaceReads,
    rates: ReadRates,
}

impl JobPlaces {
    /// The jobs of the session's cluster.
    pub(crate) fn new(session: &Session) -> Self {
        let memory = Arc::new(PlaceMemory::default());
        let reads = PlaceReads::new(session, Arc::clone(&memory));
        Self { memory, reads, rates: ReadRates::default() }
    }

    /// The node that runs the job, read a few seconds ago or now, for this visitor.
    pub(crate) async fn find_place(
        &self,
        job: Address,
        visitor: IpAddr,
    ) -> Result<RunningPlace, Refusal> {
        let place = match self.memory.find(&job) {
            Some(place) => place,
            None => self.read_or_recall(job, visitor).await?,
        };

        match place {
            JobPlace::Running(place) => Ok(place),
            JobPlace::Waiting => Err(Refusal::not_running(&job)),
            JobPlace::Unreachable => Err(Refusal::unreachable(
                &job,
                "its node announces no endpoint, so nobody can reach its jobs",
            )),
            JobPlace::Ended => Err(Refusal::ended(&job)),
            JobPlace::Unknown => Err(Refusal::unknown_job(&job)),
        }
    }

    /// Where the job is now, after its node did not serve it; `None` if it is still where it was,
    /// or if that was read just now or cannot be read.
    ///
    /// # Errors
    /// If it runs nowhere.
    pub(crate) async fn find_moved(
        &self,
        job: Address,
        visitor: IpAddr,
        from: &RunningPlace,
    ) -> Result<Option<RunningPlace>, Refusal> {
        if !self.memory.forget(&job) {
            return Ok(None);
        }

        match self.find_place(job, visitor).await {
            Ok(place) => Ok(Some(place).filter(|place| place != from)),
            Err(refusal) if matches!(refusal.outcome, Outcome::Busy | Outcome::TooMany) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Reads where the job is. If the chain cannot be read, or not for this visitor, it is where it
    /// was.
    async fn read_or_recall(&self, job: Address, visitor: IpAddr) -> Result<JobPlace, Refusal> {
        let admit = || self.rates.admit_read(visitor, !self.memory.has_run(&job));
        let read = match self.reads.read_job(job, admit).await {
            Ok(read) => read,
            Err(refusal) if matches!(refusal.outcome, Outcome::Busy | Outcome::TooMany) => {
                return self.memory.recall(job).ok_or(refusal);
            }
            Err(refusal) => return Err(refusal),
        };

        read.or_else(|| self.memory.recall(job))
            .ok_or_else(|| Refusal::retry_later(Outcome::Busy, "the chain cannot be read now"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> JobPlaces {
        // A server that is not there.
        JobPlaces::new(&Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1"))
    }

    #[tokio::test]
    async fn a_job_is_where_it_was_while_the_chain_cannot_be_read() {
        let (places, job) = (places(), Address::new_from_array([1; 32]));
        let visitor = IpAddr::from([10, 0, 0, 1]);
        let refused = places.find_place(job, visitor).await.unwrap_err();
        assert_eq!(refused.outcome, Outcome::Busy);

        let endpoint = format!("58{}", "66".repeat(31));
        let address = format!("{endpoint},127.0.0.1:1").parse().unwrap();
        let running = RunningPlace { node: Address::new_from_array([2; 32]), address };
        places.memory.keep(job, &JobPlace::Running(running.clone()));
        assert_eq!(places.find_moved(job, visitor, &running).await, Ok(None), "read just now");

        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        assert_eq!(places.find_moved(job, visitor, &running).await, Ok(None));
        assert_eq!(places.find_place(job, visitor).await, Ok(running));
    }

    #[tokio::test]
    async fn one_visitor_causes_only_so_many_reads() {
        let places = places();
        let mut outcomes = Vec::new();
        for name in 0..30 {
            let job = Address::new_from_array([name; 32]);
            let found = places.find_place(job, [10, 0, 0, 1].into());
            // Whether it begins a read is known before it waits.
            let waited = tokio::time::timeout(std::time::Duration::from_millis(1), found).await;
            outcomes.push(waited.map(|found| found.unwrap_err().outcome).ok());
        }

        assert!(!outcomes[..20].contains(&Some(Outcome::TooMany)), "{outcomes:?}");
        assert!(outcomes[22..].contains(&Some(Outcome::TooMany)), "{outcomes:?}");
    }
}
