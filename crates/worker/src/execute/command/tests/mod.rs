//! Pipelines in the real sandbox, with a real store.

mod lines;

use std::time::Instant;

use nosana_job_spec::{
    CommandInput, CommandLimits, ContentId, JobDefinition, LimitReport, StepCommand, StepStatus,
};
use nosana_sandbox::{CancelToken, SandboxConfig};
use tempfile::TempDir;

use super::*;
use crate::live_jobs::LiveRun;

struct Node {
    sandbox: Sandbox,
    store: Store,
    _folder: TempDir,
}

impl Node {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox =
            Sandbox::open(SandboxConfig::default()).unwrap_or_else(|error| panic!("{error}"));
        Self { sandbox, store: Store::open(folder.path()).unwrap(), _folder: folder }
    }

    fn run(&self, args: &CommandArgs) -> Result<CommandOutput> {
        self.run_with(args, &CancelToken::default(), &batch_run())
    }

    fn run_with(
        &self,
        args: &CommandArgs,
        cancel: &CancelToken,
        run: &LiveRun,
    ) -> Result<CommandOutput> {
        let context = JobContext { store: &self.store, cancel, run };
        execute_command(&self.sandbox, "op", args, context)
    }

    fn log(&self, step: &StepOutput) -> String {
        String::from_utf8(self.store.get(&step.log.unwrap(), 1 << 20).unwrap()).unwrap()
    }
}

fn batch_run() -> LiveRun {
    LiveRun::batch(&JobDefinition::new(Vec::new()))
}

fn service_run() -> LiveRun {
    LiveRun::service(&JobDefinition::new(Vec::new()))
}

fn steps(lines: &[(&str, &str)]) -> CommandArgs {
    let step = |(name, line): &(&str, &str)| Step {
        name: name.to_string(),
        run: StepCommand::Line(line.to_string()),
        shell: None,
        timeout_seconds: None,
    };
    CommandArgs { steps: lines.iter().map(step).collect(), ..CommandArgs::default() }
}

#[test]
fn steps_share_a_folder_and_end_at_the_first_failure() {
    let node = Node::new();
    let mut args =
        steps(&[("build", "echo made > it"), ("test", "cat it; exit 4"), ("ship", "echo shipped")]);
    args.artifacts = vec!["it".to_owned(), "none".to_owned()];
    let output = node.run(&args).unwrap();
    let [build, test, ship] = &output.steps[..] else { panic!("{output:?}") };
    assert!(build.succeeded() && build.log_bytes == 0);
    assert_eq!(
        (test.status, test.exit_code, node.log(test).as_str()),
        (StepStatus::Exited, Some(4), "made\n")
    );
    assert!(test.started_unix_ms >= build.ended_unix_ms);
    assert_eq!(*ship, StepOutput::skipped("ship"));
    assert!(!output.succeeded());
    // Artifacts from before the failure are kept.
    assert_eq!(output.artifacts.len(), 1);
    assert_eq!(node.store.get(&output.artifacts[0].content, 100).unwrap(), b"made\n");
    assert_eq!((output.artifacts[0].size_bytes, output.left_out[0].path.as_str()), (5, "none"));
    // The store returns the output unchanged.
    let id = node.store.put_json(&output).unwrap();
    assert_eq!(node.store.get_json::<CommandOutput>(&id).unwrap(), output);
    // The next job finds no file of this one.
    assert!(node.run(&steps(&[("look", "test ! -e it")])).unwrap().succeeded());
}

#[test]
fn the_time_of_a_run_is_that_of_its_steps() {
    let node = Node::new();
    let run = service_run();
    let args = steps(&[("first", "sleep 0.5"), ("second", "sleep 0.5")]);
    let begun = Instant::now();
    node.run_with(&args, &CancelToken::default(), &run).unwrap();

    let ran = run.take_run_time();
    assert!(ran >= Duration::from_secs(1) && ran <= begun.elapsed(), "{ran:?}");
}

#[test]
fn limits_are_results() {
    let node = Node::new();
    // A step's own time, and the time of all.
    let mut args = steps(&[("wait", "sleep 30")]);
    args.steps[0].timeout_seconds = Some(1);
    assert_eq!(node.run(&args).unwrap().steps[0].limit, Some(LimitReport::Timeout));
    let mut args = steps(&[("first", "sleep 1.2"), ("second", "sleep 30")]);
    args.limits.timeout_seconds = Some(2);
    let output = node.run(&args).unwrap();
    assert!(output.steps[0].succeeded());
    assert_eq!(output.steps[1].limit, Some(LimitReport::Timeout));
}

#[test]
fn artifacts_with_holes_do_not_grow_beyond_the_disk_limit() {
    let node = Node::new();
    let mut args = steps(&[("make", "for i in 1 2 3; do truncate -s 6M $i; done")]);
    args.limits = CommandLimits { disk_mib: Some(8), ..CommandLimits::default() };
    args.artifacts = vec!["?".to_owned()];
    let output = node.run(&args).unwrap();
    assert!(output.succeeded(), "{output:?}");
    assert_eq!(output.artifacts.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["1"]);
    assert!(
        output.left_out.iter().all(|it| it.reason.contains("disk limit"))
            && output.left_out.len() == 2
    );
}

#[test]
fn a_node_fails_only_at_what_it_cannot_do() {
    let node = Node::new();
    let content = node.store.put(b"#!/bin/sh\necho from the input\n").unwrap();
    let input = |content| CommandInput { path: "bin/it".to_owned(), content, unpack: false };
    let mut args = steps(&[("run", "pwd; ../bin/it")]);
    args.inputs = vec![input(content)];
    args.working_directory = Some("new".to_owned());
    let output = node.run(&args).unwrap();
    assert_eq!(node.log(&output.steps[0]), "/work/new\nfrom the input\n");

    let reason = |args: &CommandArgs| format!("{:#}", node.run(args).unwrap_err());
    let mut missing = args.clone();
    missing.inputs = vec![input(ContentId::from_digest([9; 32]))];
    assert!(
        reason(&missing).starts_with("input 0, `bin/it`: ")
            && reason(&missing).contains("is not in this store")
    );
    let mut no_archive = args.clone();
    no_archive.inputs[0].unpack = true;
    assert!(reason(&no_archive).contains("cannot be unpacked"));
    let mut online = args.clone();
    online.network = true;
    assert!(reason(&online).contains("step `run`: this node gives commands no network"));
    // Bytes that do not hash to the input's name are not run.
    let name = nosana_job_spec::Digest(content.digest()).to_string();
    let block = node._folder.path().join("blocks").join(&name[..2]).join(&name[2..4]).join(&name);
    std::fs::write(block, "#!/bin/sh\necho other\n").unwrap();
    assert!(reason(&args).contains("is corrupted"));
}

#[test]
fn the_steps_of_a_service_run_until_it_ends() {
    let node = Node::new();
    let mut args = steps(&[
        ("prepare", "head -c 100000 /dev/zero | tr '\\0' y"),
        ("serve", "trap 'echo bye; exit 0' TERM; touch up; echo up; sleep 60; sleep 60"),
        ("after", "true"),
    ]);
    args.limits.output_bytes = Some(1000);
    args.artifacts = vec!["up".to_owned()];
    let cancel = CancelToken::default();
    let stopper = cancel.clone();
    let live = service_run();
    let seen = live.clone();
    let stopping = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(3));
        // The output is readable before the service ends.
        assert_eq!(seen.read_report().1, 100_003);
        assert!(seen.read_report().0.ends_with(b"yyup\n"));
        stopper.request_stop();
    });
    let output = node.run_with(&args, &cancel, &live).unwrap();
    stopping.join().unwrap();
    let [prepare, serve, after] = &output.steps[..] else { panic!("{output:?}") };
    assert!(
        prepare.succeeded() && prepare.log_truncated && prepare.log_bytes == 1000,
        "{prepare:?}"
    );
    assert_eq!((serve.status, serve.exit_code, serve.limit), (StepStatus::Stopped, Some(0), None));
    assert!(node.log(serve).ends_with("bye\n"));
    assert_eq!((after, output.artifacts.len()), (&StepOutput::skipped("after"), 1));
    // Its own timeout ends a step as in every job.
    let mut args = steps(&[("serve", "sleep 60")]);
    args.limits.timeout_seconds = Some(1);
    let output = node.run_with(&args, &CancelToken::default(), &service_run()).unwrap();
    assert_eq!(output.steps[0].limit, Some(LimitReport::Timeout));
}

#[test]
fn what_a_client_can_spoil_is_known_before_the_start() {
    let node = Node::new();
    let content = node.store.put(b"not an archive").unwrap();
    let input =
        |path: &str, content, unpack| CommandInput { path: path.to_owned(), content, unpack };
    let missing = ContentId::from_digest([9; 32]);
    for (inputs, words) in [
        (vec![input(".", content, true)], "input 0, `.`"),
        (vec![input("a", content, false), input("a/b", content, false)], "input 1, `a/b`"),
        (vec![input("a", missing, false)], "input 0, `a`"),
    ] {
        let args = CommandArgs { inputs, ..steps(&[("look", "true")]) };
        let refused =
            format!("{:#}", check_command(&node.sandbox, &args, &node.store).unwrap_err());
        assert!(refused.contains(words), "{refused}");
        assert!(node.run(&args).is_err());
    }
    check_command(&node.sandbox, &steps(&[("look", "true")]), &node.store).unwrap();
    // Steps may destroy what the next one needs: that is the job's failure.
    let mut args = steps(&[
        ("make", "cd ..; rm -r sub .home; ln -s / sub"),
        ("use", "true"),
        ("end", "chmod 0 ."),
    ]);
    args.working_directory = Some("sub".to_owned());
    args.artifacts = vec!["**".to_owned()];
    node.run(&args).unwrap();
}

#[test]
fn long_names_make_no_output_too_large() {
    let node = Node::new();
    // Control characters take six bytes each in JSON, and there can be four thousand such names.
    let line = "n=$(printf '\\001%.0s' $(seq 240)); mkdir -p $n/$n/$n; touch $n/$n/$n/a short";
    let args = CommandArgs { artifacts: vec!["**".to_owned()], ..steps(&[("name", line)]) };
    let output = node.run(&args).unwrap();
    assert!(output.succeeded(), "{}", node.log(&output.steps[0]));
    let paths: Vec<&str> = output.artifacts.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["short"]);
    let [long] = &output.left_out[..] else { panic!("{:?}", output.left_out) };
    assert!(
        long.reason.contains("1024 bytes")
            && serde_json::to_string(&long.path).unwrap().len() < 1024,
        "{long:?}"
    );
}
