//! `nosana job` on a local network with a GPU node.

mod network;
mod refused_jobs;

use std::{
    fs,
    ops::Deref,
    process::Output,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Longest time to wait for something on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A network, with methods that run `nosana job` as its client.
struct Client(network::Network);

impl Deref for Client {
    type Target = network::Network;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Client {
    fn start(with_node: bool) -> Self {
        Self(network::Network::start(with_node))
    }

    fn job(&self, arguments: &[&str]) -> Output {
        self.run("client", &[&["job"], arguments].concat())
    }

    fn done(&self, arguments: &[&str]) -> String {
        self.0.done("client", &[&["job"], arguments].concat())
    }

    fn refused(&self, arguments: &[&str]) -> String {
        self.0.refused("client", &[&["job"], arguments].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.0.json("client", &[&["job"], arguments].concat())
    }

    /// Repeats the command until its JSON `is` as expected.
    fn until(&self, arguments: &[&str], is: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let printed = self.json(arguments);
            if is(&printed) {
                return printed;
            }
            assert!(Instant::now() < deadline, "{arguments:?}: {printed}");
            sleep(Duration::from_millis(500));
        }
    }
}

#[test]
fn a_job_is_listed_waited_for_and_read() {
    let network = Client::start(true);
    let printed = network.done(&[
        "embed",
        "A cat sits on a mat.",
        "The rain stops.",
        "--yes",
        "--wait",
        "--json",
    ]);
    let result: Value = serde_json::from_str(&printed).unwrap();
    let vectors = result["outputs"]["embed"]["embeddings"].as_array().unwrap();
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let length: f64 =
            vector.as_array().unwrap().iter().map(|x| x.as_f64().unwrap().powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-3, "{length}");
    }
    let job = result["job"].as_str().unwrap();
    let waited = network.job(&["wait", job, "--json"]);
    let again: Value = serde_json::from_slice(&waited.stdout).unwrap();
    for field in ["job", "succeeded", "exit_code", "result", "outputs", "cost"] {
        assert_eq!(again[field], result[field], "{field}");
    }
    let shown: Value = serde_json::from_str(&network.done(&["show", job, "--json"])).unwrap();
    assert_eq!((&shown["state"], &shown["reason"]), (&"Settled".into(), &"Completed".into()));
    assert!(network.refused(&["cancel", job]).contains("the job is settled (Completed)"));

    // What it cost is what the chain has paid, wherever it is printed.
    let [deposit, paid, cost, node, fee, refund] =
        ["deposit", "paid_seconds", "cost", "node_amount", "network_amount", "refund_amount"].map(
            |name| {
                assert_eq!(shown[name], result["cost"][name], "{name}");
                shown[name].as_u64().unwrap()
            },
        );
    let [started, submitted] =
        ["started_at", "submitted_at"].map(|name| shown[name].as_u64().unwrap());
    assert_eq!(paid, (submitted - started).max(1));
    assert_eq!((deposit, node, fee), (33_000, paid * 50, paid * 5));
    assert_eq!((cost, refund), (node + fee, deposit - cost));
    assert!(network.done(&["show", job]).contains(&format!("{paid} s at 0.000050 NOS a second")));
    let steps: Vec<_> = shown["transactions"].as_array().unwrap().iter().collect();
    assert_eq!(steps.first().unwrap()["instructions"], serde_json::json!(["list"]));
    assert!(steps.iter().any(|step| step["instructions"] == serde_json::json!(["start"])));
    assert_eq!(shown["returns"], serde_json::json!([]));
    assert_eq!(again["transactions"], shown["transactions"]);
    let printed = String::from_utf8(waited.stderr).unwrap();
    let first = steps[0]["signature"].as_str().unwrap();
    let line = printed.lines().find(|line| line.contains(first));
    assert!(
        line.is_some_and(|line| line.contains("transaction") && line.contains("list")),
        "{printed}"
    );
    let listed = network.json(&["list", "--transactions"]);
    assert_eq!((&listed[0]["cost"], &listed[0]["job"]), (&cost.into(), &job.into()));
    assert_eq!(listed[0]["transactions"].as_array().unwrap().len(), steps.len());
    assert_eq!(listed[0]["command"], "embed A cat sits on a mat.");
    let table = network.done(&["list", "--cost"]);
    let nos = |amount: u64| format!("0.{amount:06} NOS");
    let pay = format!("{paid} s at 0.000050 NOS a second: {} for the node", nos(node));
    let fee = format!("and a fee of {}; {} came back", nos(fee), nos(refund));
    assert!(table.contains(&pay) && table.contains(&fee), "{table}");
    assert!(!network.done(&["list"]).contains("for the node"));
}

#[test]
fn a_project_is_tested_in_a_sandbox() {
    let network = Client::start(true);
    let folder = tempfile::tempdir().unwrap();
    let [project, out] = ["project", "out"].map(|name| folder.path().join(name));
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(
        project.join("check.sh"),
        "mkdir -p report\ntr a-z A-Z < src/words | tee report/words.txt\n",
    )
    .unwrap();
    fs::write(project.join("src/words"), "three small words\n").unwrap();
    let (project, out) = (project.to_str().unwrap(), out.to_str().unwrap());
    let line =
        "sh check.sh; echo \"$GREETING\" >&2; ln -s /etc/passwd report/link; test ! -e /root";
    let options =
        ["--env", "GREETING=hello", "--input", project, "--artifact", "report", "--yes", "--wait"];
    let run = [&["run"][..], &options, &["--artifacts-to", out, "--", line]].concat();
    let printed = network.job(&run);
    let stderr = String::from_utf8(printed.stderr).unwrap();
    assert!(printed.status.success(), "{stderr}");
    // The lines of the two streams come in any order.
    let printed = String::from_utf8(printed.stdout).unwrap();
    let mut log: Vec<&str> = printed.lines().skip(1).collect();
    log.sort_unstable();
    assert_eq!(log, ["THREE SMALL WORDS", "hello"]);
    assert!(stderr.contains("did not keep report/link: it is a symbolic link"), "{stderr}");
    assert_eq!(
        fs::read_to_string(folder.path().join("out/report/words.txt")).unwrap(),
        "THREE SMALL WORDS\n"
    );
    assert!(!folder.path().join("out/report/link").exists());

    // A failed build is a result: the node is paid, and the client gets the log and the exit code.
    let red = network.job(&["run", "--yes", "--wait", "--", "sh", "-c", "echo red; exit 3"]);
    assert_eq!(red.status.code(), Some(3), "the command's own status");
    let (job, log) = std::str::from_utf8(&red.stdout).unwrap().split_once('\n').unwrap();
    assert_eq!(log, "red\n");
    assert!(String::from_utf8(red.stderr).unwrap().contains("run / run: exit code 3"));
    let shown: Value = serde_json::from_str(&network.done(&["show", job, "--json"])).unwrap();
    assert_eq!((&shown["state"], &shown["reason"]), (&"Settled".into(), &"Completed".into()));
    for (arguments, text) in [(&["logs", job][..], "red\n"), (&["logs", job, "--raw"], "red\n")] {
        let printed = network.job(arguments);
        assert_eq!((printed.status.code(), &printed.stdout[..]), (Some(3), text.as_bytes()));
    }
    assert!(network.refused(&["stop", job]).contains("the job is settled (Completed)"));
    assert!(network.refused(&["cancel", job]).contains("the job is settled (Completed)"));
    let waited = network.job(&["wait", job]);
    assert_eq!((waited.status.code(), &waited.stdout[..]), (Some(3), &b"red\n"[..]));
    let waited = network.job(&["wait", job, "--json"]);
    assert_eq!(waited.status.code(), Some(3));
    let waited: Value = serde_json::from_slice(&waited.stdout).unwrap();
    assert_eq!((&waited["succeeded"], &waited["exit_code"]), (&false.into(), &3.into()));
    let printed = network.job(&["logs", job, "--json"]);
    assert_eq!(printed.status.code(), Some(3));
    let logs: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!((&logs["succeeded"], &logs["result"]), (&false.into(), &shown["result"]));
    let step = &logs["outputs"]["run"]["steps"][0];
    assert_eq!((&step["exit_code"], &step["log_text"]), (&3.into(), &"red\n".into()));

    // A log that was changed is not printed.
    let log: nosana_job_spec::ContentId = step["log"].as_str().unwrap().parse().unwrap();
    let name = nosana_job_spec::Digest(log.digest()).to_string();
    let block = network.store.join("blocks").join(&name[..2]).join(&name[2..4]).join(&name);
    fs::write(&block, "green").unwrap();
    assert!(network.refused(&["logs", job]).contains("is corrupted"));

    a_log_controls_no_terminal_unless_it_is_raw(&network);
}

fn a_log_controls_no_terminal_unless_it_is_raw(network: &Client) {
    let line = r"printf '\033]0;x\007done\n'";
    let ran = network.done(&["run", "--yes", "--wait", "--", line]);
    let (job, log) = ran.split_once('\n').unwrap();
    assert_eq!(log, "]0;xdone\n");

    for command in ["logs", "wait"] {
        assert_eq!(network.done(&[command, job]), "]0;xdone\n");
        assert_eq!(network.done(&[command, job, "--raw"]), "\x1b]0;x\x07done\n");
    }
}

#[test]
fn a_job_that_waits_can_be_extended_and_taken_back() {
    let network = Client::start(false);
    assert!(network.refused(&["embed", "Without confirmation."]).contains("--yes"));
    assert!(
        network
            .refused(&["embed", "Too expensive.", "--yes", "--max-price", "0.000001"])
            .contains("--max-price 0.000001")
    );
    assert!(
        network
            .refused(&["embed", "Too long.", "--yes", "--timeout", "999999999"])
            .contains("--timeout")
    );
    let listed = network.job(&["embed", "One", "--yes"]);
    let warned = String::from_utf8(listed.stderr).unwrap();
    assert!(warned.contains("no node waits or works in the market"), "{warned}");
    let job = String::from_utf8(listed.stdout).unwrap().trim().to_owned();
    assert!(network.done(&["extend", &job, "60"]).contains("660 s"));
    for seconds in ["2941", &u64::MAX.to_string()] {
        let refused = network.refused(&["extend", &job, seconds]);
        assert!(refused.contains("allows 3600 s at most"), "{refused}");
        assert!(refused.contains("give 2940 seconds or fewer"), "{refused}");
    }
    assert!(network.refused(&["stop", &job]).contains("nosana job cancel"));
    assert!(network.done(&["list", "--state", "open"]).contains("Queued"));
    assert!(network.done(&["cancel", &job]).contains("0.036300 NOS came back"));
    assert!(network.done(&["list"]).contains("Cancelled"));
    assert!(network.refused(&["collect", &job]).contains("NothingToCollect"));

    // More jobs than one transaction closes.
    let mut jobs = vec![job];
    for number in 2..=17 {
        let job = network.json(&["embed", &number.to_string(), "--yes", "--timeout", "60"]);
        let job = job["job"].as_str().unwrap().to_owned();
        let cancelled = network.json(&["cancel", &job]);
        assert_eq!(cancelled["settlement"]["refund_amount"], 3_300);
        jobs.push(job);
    }
    let names = |arguments: &[&str]| -> Vec<String> {
        let listed = network.json(&[&["list"], arguments].concat());
        let jobs = listed.as_array().unwrap().iter();
        jobs.map(|job| job["job"].as_str().unwrap().to_owned()).collect()
    };
    let newest: Vec<_> = jobs.iter().rev().cloned().collect();
    assert_eq!(names(&[]), newest);
    assert_eq!(names(&["--limit", "2", "--since", "1d"]), newest[..2]);
    assert_eq!(names(&["--state", "settled,running"]), newest);
    assert_eq!(names(&["--state", "settled", "--limit", "1"]), newest[..1]);
    assert_eq!(names(&["--state", "open"]), [""; 0]);
    assert_eq!(names(&["--since", "2100-01-01"]), [""; 0]);
    assert!(network.refused(&["list", "--state", "over"]).contains("possible values: open"));
    let shown = network.json(&["show", &jobs[0]]);
    let steps: Vec<_> = shown["transactions"].as_array().unwrap().iter().collect();
    let steps: Vec<_> = steps.iter().map(|step| &step["instructions"][0]).collect();
    assert_eq!(steps, ["list", "extend", "cancel"]);
    assert_eq!((&shown["cost"], &shown["refund_amount"]), (&0.into(), &36_300.into()));

    // A dry run closes nothing, and an age keeps the young ones.
    let dry = ["clean", "--dry-run"];
    let all = |printed: &Value| printed["would_close"].as_array().unwrap().len() == jobs.len();
    network.until(&dry, all);
    assert_eq!(
        network.json(&["clean", "--older-than", "1d", "--yes"])["closed"],
        Value::from(Vec::<Value>::new())
    );
    assert!(network.refused(&["clean"]).contains("--yes"));
    let cleaned = network.json(&["clean", "--yes"]);
    assert_eq!(cleaned["closed"].as_array().unwrap().len(), jobs.len());
    assert_eq!(cleaned["signatures"].as_array().unwrap().len(), 2, "several in a transaction");
    assert_eq!(names(&[]), [""; 0]);
}
