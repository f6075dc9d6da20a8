//! A local network, a GPU worker and a client, nothing of it simulated: jobs are listed, matched in
//! both directions, run by real inference, settled and paid, and every base unit is where it
//! belongs.
//!
//! `NOSANA_TEST_BACKEND` names a backend of the models, in a build that has it.

mod device;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use device::{TestedDevice, choose_device, embed_on_cpu};
use nosana_client::{
    Event, actions,
    jobs::{accounts::Job, events::Event as JobsEvent},
    pda,
};
use nosana_engine::{ALL_MINILM_L6_V2, ModelStore};
use nosana_job_spec::{
    ContentId, EMBEDDING_BOUND, EmbeddingOutput, InferenceArgs, JobDefinition, JobResult,
    Operation, Task,
};
use nosana_localnet::{World, WorldConfig, windowless_terms};
use nosana_protocol::job::{Kind, Reason, State};
use nosana_store::Store;
use nosana_worker::{Worker, WorkerConfig, WorkerEvent};
use solana_address::Address;
use solana_signer::Signer;
use tokio::sync::{mpsc, watch};

/// A busy machine is slow, and the first run downloads the model.
const PATIENCE: Duration = Duration::from_secs(240);

/// The jobs that the node takes at a time.
const SLOTS: u8 = 2;

/// The texts of both jobs.
const TEXTS: [[&str; 2]; 2] = [
    ["A cat sits on a mat.", "The dog chased the ball."],
    ["The weather is fine today.", "Nodes are paid for their work."],
];

fn programs() -> std::path::PathBuf {
    match std::env::var_os("SBF_OUT_DIR") {
        Some(folder) => folder.into(),
        None => WorldConfig::default().programs_folder,
    }
}

fn definition(texts: [&str; 2]) -> JobDefinition {
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, texts);
    JobDefinition::new(vec![Operation::InferenceRun { id: "embed".to_owned(), args }])
}

async fn list(world: &World, store: &Store, nonce: u64, texts: [&str; 2]) -> Result<Address> {
    let order = actions::JobListing {
        nonce,
        definition: store.put_json(&definition(texts))?.digest(),
        kind: Kind::Batch as u8,
        timeout_seconds: 600,
        max_price_per_second: 1_000,
        is_private: false,
    };
    let client = world.client.pubkey();
    let instruction = actions::list(client, client, world.market, world.mint, order);
    world.session.send_transaction(&[instruction.into()], &world.client, &[]).await?;
    Ok(pda::jobs::job(&client, nonce))
}

async fn settled(world: &World, job: Address) -> Result<Job> {
    let mut updates = world.session.subscribe_account::<Job>(job);
    let wait = async {
        while let Some(update) = updates.next().await {
            if let Some(job) = update?.account
                && job.state == State::Settled as u8
            {
                return Ok(job);
            }
        }
        anyhow::bail!("the network ended")
    };
    tokio::time::timeout(PATIENCE, wait).await.context("the job was not settled in time")?
}

/// What the node did.
#[derive(Default)]
struct NodeRecord {
    /// When each job's start was confirmed, in milliseconds since 1970. The node reads the job once
    /// more before it runs operations that wait for the start: those begin later even if the
    /// recording is a little late.
    starts: HashMap<Address, u64>,
    /// The slots for which each `work` transaction requested jobs.
    requested_slots: Vec<usize>,
}

/// Prints and records all events.
async fn record_events(mut received: mpsc::UnboundedReceiver<WorkerEvent>) -> NodeRecord {
    let mut record = NodeRecord::default();
    while let Some(event) = received.recv().await {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        match &event {
            WorkerEvent::Transaction { job: Some(job), instruction: "start", .. } => {
                record.starts.insert(*job, u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
            }
            WorkerEvent::Transaction { job: None, instruction: "work", receipt } => {
                let is_request =
                    |event: &&Event| matches!(event, Event::Jobs(JobsEvent::WorkOffered(_)));
                record.requested_slots.push(receipt.events.iter().filter(is_request).count());
            }
            _ => {}
        }
        println!("{event:?}");
    }

    record
}

fn configure_worker(world: &World, store: &Store, device: &TestedDevice) -> Result<WorkerConfig> {
    Ok(WorkerConfig {
        authority: Arc::new(world.node.insecure_clone()),
        market: world.market,
        mint: world.mint,
        store: store.clone(),
        models: ModelStore::in_user_cache()?,
        resources: None,
        gpus: device.choice.clone(),
        slots: SLOTS,
        stake_amount: 1_000_000_000,
        stake_duration_seconds: 365 * 86_400,
        requested_terms: Default::default(),
        min_free_bytes: 0,
        priority_micro_lamports: 0,
        verification: Default::default(),
        state_folder: None,
        network: None,
    })
}

/// Checks that the chosen device made the result, and that its vectors are those of the CPU.
fn check_vectors(
    result: &JobResult,
    store: &Store,
    texts: [&str; 2],
    device: &TestedDevice,
) -> Result<()> {
    let engine = &result.engine;
    let TestedDevice { info, .. } = device;
    ensure!(engine.device == info.name && engine.backend == info.backend, "{engine:?}, not {info}");

    let output = result.ops.first().and_then(|operation| operation.output);
    let vectors: EmbeddingOutput = store.get_json(&output.context("no output")?)?;
    let comparison = vectors.agrees_with(&embed_on_cpu(&texts)?, EMBEDDING_BOUND);
    println!("largest difference from the CPU: {:.1e}", comparison.max_difference);
    ensure!(comparison.agrees, "{comparison:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_run_and_paid() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    let config = WorldConfig {
        slot_ms: 50,
        programs_folder: programs(),
        terms: windowless_terms(),
        ..WorldConfig::default()
    };
    let world = World::start(config, |_| {}).await?;
    let client_tokens = world.token_account(&world.client.pubkey());
    let before = world.session.fetch_token_balance(&client_tokens).await?;

    let device = choose_device()?;
    println!("device: {}", device.info);
    let first = list(&world, &store, 1, TEXTS[0]).await?;
    let config = configure_worker(&world, &store, &device)?;
    device.register_slow_node(&world, &config).await?;
    let worker = Worker::prepare(world.session.clone(), config).await?;
    let (stop, stopped) = watch::channel(false);
    let (events, received) = mpsc::unbounded_channel();
    let recording = tokio::spawn(record_events(received));
    let node = world.token_account(&world.node.pubkey());
    let earned_before = world.session.fetch_token_balance(&node).await?;
    let working = tokio::spawn(worker.run(stopped, events));

    let mut escrowed = Vec::new();
    escrowed.push(settled(&world, first).await?);
    // By now the node waits: the second job is matched with it.
    let second = list(&world, &store, 2, TEXTS[1]).await?;
    escrowed.push(settled(&world, second).await?);
    stop.send(true)?;
    let summary = tokio::time::timeout(PATIENCE, working).await???;
    ensure!(summary.finished == 2 && summary.gave_back == 0, "{summary:?}");
    let record = tokio::time::timeout(PATIENCE, recording).await??;
    let requested = record.requested_slots.first();
    ensure!(requested == Some(&usize::from(SLOTS)), "not one request for all slots: {requested:?}");

    let mut paid = 0;
    for ((address, job), texts) in [first, second].into_iter().zip(&escrowed).zip(TEXTS) {
        ensure!(job.reason == Reason::Completed as u8, "reason {}", job.reason);
        let seconds = (job.submitted_at - job.started_at).max(1).unsigned_abs();
        paid += seconds * job.price_per_second;
        let result: JobResult = store.get_json(&ContentId::from_digest(job.result))?;
        ensure!(result.succeeded());
        check_vectors(&result, &store, texts, &device)?;
        // Inference does not wait for the confirmation of the start.
        let begun = result.ops.first().context("no operation")?.started_unix_ms;
        let started = *record.starts.get(&address).context("no start")?;
        ensure!(begun < started, "the work began at {begun}, the start was confirmed at {started}");
    }
    let fees = paid / 10;
    let earned = world.session.fetch_token_balance(&node).await? - earned_before;
    let spent = before - world.session.fetch_token_balance(&client_tokens).await?;
    ensure!(earned == paid, "the node earned {earned} of {paid}");
    ensure!(spent == paid + fees, "the client spent {spent}, not {}", paid + fees);
    let queue = world.session.fetch_queue(&world.market).await?;
    ensure!(
        queue.header.fees_accrued == fees
            && queue.header.open_jobs == 0
            && queue.waiting.is_empty()
    );
    world.stop().await
}
