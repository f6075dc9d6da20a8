//! `nosana localnet` in a process of its own, until it is dropped, and `nosana` on its network.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::NamedTempFile;

/// Where the programs are built, unless `SBF_OUT_DIR` says otherwise.
const DEPLOY_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy");

#[allow(dead_code, reason = "each test uses its part")]
pub struct Network {
    /// `None` if the network runs in the test itself.
    process: Option<Child>,
    pub url: String,
    pub keys: PathBuf,
    pub store: PathBuf,
    /// The content endpoint, if the network has one.
    pub content: Option<String>,
    /// What the network prints to standard error.
    log: NamedTempFile,
}

#[allow(dead_code, reason = "each test uses its part")]
impl Network {
    pub fn start(with_node: bool) -> Self {
        Self::start_with(with_node, &[])
    }

    /// Starts a network without a node that serves its store at a free port.
    pub fn start_with_content() -> Self {
        Self::start_command(&["--content", "127.0.0.1:0"], &[])
    }

    /// Starts a network with these variables in its environment.
    pub fn start_with(with_node: bool, variables: &[(&str, &str)]) -> Self {
        Self::start_command(with_node.then_some("--with-node").as_slice(), variables)
    }

    fn start_command(options: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
        command.args(["localnet", "--port", "0"]).args(options);
        if std::env::var_os("SBF_OUT_DIR").is_none() {
            command.env("SBF_OUT_DIR", DEPLOY_FOLDER);
        }
        command.env("RUST_LOG", "warn,nosana=info").envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(log.reopen().unwrap());
        let mut process = command.spawn().unwrap();
        let (mut url, mut keys, mut store, mut content) = (None, None, None, None);
        for line in BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok) {
            let (name, value) = line.split_once(' ').unwrap_or((&line, ""));
            let value = value.trim().to_owned();
            match name {
                "rpc" => url = Some(value),
                "keys" => keys = Some(value),
                "store" => store = Some(value),
                "content" => content = Some(value),
                "Ready." => break,
                _ => {}
            }
        }
        let [url, keys, store] = [url, keys, store]
            .map(|value| value.expect("the network prints its addresses and folders"));
        let (keys, store) = (keys.into(), store.into());
        Self { process: Some(process), url, keys, store, content, log }
    }

    /// A network in the test itself, whose clock the test can move.
    pub fn beside(url: String, keys: PathBuf, store: PathBuf) -> Self {
        let log = NamedTempFile::new().unwrap();
        Self { process: None, url, keys, store, content: None, log }
    }

    /// The digest of a program's file, without the zeros at its end.
    pub fn digest_program(name: &str) -> String {
        let folder = std::env::var("SBF_OUT_DIR").unwrap_or_else(|_| DEPLOY_FOLDER.to_owned());
        let mut code = fs::read(format!("{folder}/{name}.so")).unwrap();
        code.truncate(code.iter().rposition(|byte| *byte != 0).unwrap() + 1);
        nosana_job_spec::Digest::of(&code).to_string()
    }

    /// Waits until the network has printed `part`, and returns everything that it printed.
    pub fn wait_for_log(&self, part: &str) -> String {
        let until = Instant::now() + Duration::from_secs(300);

        loop {
            let log = fs::read_to_string(self.log.path()).unwrap();
            if log.contains(part) {
                return log;
            }
            assert!(Instant::now() < until, "`{part}` is not in the log:\n{log}");
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Runs `nosana` with the key of `wallet`.
    pub fn run(&self, wallet: &str, arguments: &[&str]) -> Output {
        self.command(wallet, arguments).output().unwrap()
    }

    /// Prepares `nosana` with the key of `wallet`.
    pub fn command(&self, wallet: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));

        // The connection options follow the subcommands: after `--` comes a job's own command.
        let (subcommands, rest) = arguments.split_at(2.min(arguments.len()));
        command.args(subcommands).args(["--url", &self.url]);
        command
            .arg("--keypair")
            .arg(self.keys.join(wallet).with_extension("json"))
            .arg("--store")
            .arg(&self.store);
        command.args(rest).stdin(Stdio::null());
        command
    }

    /// Runs `nosana`, which must succeed, and returns its output.
    pub fn done(&self, wallet: &str, arguments: &[&str]) -> String {
        let output = self.run(wallet, arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `nosana`, which must succeed, and returns its output as JSON.
    pub fn json(&self, wallet: &str, arguments: &[&str]) -> Value {
        let printed = self.done(wallet, &[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{printed}"))
    }

    /// Runs `nosana`, which must fail, and returns its error.
    pub fn refused(&self, wallet: &str, arguments: &[&str]) -> String {
        let output = self.run(wallet, arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        String::from_utf8(output.stderr).unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // SIGTERM, so that it removes its files.
            let _ = Command::new("kill").arg(process.id().to_string()).status();
            let _ = process.wait();
        }

        // A failed test may be explained only by what the node reported.
        if thread::panicking() {
            let log = fs::read_to_string(self.log.path()).unwrap_or_default();
            eprintln!("the log of the network:\n{log}");
        }
    }
}
