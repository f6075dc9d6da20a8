//! `nosana job` on a local network with a GPU node.

mod network;

use std::{fs, ops::Deref, process::Output};

use serde_json::Value;

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
    let again: Value = serde_json::from_str(&network.done(&["wait", job, "--json"])).unwrap();
    assert_eq!(again, result);
    let shown: Value = serde_json::from_str(&network.done(&["show", job, "--json"])).unwrap();
    assert_eq!((&shown["state"], &shown["reason"]), (&"Settled".into(), &"Completed".into()));
    assert!(network.refused(&["cancel", job]).contains("the job is settled (Completed)"));
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
    assert_eq!(
        String::from_utf8(printed.stdout).unwrap().lines().skip(1).collect::<Vec<_>>(),
        ["THREE SMALL WORDS", "hello"]
    );
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
    let job = network.done(&["embed", "One", "--yes"]).trim().to_owned();
    assert!(network.done(&["extend", &job, "60"]).contains("660 s"));
    assert!(network.refused(&["stop", &job]).contains("nosana job cancel"));
    assert!(network.done(&["cancel", &job]).contains("0.036300 NOS came back"));
    assert!(network.done(&["list"]).contains("Cancelled"));
    assert!(network.refused(&["collect", &job]).contains("NothingToCollect"));
}

#[test]
fn a_question_is_answered() {
    let network = Client::start(true);
    let arguments =
        ["generate", "What is the capital of France?", "--max-tokens", "4", "--yes", "--wait"];
    let printed = network.job(&arguments);
    let stderr = String::from_utf8(printed.stderr).unwrap();
    assert!(printed.status.success() && stderr.contains("cut off after 4 tokens"), "{stderr}");
    assert_eq!(
        String::from_utf8(printed.stdout).unwrap().lines().last(),
        Some("The capital of France")
    );
}
