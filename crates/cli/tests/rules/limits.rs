//! A definition that exceeds every limit: the node reports which, is paid for its time, and
//! continues.

use nosana_client::{actions, jobs::accounts::Job};
use nosana_engine::SMOLLM2_135M_INSTRUCT;
use nosana_job_spec::{
    CommandArgs, CommandLimits, CommandOutput, ContentId, FinishReason, GenerationOutput,
    InferenceArgs, JobDefinition, JobResult, LimitReport, Operation, Step, StepCommand, StepStatus,
    Task,
};
use nosana_protocol::job::Reason;
use nosana_store::MAX_JSON_BYTES;
use solana_address::Address;
use solana_signer::Signer;

use super::site::Site;

/// Commands with their limits, and the limit that ends each.
fn greedy_commands() -> [(&'static str, CommandLimits, LimitReport); 4] {
    let none = CommandLimits::default();
    [
        ("sleep 60", CommandLimits { timeout_seconds: Some(1), ..none }, LimitReport::Timeout),
        (
            "awk 'BEGIN { s = \"x\"; while (1) { s = s s; system(\"sleep 0.2\") } }'",
            CommandLimits { memory_mib: Some(64), ..none },
            LimitReport::Memory,
        ),
        (
            "cat /dev/zero > /work/full; sleep 60",
            CommandLimits { disk_mib: Some(8), ..none },
            LimitReport::Disk,
        ),
        (
            "i=0; while [ $i -lt 40 ]; do sleep 60 & i=$((i+1)); done; wait",
            CommandLimits { processes: Some(24), ..none },
            LimitReport::Processes,
        ),
    ]
}

fn command_operation(index: usize, line: &str, limits: CommandLimits) -> Operation {
    let step = Step {
        name: "greed".to_owned(),
        run: StepCommand::Line(line.to_owned()),
        shell: None,
        timeout_seconds: None,
    };
    let args = CommandArgs {
        steps: vec![step],
        env: [].into(),
        working_directory: None,
        inputs: vec![],
        artifacts: vec![],
        network: false,
        expose: Vec::new(),
        limits,
    };
    Operation::CommandRun { id: format!("op-{index}"), args }
}

/// Cancels a job that its node gives back. The node's other slot can take it between a look at the
/// queue and the transaction.
async fn cancel_once_it_waits(site: &Site, address: Address, job: &Job) {
    for _ in 0..600 {
        let queue = site.world.session.fetch_queue(&site.world.market).await.unwrap();
        if let Some(cell) = queue.find_cell(&address) {
            let cancel = actions::cancel(address, job, cell);
            let sent = site
                .world
                .session
                .send_transaction(&[cancel.into()], &site.world.client, &[])
                .await;
            if sent.is_ok() {
                return;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{address} never waited long enough to be canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_exceeds_every_limit_does_not_harm_the_node() {
    let site = Site::start(60, 0).await;
    let mut node = site.node(&["--slots", "2"]);

    // An invalid definition is not started, so nothing is paid for it.
    let endless = CommandLimits { timeout_seconds: Some(u64::MAX), ..CommandLimits::default() };
    let beyond = JobDefinition::new(
        (0..100).map(|index| command_operation(index, "true", endless)).collect(),
    );
    assert!(beyond.validate().is_err());
    let before = site.tokens(&site.world.client).await;
    let refused = site.list_definition(1, site.store.put_json(&beyond).unwrap().digest()).await;
    node.says("is not valid").await;
    let job =
        site.until(refused, "given back", |job| job.attempts == 0 && job.started_at == 0).await;
    cancel_once_it_waits(&site, refused, &job).await;
    assert_eq!(site.tokens(&site.world.client).await, before);

    let operations = greedy_commands()
        .into_iter()
        .enumerate()
        .map(|(index, (line, limits, _))| command_operation(index, line, limits));
    let definition = JobDefinition::new(operations.collect());
    let job = site.list_definition(2, site.store.put_json(&definition).unwrap().digest()).await;
    let job = site.settled(job).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    for (operation, (line, _, limit)) in result.ops.iter().zip(greedy_commands()) {
        let output = site.store.get(&operation.output.unwrap(), MAX_JSON_BYTES).unwrap();
        let output: CommandOutput = serde_json::from_slice(&output).unwrap();
        let step = output.steps.first().unwrap();
        assert_eq!((step.status, step.limit), (StepStatus::Limit, Some(limit)), "{line}");
    }
    assert_eq!(result.ops.len(), greedy_commands().len());

    // The node still works.
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
            .put_json(&JobDefinition::new(vec![command_operation(
                0,
                &line,
                CommandLimits::default(),
            )]))
            .unwrap()
            .digest()
    };
    let stopped = site.list_definition(1, sleeps(500)).await;
    node.says("started").await;
    let job = site.job(stopped).await;
    let owner = site.world.node.pubkey();
    let stop = actions::stop(site.world.client.pubkey(), stopped, &job, owner);
    site.world.session.send_transaction(&[stop.into()], &site.world.client, &[]).await.unwrap();
    node.says("the job ended before its result").await;

    // A run that exceeds its 600 s by 5 s: the result so far is submitted, and paid.
    let endless = site.list_definition(2, sleeps(501)).await;
    site.until(endless, "runs", |job| job.started_at != 0).await;
    site.world.network.advance_seconds(605).await.unwrap();
    let job = site.settled(endless).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    let output = site.store.get(&result.ops[0].output.unwrap(), MAX_JSON_BYTES).unwrap();
    let output: CommandOutput = serde_json::from_slice(&output).unwrap();
    let step = output.steps.first().unwrap();
    assert_eq!((step.status, step.limit), (StepStatus::Limit, Some(LimitReport::Timeout)));
    let log = site.store.get(&step.log.unwrap(), MAX_JSON_BYTES).unwrap();
    assert_eq!(String::from_utf8(log).unwrap(), "begun\n");

    // The result so far is submitted for generation too.
    let inputs =
        [2, 3].map(|fans| format!("Write a long story about a computer with {fans} fans."));
    let model = SMOLLM2_135M_INSTRUCT.digest();
    let args = InferenceArgs {
        max_tokens: Some(512),
        ..InferenceArgs::new(model, Task::Generation, inputs)
    };
    let definition = JobDefinition::new(vec![Operation::InferenceRun { id: "write".into(), args }]);
    let stories = site.list_definition(3, site.store.put_json(&definition).unwrap().digest()).await;
    site.until(stories, "runs", |job| job.started_at != 0).await;
    site.world.network.advance_seconds(605).await.unwrap();
    let job = site.settled(stories).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    let output: GenerationOutput = site.store.get_json(&result.ops[0].output.unwrap()).unwrap();
    assert!(output.is_well_formed(2, 512));
    // The model may have ended one of them.
    assert!(
        output.generations.iter().any(|answer| answer.finish_reason == FinishReason::Time),
        "{output:?}"
    );
    node.leaves().await;
}
