//! A definition that breaks every limit there is: the node tells which, is paid for its time, and
//! goes on.

use nosana_client::actions;
use nosana_engine::SMOLLM2_135M_INSTRUCT;
use nosana_job_spec::{
    CommandArgs, CommandLimits, CommandOutput, ContentId, FinishReason, GenerationOutput,
    InferenceArgs, JobDefinition, JobResult, Limit, Operation, Run, Step, StepStatus, Task,
};
use nosana_protocol::job::Reason;
use nosana_store::MAX_JSON_BYTES;
use solana_signer::Signer;

use super::site::Site;

/// A command, the limits it has, and the one that ends it.
fn greedy() -> [(&'static str, CommandLimits, Limit); 5] {
    let none = CommandLimits::default();
    [
        ("sleep 60", CommandLimits { timeout_seconds: Some(1), ..none }, Limit::Timeout),
        (
            "awk 'BEGIN { s = \"x\"; while (1) { s = s s; system(\"sleep 0.2\") } }'",
            CommandLimits { memory_mib: Some(64), ..none },
            Limit::Memory,
        ),
        (
            "cat /dev/zero > /work/full; sleep 60",
            CommandLimits { disk_mib: Some(8), ..none },
            Limit::Disk,
        ),
        (
            "i=0; while [ $i -lt 40 ]; do sleep 60 & i=$((i+1)); done; wait",
            CommandLimits { processes: Some(24), ..none },
            Limit::Processes,
        ),
        ("yes more", CommandLimits { output_bytes: Some(10_000), ..none }, Limit::Output),
    ]
}

fn operation(index: usize, line: &str, limits: CommandLimits) -> Operation {
    let step =
        Step { name: "greed".to_owned(), run: Run::Line(line.to_owned()), timeout_seconds: None };
    let args = CommandArgs {
        steps: vec![step],
        env: [].into(),
        working_directory: None,
        inputs: vec![],
        artifacts: vec![],
        network: false,
        limits,
    };
    Operation::CommandRun { id: format!("op-{index}"), args }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_breaks_every_limit_breaks_no_node() {
    let site = Site::start(60, 0).await;
    let mut node = site.node(&["--slots", "2"]);
    // Nothing that the format forbids is started, and so nothing is paid for it.
    let endless = CommandLimits { timeout_seconds: Some(u64::MAX), ..CommandLimits::default() };
    let beyond =
        JobDefinition::new((0..100).map(|index| operation(index, "true", endless)).collect());
    assert!(beyond.validate().is_err());
    let before = site.tokens(&site.world.client).await;
    let refused = site.list_definition(1, site.store.put_json(&beyond).unwrap().digest()).await;
    node.says("the job's definition is not valid").await;
    let job =
        site.until(refused, "given back", |job| job.attempts == 0 && job.started_at == 0).await;
    let cell = loop {
        let queue = site.world.session.queue(&site.world.market).await.unwrap();
        if let Some(cell) = queue.index_of(&refused) {
            break cell;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let cancel = actions::cancel(refused, &job, cell);
    site.world.session.send(&[cancel.into()], &site.world.client, &[]).await.unwrap();
    assert_eq!(site.tokens(&site.world.client).await, before);

    let operations = greedy()
        .into_iter()
        .enumerate()
        .map(|(index, (line, limits, _))| operation(index, line, limits));
    let definition = JobDefinition::new(operations.collect());
    let job = site.list_definition(2, site.store.put_json(&definition).unwrap().digest()).await;
    let job = site.settled(job).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    for (told, (line, _, limit)) in result.ops.iter().zip(greedy()) {
        let output = site.store.get(&told.output.unwrap(), MAX_JSON_BYTES).unwrap();
        let output: CommandOutput = serde_json::from_slice(&output).unwrap();
        let step = output.steps.first().unwrap();
        assert_eq!((step.status, step.limit), (StepStatus::Limit, Some(limit)), "{line}");
    }
    assert_eq!(result.ops.len(), greedy().len());

    // It has come to no harm.
    let after = site.list(3, "And now something else.").await;
    assert_eq!(site.settled(after).await.reason, Reason::Completed as u8);
    node.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_and_the_end_of_the_paid_time_are_noticed_between_heartbeats() {
    // Heartbeats may be an hour apart.
    let site = Site::start(3_600, 0).await;
    let mut node = site.node(&["--slots", "2"]);
    let sleeps = |seconds: u32| {
        let line = format!("echo begun; sleep {seconds}");
        site.store
            .put_json(&JobDefinition::new(vec![operation(0, &line, CommandLimits::default())]))
            .unwrap()
            .digest()
    };
    let stopped = site.list_definition(1, sleeps(500)).await;
    node.says("started").await;
    let job = site.job(stopped).await;
    let owner = site.world.node.pubkey();
    let stop = actions::stop(site.world.client.pubkey(), stopped, &job, owner);
    site.world.session.send(&[stop.into()], &site.world.client, &[]).await.unwrap();
    node.says("the job ended before its result").await;

    // A run of 600 s that would go on, and 5 s more: what there is until then is handed in, and
    // paid.
    let endless = site.list_definition(2, sleeps(501)).await;
    site.until(endless, "runs", |job| job.started_at != 0).await;
    site.world.network.advance_seconds(605).await.unwrap();
    let job = site.settled(endless).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    let output = site.store.get(&result.ops[0].output.unwrap(), MAX_JSON_BYTES).unwrap();
    let output: CommandOutput = serde_json::from_slice(&output).unwrap();
    let step = output.steps.first().unwrap();
    assert_eq!((step.status, step.limit), (StepStatus::Limit, Some(Limit::Timeout)));
    let log = site.store.get(&step.log.unwrap(), MAX_JSON_BYTES).unwrap();
    assert_eq!(String::from_utf8(log).unwrap(), "begun\n");

    // The same for answers that would take too long.
    let inputs = ["Tell me a story.", "And another one."].map(str::to_owned).to_vec();
    let model = SMOLLM2_135M_INSTRUCT.digest();
    let args = InferenceArgs {
        max_tokens: Some(512),
        ..InferenceArgs::new(model, Task::Generation, inputs)
    };
    let definition = JobDefinition::new(vec![Operation::InferenceRun { id: "tell".into(), args }]);
    let stories = site.list_definition(3, site.store.put_json(&definition).unwrap().digest()).await;
    site.until(stories, "runs", |job| job.started_at != 0).await;
    site.world.network.advance_seconds(605).await.unwrap();
    let job = site.settled(stories).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    let told: GenerationOutput = site.store.get_json(&result.ops[0].output.unwrap()).unwrap();
    assert!(told.is_well_formed(2, 512));
    assert!(
        told.generations.iter().all(|answer| answer.finish_reason == FinishReason::Time),
        "{told:?}"
    );
    node.leaves().await;
}
