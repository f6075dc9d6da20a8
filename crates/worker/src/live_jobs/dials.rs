//! How many connections to ports of jobs are being made at once. Each blocks a thread for some
//! seconds if the job accepts none, and heartbeats and disks use the same threads.

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::Duration,
};

use nosana_net::{RateLimit, job::PortUser};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::{sleep, timeout},
};

/// For the parties of one run and its health checks, and for those of all runs.
const MAX_RUN_DIALS: usize = 16;
static DIALS: Semaphore = Semaphore::const_new(128);

/// The same for visitors, who wait for each other and for nobody else.
const MAX_VISITOR_RUN_DIALS: usize = 8;
static VISITOR_DIALS: Semaphore = Semaphore::const_new(64);
/// How long a visitor waits, at each of both bounds.
const VISITOR_PATIENCE: Duration = Duration::from_secs(3);
/// How many connections visitors of one run make at once, and then in each second: a node that is
/// not root starts a process for each.
const VISITOR_BURST: u32 = 300;
const VISITOR_RATE: f64 = 100.0;

/// The connections that are being made to the ports of one run.
#[derive(Debug)]
pub(super) struct RunDials {
    parties: Arc<Semaphore>,
    visitors: Arc<Semaphore>,
    visitor_rate: RateLimit,
}

/// Permission to make a connection, until this is dropped.
#[derive(Debug)]
pub(super) struct DialTurn {
    _of_run: OwnedSemaphorePermit,
    _of_all: SemaphorePermit<'static>,
}

impl Default for RunDials {
    fn default() -> Self {
        Self {
            parties: Arc::new(Semaphore::new(MAX_RUN_DIALS)),
            visitors: Arc::new(Semaphore::new(MAX_VISITOR_RUN_DIALS)),
            visitor_rate: RateLimit::new(VISITOR_BURST, VISITOR_RATE),
        }
    }
}

impl RunDials {
    /// Waits for a turn. A visitor gets `ResourceBusy` if there is none soon.
    pub(super) async fn take_turn(&self, user: PortUser) -> io::Result<DialTurn> {
        match user {
            PortUser::Party => take_both(&self.parties, &DIALS).await,
            PortUser::Visitor => {
                let wait = self.visitor_rate.take_token(VISITOR_PATIENCE).ok_or_else(too_many)?;
                sleep(wait).await;
                let turn = take_both(&self.visitors, &VISITOR_DIALS);
                timeout(VISITOR_PATIENCE, turn).await.unwrap_or_else(|_| Err(too_many()))
            }
        }
    }
}

/// Who waits here holds no thread. The permit of the run is first: a run that accepts nothing must
/// not take the turns of others.
async fn take_both(of_run: &Arc<Semaphore>, of_all: &'static Semaphore) -> io::Result<DialTurn> {
    let of_run = Arc::clone(of_run).acquire_owned().await.map_err(io::Error::other)?;
    let of_all = of_all.acquire().await.map_err(io::Error::other)?;
    Ok(DialTurn { _of_run: of_run, _of_all: of_all })
}

fn too_many() -> io::Error {
    io::Error::new(ErrorKind::ResourceBusy, "too many visitors connect at once")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn visitors_do_not_make_parties_wait() {
        let dials = RunDials::default();
        let mut turns = Vec::new();
        for _ in 0..MAX_VISITOR_RUN_DIALS {
            turns.push(dials.take_turn(PortUser::Visitor).await.unwrap());
        }

        let refused = dials.take_turn(PortUser::Visitor).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ResourceBusy);
        for _ in 0..MAX_RUN_DIALS {
            let turn = timeout(Duration::from_millis(100), dials.take_turn(PortUser::Party));
            turns.push(turn.await.expect("at once").unwrap());
        }

        // One that is made makes room.
        turns.remove(0);
        dials.take_turn(PortUser::Visitor).await.unwrap();
    }
}
