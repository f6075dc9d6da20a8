//! Services: a real node runs a command, and restarts it, until its time is over or its client
//! stops it. Each test computes the expected payments from the chain's timestamps.

mod site;

use std::{fs, process::Output, time::Duration};

use nosana_client::{actions, jobs::accounts::Job, pda};
use nosana_job_spec::{ContentId, ServiceReport};
use nosana_protocol::{
    job::{Kind, Reason, State},
    slot::SlotState,
};
use serde_json::Value;
use site::Site;
use solana_address::Address;
use solana_signer::Signer;

/// Longest time between two heartbeats; the node sends three in that time.
const HEARTBEAT_SECONDS: u32 = 30;
/// Longest time between two heartbeats of a node that restarts, which takes a while.
const LONG_HEARTBEAT_SECONDS: u32 = 60;

struct ServiceSite(Site);

impl ServiceSite {
    async fn start(heartbeat_seconds: u32) -> Self {
        Self(Site::start(heartbeat_seconds, 0).await)
    }

    fn job(&self, subcommand: &str, arguments: &[&str]) -> Output {
        let (rpc, ws) = (self.0.world.network.rpc_url(), self.0.world.network.ws_url());
        self.0
            .nosana(&self.0.world.client, &["job", subcommand], &rpc, &ws)
            .args(arguments)
            .output()
            .unwrap()
    }

    fn done(&self, subcommand: &str, arguments: &[&str]) -> String {
        let output = self.job(subcommand, arguments);
        assert!(
            output.status.success(),
            "{subcommand}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn show(&self, job: Address) -> Value {
        serde_json::from_str(&self.done("show", &[&job.to_string(), "--json"])).unwrap()
    }

    /// Lists a service that runs `line`.
    async fn list(&self, seconds: u64, line: &str, more: &[&str]) -> Address {
        let timeout = seconds.to_string();
        let arguments =
            [&["--service", "--yes", "--timeout", timeout.as_str()], more, &["--", line]].concat();
        self.done("run", &arguments).trim().parse().unwrap()
    }

    async fn running(&self, job: Address, mark: &str) -> Job {
        let account = self.0.until(job, "running", |job| job.state == State::Running as u8).await;
        // Both of bubblewrap's processes and the command: a node that is killed before leaves a
        // process of bubblewrap to its next start.
        self.until_processes(mark, |count| count > 2).await;
        account
    }

    async fn until_processes(&self, mark: &str, is: impl Fn(usize) -> bool) {
        for _ in 0..2_400 {
            if is(processes(mark)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} processes of {mark}", processes(mark));
    }

    async fn balances(&self) -> [u64; 2] {
        [self.0.tokens(&self.0.world.node).await, self.0.tokens(&self.0.world.client).await]
    }

    /// Asserts that since `before` the client has paid for `paid` seconds, and the node has earned
    /// them.
    async fn assert_split(&self, before: [u64; 2], job: &Job, paid: i64) {
        let [node, client] = self.balances().await;
        let earned = paid.unsigned_abs() * job.price_per_second;
        assert_eq!(node - before[0], earned, "the node");
        assert_eq!(
            before[1] - client,
            earned + earned / 10,
            "the client pays that and a fee of a tenth"
        );
        assert_eq!((job.escrow, job.node_credit, job.payer_credit), (0, 0, 0));
    }
}

/// Processes on this machine whose command line has `mark`.
fn processes(mark: &str) -> usize {
    let lines = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((id, fs::read(entry.path().join("cmdline")).ok()?))
    });
    lines.filter(|(_, line)| String::from_utf8_lossy(line).contains(mark)).count()
}

fn mark(name: &str) -> String {
    format!("service-{name}-{}", std::process::id())
}

/// A line that prints once a second, and once more on SIGTERM.
fn ticking(mark: &str) -> String {
    format!(
        ": {mark}; trap 'echo bye; exit 0' TERM; \
         while :; do echo tick | tee -a ticks; sleep 1 || true; done"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_paid_for_the_time_that_it_ran() {
    let here = ServiceSite::start(HEARTBEAT_SECONDS).await;
    let before = here.balances().await;
    let mut node = here.0.node(&[]);

    // A service that is extended beyond its first end, then stopped.
    let name = mark("stopped");
    let job = here.list(4, &ticking(&name), &[]).await;
    let started = here.running(job, &name).await;
    assert_eq!((started.kind, started.timeout_seconds), (Kind::Service as u8, 4));
    assert!(here.done("extend", &[&job.to_string(), "600"]).contains("604 s"));
    let unreported = String::from_utf8(here.job("logs", &[&job.to_string()]).stderr).unwrap();
    assert!(unreported.contains("has not reported yet"), "{unreported}");

    // The first heartbeat reports what it has printed by then.
    let reported = here.0.until(job, "reported", |job| job.checkpoint != [0; 32]).await;
    assert!(reported.heartbeat_at > started.started_at + 4);
    assert_eq!(reported.state, State::Running as u8);
    assert!(here.done("logs", &[&job.to_string()]).starts_with("tick\ntick\n"));
    let shown = here.show(job);
    let expected = (&"Running".into(), &"service".into(), &Value::Null);
    assert_eq!(
        (&shown["state"], &shown["kind"], &shown["checkpoint"]),
        expected,
        "it has not ended"
    );
    let left = shown["seconds_left"].as_u64().unwrap();
    let paid = shown["paid_seconds"].as_u64().unwrap();
    assert!(paid > 4 && left + paid == 604, "{shown}");
    assert_eq!(shown["node_amount"], paid * started.price_per_second);
    assert!(processes(&name) > 0, "it was ended at its first end");
    let printed = here.done("stop", &[&job.to_string()]);
    here.until_processes(&name, |count| count == 0).await;
    let stopped = here.0.settled(job).await;
    assert_eq!(stopped.reason, Reason::ClientStopped as u8);
    let seconds = stopped.settled_at - stopped.started_at;
    assert!((5..60).contains(&seconds), "{seconds} s: {printed}");
    here.assert_split(before, &stopped, seconds).await;
    assert!(here.done("logs", &[&job.to_string()]).starts_with("tick\ntick\n"), "the report stays");
    node.says("finished").await;

    // A service that runs to its end. Its log and artifacts are available afterwards.
    let before = here.balances().await;
    let name = mark("whole");
    let job = here.list(5, &ticking(&name), &["--artifact", "ticks"]).await;
    let whole = here.0.settled(job).await;
    assert_eq!((whole.reason, whole.result), (Reason::Completed as u8, [0; 32]));
    here.assert_split(before, &whole, 5).await;
    assert_eq!(processes(&name), 0);
    let logs: Value =
        serde_json::from_str(&here.done("logs", &[&job.to_string(), "--json"])).unwrap();
    let step = &logs["outputs"]["run"]["steps"][0];
    let kept = &logs["outputs"]["run"]["artifacts"][0];
    assert_eq!(
        (&step["status"], &step["exit_code"], &step["limit"]),
        (&"stopped".into(), &0.into(), &Value::Null)
    );
    let text = step["log_text"].as_str().unwrap();
    assert!(text.starts_with("tick\ntick\ntick\n") && text.ends_with("bye\n"), "{text}");
    let ticks = text.matches("tick\n").count() as u64;
    assert_eq!(
        (kept["path"].as_str(), kept["size_bytes"].as_u64()),
        (Some("ticks"), Some(ticks * 5))
    );
    let waited = here.job("wait", &[&job.to_string()]);
    let stderr = String::from_utf8(waited.stderr).unwrap();
    assert!(
        waited.status.success()
            && stderr.contains("ended: Completed")
            && stderr.contains("cost     5 s at")
            && stderr.contains("for 5 s"),
        "{stderr}"
    );

    // A command that ends by itself is restarted, and its log is available from its first end on.
    let before = here.balances().await;
    let job = here.list(3_000, "echo served; exit 3", &[]).await;
    let first = here.0.until(job, "reported", |job| job.checkpoint != [0; 32]).await.checkpoint;
    let report: ServiceReport = here.0.store.get_json(&ContentId::from_digest(first)).unwrap();
    let expected = "served\n[node] its operations ended; they begin again in 1 s\n";
    assert_eq!((report.log.as_str(), report.restarts), (expected, 0), "before the next run");
    node.says("pause_seconds=2").await;
    let reported = here.0.until(job, "reported again", |job| job.checkpoint != first).await;
    let logs = here.done("logs", &[&job.to_string()]);
    assert!(
        logs.starts_with("served\n[node] its operations ended; they begin again in 1 s\nserved\n"),
        "{logs}"
    );
    assert_eq!(reported.state, State::Running as u8);
    assert!(here.show(job)["restarts"].as_u64().unwrap() > 0);
    here.done("stop", &[&job.to_string()]);
    let stopped = here.0.settled(job).await;
    assert_eq!(stopped.reason, Reason::ClientStopped as u8);
    here.assert_split(before, &stopped, stopped.settled_at - stopped.started_at).await;
    assert!(here.done("logs", &[&job.to_string()]).starts_with("served\n"), "its log stays");
    node.leaves().await;
    node.says("3 jobs finished, 0 given back").await;
    here.0.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_node_resumes_its_service_or_is_paid_to_its_last_heartbeat() {
    let here = ServiceSite::start(LONG_HEARTBEAT_SECONDS).await;
    let before = here.balances().await;
    let mut node = here.0.node(&[]);
    let name = mark("killed");
    let job = here.list(3_000, &ticking(&name), &[]).await;
    let started = here.running(job, &name).await;
    node.signal("-KILL");
    node.killed().await;
    here.until_processes(&name, |count| count == 0).await;

    // The restarted node starts the command again in the same run, and sends a heartbeat at once.
    let mut node = here.0.node(&[]);
    here.running(job, &name).await;
    let beaten = here.0.until(job, "beaten", |job| job.heartbeat_at > started.started_at).await;
    assert_eq!(
        (beaten.started_at, beaten.attempts, beaten.state),
        (started.started_at, 0, State::Running as u8)
    );
    here.done("stop", &[&job.to_string()]);
    here.until_processes(&name, |count| count == 0).await;
    let stopped = here.0.settled(job).await;
    assert_eq!(stopped.reason, Reason::ClientStopped as u8);
    here.assert_split(before, &stopped, stopped.settled_at - stopped.started_at).await;

    // A node that was away for too long is paid to its last heartbeat, and does not restart the
    // run.
    let before = here.balances().await;
    let name = mark("away");
    let job = here.list(3_000, &ticking(&name), &[]).await;
    here.running(job, &name).await;
    assert!(here.done("extend", &[&job.to_string(), "1"]).contains("3001 s"));
    node.signal("-KILL");
    node.killed().await;
    let proven = here.0.job(job).await.heartbeat_at;
    here.0.world.network.advance_seconds(u64::from(LONG_HEARTBEAT_SECONDS) + 1).await.unwrap();
    let mut node = here.0.node(&[]);
    let lost = here.0.settled(job).await;
    assert_eq!((lost.reason, lost.heartbeat_at), (Reason::HeartbeatLost as u8, proven));
    here.assert_split(before, &lost, proven - lost.started_at).await;
    node.says("the node was away for too long").await;
    // Its slot rests, as after every run that ended without a result.
    here.0.world.network.advance_seconds(u64::from(LONG_HEARTBEAT_SECONDS) + 1).await.unwrap();
    assert!(!node.log().contains("executed"), "{}", node.log());

    // A node may end a service early and report that: the client gets advice.
    for (seconds, advice) in
        [(3_000, "wait, the missing heartbeats end it"), (60, "`nosana job stop` it now")]
    {
        let before = here.balances().await;
        let name = mark("left");
        let job = here.list(seconds, &ticking(&name), &[]).await;
        here.running(job, &name).await;
        node.signal("-KILL");
        node.killed().await;
        let attempt = here.0.job(job).await.attempt_id;
        let last = actions::heartbeat(here.0.world.node.pubkey(), job, attempt, [7; 32], 10_000);
        here.0
            .world
            .session
            .send_transaction(&[last.into()], &here.0.world.node, &[])
            .await
            .unwrap();
        assert!(here.done("show", &[&job.to_string()]).contains(advice));
        let refused =
            String::from_utf8(here.job("extend", &[&job.to_string(), "60"]).stderr).unwrap();
        assert!(refused.contains("its node has ended the service"), "{refused}");
        here.done("stop", &[&job.to_string()]);
        let stopped = here.0.settled(job).await;
        here.assert_split(before, &stopped, (stopped.settled_at - stopped.started_at).max(1)).await;
        node = here.0.node(&[]);
        node.says("Working.").await;
    }
    node.leaves().await;
    let account: nosana_client::jobs::accounts::Node = here
        .0
        .world
        .session
        .fetch_account(&pda::jobs::node(&here.0.world.node.pubkey()))
        .await
        .unwrap();
    let idle = [SlotState::Free as u8, SlotState::Resting as u8];
    assert!(account.slots.iter().all(|slot| idle.contains(&slot.state)), "a slot is still in use");
    here.0.world.stop().await.unwrap();
}
