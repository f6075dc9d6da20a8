//! The client's part: lists verified jobs, computes results again, disputes them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nosana_client::{actions, jobs::accounts::Job, pda};
use nosana_engine::{ALL_MINILM_L6_V2, ModelStore};
use nosana_job_spec::{ContentId, InferenceArgs, JobDefinition, Operation, Task};
use nosana_localnet::World;
use nosana_protocol::job::Kind;
use nosana_store::Store;
use nosana_worker::{CancelToken, CheckedResult, Examination, Executor, check_and_sketch};
use solana_address::Address;
use tokio::task::spawn_blocking;

use super::{
    behavior::Behavior,
    config::{PRICE, TIMEOUT_SECONDS},
    people::Person,
};

/// The name of the only operation of each job.
pub const OPERATION: &str = "embed";

/// The longest time of computing a result again.
const CHECK_TIMEOUT: Duration = Duration::from_secs(300);

/// A job that was listed.
#[derive(Clone, Copy, Debug)]
pub struct ListedJob {
    /// Its address.
    pub address: Address,
    /// Its definition.
    pub definition: ContentId,
}

/// Stores the definition of a case, and lists it as the verified job with this number.
pub async fn list_job(
    world: &World,
    store: &Store,
    client: &Person,
    behavior: Behavior,
    number: u64,
) -> Result<ListedJob> {
    let model = ALL_MINILM_L6_V2.digest();
    let args = InferenceArgs::new(model, Task::Embedding, [behavior.text()]);
    let operation = Operation::InferenceRun { id: OPERATION.to_owned(), args };
    let definition = store.put_json(&JobDefinition::new(vec![operation]))?;
    let listing = actions::JobListing {
        nonce: number,
        definition: definition.digest(),
        kind: Kind::VerifiedBatch as u8,
        timeout_seconds: TIMEOUT_SECONDS.into(),
        max_price_per_second: PRICE,
        is_private: false,
    };

    let wallet = client.wallet();
    let list = actions::list(wallet, wallet, world.market, world.mint, listing);
    let sent = world.session.send_transaction(&[list.into()], &client.key, &[]).await;
    sent.with_context(|| format!("cannot list job {number}"))?;
    Ok(ListedJob { address: pda::jobs::job(&wallet, number), definition })
}

/// Disputes the result of a job, for a bond. Returns the address of the dispute.
pub async fn challenge_result(
    world: &World,
    challenger: &Person,
    address: Address,
) -> Result<Address> {
    let job = world.session.fetch_account::<Job>(&address).await?;
    let challenge = actions::challenge(challenger.wallet(), address, &job, world.mint);
    let sent = world.session.send_transaction(&[challenge.into()], &challenger.key, &[]).await;
    sent.with_context(|| format!("{} cannot dispute the result of {address}", challenger.name))?;
    Ok(pda::jobs::dispute(&address, job.attempt_id))
}

/// Computes results again, as `nosana job wait --check` does, and sketches the work.
#[derive(Clone)]
pub struct Checker {
    executor: Arc<Executor>,
    store: Store,
}

impl Checker {
    /// Opens the best device of this machine. Blocks this thread.
    pub fn open(store: &Store) -> Result<Self> {
        let executor = Executor::open(ModelStore::in_user_cache()?)?;
        Ok(Self { executor: Arc::new(executor), store: store.clone() })
    }

    /// Computes the result of a job again.
    pub async fn check_job(&self, world: &World, address: Address) -> Result<Examination> {
        let job = world.session.fetch_account::<Job>(&address).await?;
        let Self { executor, store } = self.clone();
        let window_end = Instant::now() + CHECK_TIMEOUT;

        let checking = spawn_blocking(move || {
            let cancel = CancelToken::default();
            check_and_sketch(&executor, &store, &address, &job, window_end, &cancel)
        });
        match checking.await.context("the check crashed")?? {
            CheckedResult::Examined(examination) => Ok(examination),
            CheckedResult::Withheld(problem) => bail!("the result cannot be had: {problem}"),
        }
    }
}
