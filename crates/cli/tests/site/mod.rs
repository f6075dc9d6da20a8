//! A local network in this process, and `nosana node run` in processes that a test can kill.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use nosana_client::{
    actions,
    jobs::{accounts::Job, types::MarketTerms},
    pda,
};
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{InferenceArgs, JobDefinition, Operation, Task};
use nosana_localnet::{World, WorldConfig, windowless_terms};
use nosana_protocol::job::{Kind, State};
use nosana_store::Store;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Longest time to wait for an event on a busy machine.
pub const EVENT_TIMEOUT: Duration = Duration::from_secs(300);

pub struct Site {
    pub world: World,
    pub store: Store,
    folder: tempfile::TempDir,
}

#[allow(dead_code, reason = "each test uses its part")]
impl Site {
    /// Starts a network whose market has short clocks.
    pub async fn start(heartbeat_seconds: u32, challenge_seconds: u32) -> Self {
        Self::with(MarketTerms {
            heartbeat_seconds,
            challenge_seconds,
            start_seconds: 30,
            ..windowless_terms()
        })
        .await
    }

    /// Starts a network with a market of these terms.
    pub async fn with(terms: MarketTerms) -> Self {
        let defaults = WorldConfig::default();
        let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy");
        let programs_folder =
            std::env::var_os("SBF_OUT_DIR").map_or_else(|| built.into(), PathBuf::from);
        let config = WorldConfig { slot_ms: 50, programs_folder, terms, ..defaults };
        let world = World::start(config, |_| {}).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let site = Self { world, store, folder };
        site.stake(&site.world.node).await;
        site
    }

    /// Creates a wallet with a stake for a node.
    pub async fn another_owner(&self) -> Keypair {
        let wallet = self.world.create_wallet(10_000_000_000, 2_000_000_000).await.unwrap();
        self.stake(&wallet).await;
        wallet
    }

    async fn stake(&self, owner: &Keypair) {
        let stake =
            actions::open_stake(owner.pubkey(), self.world.mint, 1_000_000_000, 365 * 86_400);
        self.world.session.send_transaction(&[stake.into()], owner, &[]).await.unwrap();
    }

    /// Starts `nosana node run` with the network's first node.
    pub fn node(&self, arguments: &[&str]) -> NodeProcess {
        self.node_of(&self.world.node, arguments, None)
    }

    /// Starts `nosana node run`, which kills itself at `point`.
    pub fn doomed_node(&self, point: &str) -> NodeProcess {
        self.node_of(&self.world.node, &[], Some(point))
    }

    pub fn node_of(
        &self,
        owner: &Keypair,
        arguments: &[&str],
        kill_at: Option<&str>,
    ) -> NodeProcess {
        let (rpc, ws) = (self.world.network.rpc_url(), self.world.network.ws_url());
        let mut command = self.nosana(owner, &["node", "run"], &rpc, &ws);
        command.args(arguments).envs(kill_at.map(|point| ("NOSANA_KILL_AT", point)));
        NodeProcess::start(command)
    }

    /// Starts `nosana node run` with other addresses of the network.
    pub fn node_through(&self, rpc: &str, ws: &str) -> NodeProcess {
        NodeProcess::start(self.nosana(&self.world.node, &["node", "run"], rpc, ws))
    }

    /// Starts a node with a prepared command.
    pub fn start_node(&self, command: Command) -> NodeProcess {
        NodeProcess::start(command)
    }

    /// Prepares `nosana` with a key, a store and a network; the caller adds more arguments.
    pub fn nosana(&self, owner: &Keypair, subcommand: &[&str], rpc: &str, ws: &str) -> Command {
        self.nosana_in(self.folder.path(), owner, subcommand, rpc, ws)
    }

    /// Prepares `nosana` as on another machine: it shares no folder with the other commands.
    pub fn nosana_on(&self, machine: &str, owner: &Keypair, subcommand: &[&str]) -> Command {
        let urls = [self.world.network.rpc_url(), self.world.network.ws_url()];
        self.nosana_through(&urls, machine, owner, subcommand)
    }

    /// The same, with other addresses of the network: of its RPC server, and of its websocket.
    pub fn nosana_through(
        &self,
        [rpc, ws]: &[String; 2],
        machine: &str,
        owner: &Keypair,
        subcommand: &[&str],
    ) -> Command {
        let folder = self.machine(machine);
        std::fs::create_dir_all(&folder).unwrap();
        self.nosana_in(&folder, owner, subcommand, rpc, ws)
    }

    /// The folder of another machine.
    pub fn machine(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn nosana_in(
        &self,
        folder: &Path,
        owner: &Keypair,
        subcommand: &[&str],
        rpc: &str,
        ws: &str,
    ) -> Command {
        let key = folder.join(format!("{}.json", owner.pubkey()));
        std::fs::write(&key, serde_json::to_vec(&owner.to_bytes().to_vec()).unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
        command.args(subcommand).args(["--url", rpc, "--ws", ws]).arg("--keypair").arg(key);
        command.arg("--store").arg(folder.join("store")).stdin(Stdio::null());
        // Tests wait for log lines, whatever their own log level is.
        command
            .env("RUST_LOG", "warn,nosana=info")
            .env("NOSANA_STATE", folder.join("state"))
            .env_remove("NOSANA_KILL_AT");
        command
    }

    /// The journal of the owner's node.
    pub fn journal(&self, owner: &Keypair) -> PathBuf {
        self.folder.path().join("state").join(format!("node-{}.json", owner.pubkey()))
    }

    /// The file of this content in the store.
    pub fn file_of(&self, digest: [u8; 32]) -> PathBuf {
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.path().join("store/blocks").join(&name[..2]).join(&name[2..4]).join(name)
    }

    /// Lists a job that embeds `text`.
    pub async fn list(&self, nonce: u64, text: &str) -> Address {
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, [text]);
        let definition =
            JobDefinition::new(vec![Operation::InferenceRun { id: "embed".into(), args }]);
        self.list_definition(nonce, self.store.put_json(&definition).unwrap().digest()).await
    }

    pub async fn list_definition(&self, nonce: u64, definition: [u8; 32]) -> Address {
        let list = self.build_listing(nonce, definition);
        self.world.session.send_transaction(&[list], &self.world.client, &[]).await.unwrap();
        pda::jobs::job(&self.world.client.pubkey(), nonce)
    }

    /// The instruction by which the client lists a job.
    pub fn build_listing(&self, nonce: u64, definition: [u8; 32]) -> Instruction {
        let kind = Kind::Batch as u8;
        let order = actions::JobListing {
            nonce,
            definition,
            kind,
            timeout_seconds: 600,
            max_price_per_second: 1_000,
            is_private: false,
        };
        let client = self.world.client.pubkey();
        actions::list(client, client, self.world.market, self.world.mint, order).into()
    }

    pub async fn job(&self, address: Address) -> Job {
        self.world.session.fetch_account(&address).await.unwrap()
    }

    /// Waits until the job satisfies `is`.
    pub async fn until(&self, address: Address, what: &str, is: impl Fn(&Job) -> bool) -> Job {
        let begun = Instant::now();
        loop {
            let job = self.job(address).await;
            if is(&job) {
                return job;
            }
            assert!(
                begun.elapsed() < EVENT_TIMEOUT,
                "{what}: the job stays in state {}",
                job.state
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn settled(&self, address: Address) -> Job {
        self.until(address, "settled", |job| job.state == State::Settled as u8).await
    }

    pub async fn tokens(&self, owner: &Keypair) -> u64 {
        self.world
            .session
            .fetch_token_balance(&self.world.token_account(&owner.pubkey()))
            .await
            .unwrap()
    }
}

pub struct NodeProcess {
    process: Child,
    log: Arc<Mutex<String>>,
}

#[allow(dead_code, reason = "each test uses its part")]
impl NodeProcess {
    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (out, err) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
        let streams: [Box<dyn BufRead + Send>; 2] =
            [Box::new(BufReader::new(out)), Box::new(BufReader::new(err))];
        for stream in streams {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                for line in stream.lines().map_while(Result::ok) {
                    *log.lock().unwrap() += &(line + "\n");
                }
            });
        }
        Self { process, log }
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits for a line that contains `words`, and returns it.
    pub async fn says(&self, words: &str) -> String {
        self.says_more(words, 0).await
    }

    /// Waits for one more line that contains `words`, after `seen` of them.
    pub async fn says_more(&self, words: &str, seen: usize) -> String {
        let begun = Instant::now();
        loop {
            if let Some(line) = self.log().lines().filter(|line| line.contains(words)).nth(seen) {
                return line.to_owned();
            }
            assert!(begun.elapsed() < EVENT_TIMEOUT, "it never prints `{words}`:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until it ends.
    pub async fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < EVENT_TIMEOUT, "it does not end:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until it has killed itself.
    pub async fn killed(&mut self) {
        let status = self.ended().await;
        assert_eq!(status.signal(), Some(9), "{status}:\n{}", self.log());
    }

    pub fn signal(&self, name: &str) {
        assert!(
            Command::new("kill")
                .args([name, &self.process.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Sends SIGTERM, after which it must exit successfully.
    pub async fn leaves(&mut self) {
        self.says("Working.").await;
        self.signal("-TERM");
        let status = self.ended().await;
        assert!(status.success(), "{status}:\n{}", self.log());
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("--- a node's log\n{}", self.log());
        }
    }
}
