//! Runs the examples against each other on one network: a staker, a node, clients, and a watcher.

use std::{path::PathBuf, process::Stdio, time::Duration};

use nosana_client::{
    jobs::accounts::{Job, Node},
    pda,
    rewards::accounts::Position,
};
use nosana_job_spec::ContentId;
use nosana_localnet::{World, WorldConfig, windowless_terms};
use nosana_protocol::job::{Reason, State};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::{Keypair, write_keypair_file};
use solana_signer::Signer;
use tokio::{process::Command, time::timeout};

/// The longest that one example may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the node stakes, in base units.
const STAKE: u64 = 500_000_000;

/// Returns an example, which cargo builds with all tests of the package.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples").join(name);
    assert!(path.exists(), "run `cargo build --workspace --examples` first, or test all targets");

    let mut command = Command::new(path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs an example to its end. Returns what it printed, or its error.
async fn run(mut example: Command) -> Result<String, String> {
    let output = timeout(PATIENCE, example.output()).await.expect("it does not end").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();

    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// A network, and the keys of its wallets in files.
struct Site {
    world: World,
    folder: tempfile::TempDir,
}

impl Site {
    async fn start() -> Self {
        let config =
            WorldConfig { slot_ms: 50, terms: windowless_terms(), ..WorldConfig::default() };
        let world = World::start(config, |_| ()).await.unwrap();
        Self { world, folder: tempfile::tempdir().unwrap() }
    }

    fn key_file(&self, key: &Keypair) -> PathBuf {
        let path = self.folder.path().join(key.pubkey().to_string());
        write_keypair_file(key, &path).unwrap();
        path
    }

    /// Returns an example with the arguments that name the network.
    fn example(&self, name: &str) -> Command {
        let mut command = example(name);
        command.args([self.world.network.rpc_url(), self.world.network.ws_url()]);
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_runs_the_job_of_a_client() {
    let site = Site::start().await;
    let world = &site.world;
    let market = world.market.to_string();

    let stake = || {
        let mut stake = site.example("stake_and_claim");
        stake.arg(site.key_file(&world.node)).arg(STAKE.to_string());
        run(stake)
    };
    let printed = stake().await.unwrap();
    assert!(printed.contains("claimed 0 base units"), "{printed}");
    let position = pda::rewards::position(&world.node.pubkey());
    let position: Position = world.session.fetch_account(&position).await.unwrap();
    assert!(position.weight >= STAKE, "{position:?}");

    let mut watcher = site.example("watch_events");
    watcher.arg("JobSettled");
    let mut node = site.example("run_node");
    node.arg(site.key_file(&world.node)).args([&market, &"22".repeat(32)]);
    let mut client = site.example("post_job");
    client.arg(site.key_file(&world.client)).args([&market, &"11".repeat(32)]);
    let (watcher, node, client) = tokio::join!(run(watcher), run(node), async {
        // The watcher subscribes first.
        tokio::time::sleep(Duration::from_secs(2)).await;
        run(client).await
    });

    let client = client.unwrap();
    assert!(client.contains(&format!("result {}", "22".repeat(32))), "{client}");
    let watcher = watcher.unwrap();
    assert!(
        watcher.contains("was listed for 600 s") && watcher.contains("JobStarted"),
        "{watcher}"
    );

    let jobs = world.session.list_accounts::<Job>(&[]).await.unwrap();
    let [(_, job)] = jobs.as_slice() else { panic!("{} jobs", jobs.len()) };
    assert_eq!((job.state, job.reason), (State::Settled as u8, Reason::Completed as u8));
    assert_eq!((job.definition, job.result), ([0x11; 32], [0x22; 32]));
    let account = pda::jobs::node(&world.node.pubkey());
    let account: Node = world.session.fetch_account(&account).await.unwrap();
    let node = node.unwrap();
    assert!(node.contains(&format!("has earned {} base units", account.earned)), "{node}");
    assert!(account.earned > 0, "{node}");

    // Fees reach the pool's vault, and the pool pays them over the next epoch.
    world.network.advance_seconds(7_200).await.unwrap();
    assert!(stake().await.unwrap().contains("claimed"));
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_of_the_document_lists_a_job() {
    let document = include_str!("../../../docs/clients.md");
    let program = include_str!("../examples/quick_start.rs");
    let (_, program) = program.split_once("\n\n").unwrap();
    assert!(document.contains(&format!("```rust\n{program}```")), "docs/clients.md differs");

    let site = Site::start().await;
    let world = &site.world;
    let folder = site.folder.path().join("store");
    let mut quick_start = example("quick_start");
    quick_start.envs([
        ("NOSANA_URL", world.network.rpc_url()),
        ("NOSANA_WS", world.network.ws_url()),
        ("NOSANA_MARKET", world.market.to_string()),
        ("NOSANA_KEYPAIR", site.key_file(&world.client).display().to_string()),
        ("NOSANA_STORE", folder.display().to_string()),
    ]);
    let job: Address = run(quick_start).await.unwrap().trim().parse().unwrap();

    let job: Job = world.session.fetch_account(&job).await.unwrap();
    assert_eq!((job.state, job.client), (State::Queued as u8, world.client.pubkey()));
    let definition = ContentId::from_digest(job.definition);
    let definition = Store::open(&folder).unwrap().get_definition(&definition).unwrap();
    assert_eq!(definition.ops.len(), 1);
    assert_eq!(definition.ops[0].id(), "greet");
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_explained() {
    let error = run(example("post_job")).await.unwrap_err();
    assert!(error.contains("usage: post_job"), "{error}");

    let mut node = example("run_node");
    node.args(["http://127.0.0.1:1", "ws://127.0.0.1:1", "/nonexistent", "market", "result"]);
    let error = run(node).await.unwrap_err();
    assert!(error.contains("cannot read the keypair"), "{error}");
}
