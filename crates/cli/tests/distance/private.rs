//! Private jobs: their content is between the client and the node that runs them.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Stdio},
    sync::Arc,
};

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{
    CommandArgs, CommandInput, CommandLimits, JobDefinition, Operation, Step, StepCommand,
};
use nosana_net::{
    SystemClock,
    access::Peers,
    job::{CredentialSource, WalletCredentials},
};
use nosana_protocol::job::ReturnCause;

use super::*;

const SECRET: &str = "the name of the patient";

/// Whether any file below the folder contains the text.
fn contains_text(folder: &Path, text: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };

    entries.map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return contains_text(&path, text);
        }
        let content = fs::read(&path).unwrap_or_default();
        content.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

/// The folder of a node's private jobs.
fn private_folder(site: &Site, machine: &str, owner: &Keypair) -> std::path::PathBuf {
    site.machine(machine).join(format!("state/node-{}/private", owner.pubkey()))
}

/// Requests to the node of `owner` by somebody with this wallet.
async fn connect_as(
    site: &Site,
    owner: &Keypair,
    endpoint: &NetEndpoint,
    job: Address,
    wallet: Option<&Keypair>,
) -> ContentClient {
    let account = node_account(site, owner).await;
    let address = read_endpoint(&account.endpoint).unwrap().unwrap();
    let connection = endpoint.connect(&address, CONTENT_ALPN).await.unwrap();
    let peers = Peers { node: connection.remote_id(), client: endpoint.id() };

    let credential = wallet.map(|wallet| {
        let wallet = Arc::new(wallet.insecure_clone());
        WalletCredentials::new(wallet, job, SystemClock).credential_for(&peers).unwrap()
    });
    ContentClient::new(connection, credential, ContentBounds::default())
}

/// Lists a private job in a process of its own, and returns its address.
#[expect(clippy::zombie_processes, reason = "each test waits for the process that it gets")]
async fn list_private(site: &Site, line: &str) -> (Child, Address) {
    let mut run = job(site, "run", &["--yes", "--private", "--", line]);
    let out = site.machine("listed.txt");
    let printed = fs::File::create(&out).unwrap();
    let process = run.stdout(Stdio::from(printed)).stderr(Stdio::null()).spawn().unwrap();

    loop {
        let text = fs::read_to_string(&out).unwrap();
        if let Ok(address) = text.trim().parse() {
            return (process, address);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_job_is_between_its_client_and_its_node() {
    let site = Site::start(60, 0).await;
    let other = site.another_owner().await;
    let holder = start_holder(&site, &other, &[]).await;
    let mut node = start_node(&site, "node", &site.world.node).await;

    let input = site.machine("client.txt");
    fs::write(&input, SECRET).unwrap();
    let input = format!("{}:in.txt", input.display());
    let kept = site.machine("kept");
    let arguments = ["--yes", "--wait", "--private", "--input", &input, "--artifact", "out.txt"];
    let mut run = job(&site, "run", &arguments);
    run.arg("--artifacts-to").arg(&kept).args(["--", "cat in.txt; cp in.txt out.txt"]);
    assert!(done(run).contains(SECRET));
    assert_eq!(fs::read_to_string(kept.join("out.txt")).unwrap(), SECRET);

    let jobs = private_folder(&site, "node", &site.world.node);
    let name = fs::read_dir(&jobs).unwrap().next().unwrap().unwrap().file_name();
    let address: Address = name.to_str().unwrap().parse().unwrap();
    let account = site.settled(address).await;
    assert_eq!(account.is_private, 1);
    let contents = [account.definition, account.result].map(ContentId::from_digest);

    // Both sides have it apart from what they share with others.
    assert!(contains_text(&jobs, SECRET));
    assert!(contains_text(&site.machine("client/state/private-jobs"), SECRET));
    let held = format!("holder/state/node-{}/held", other.pubkey());
    for place in ["node/store", "client/store", "holder/store", &held] {
        let folder = site.machine(place);
        assert!(folder.is_dir() && !contains_text(&folder, SECRET), "{place}");
        let store = Store::open(folder).unwrap();
        assert!(!contents.iter().any(|content| store.has_file(content)), "{place}");
    }
    for content in contents {
        let store = Store::open(jobs.join(address.to_string())).unwrap();
        let text: Value = store.get_json(&content).unwrap();
        assert_eq!(text["salt"].as_str().unwrap().len(), 64, "its digest cannot be guessed");
    }

    // Everybody else is refused, with any wallet: also another node, and a holder has nothing.
    let endpoint = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let reader = Store::open(folder.path()).unwrap();
    for owner in [&site.world.node, &other] {
        for wallet in [None, Some(&Keypair::new()), Some(&other), Some(&site.world.node)] {
            let stranger = connect_as(&site, owner, &endpoint, address, wallet).await;
            assert_eq!(stranger.query_objects(&contents).await.unwrap(), [false, false]);
            for content in contents {
                let fetched = stranger.fetch_object(&reader, content, 1 << 20).await;
                assert_refused(fetched, ContentRefusal::NotFound);
            }
        }
    }
    let client = connect_as(&site, &site.world.node, &endpoint, address, Some(&site.world.client));
    client.await.fetch_object(&reader, contents[0], 1 << 20).await.unwrap();

    // Not even the client could give it to a holder by mistake.
    let client = connect_as(&site, &other, &endpoint, address, Some(&site.world.client)).await;
    let content_bytes = reader.content_size(&contents[0]).unwrap();
    let offer = ContentOffer { job: address, object: contents[0], content_bytes };
    assert_refused(client.offer_object(&reader, offer).await, ContentRefusal::NotAdmitted);

    // The node keeps it for the client, who reads it later and from another machine, also after the
    // node was started again.
    node.leaves().await;
    let node = start_node(&site, "node", &site.world.node).await;
    let text = address.to_string();
    let logs = |wallet: &Keypair| {
        let mut logs = site.nosana_on("elsewhere", wallet, &["job", "logs"]);
        logs.arg(&text);
        logs
    };
    assert!(done(logs(&site.world.client)).contains(SECRET));
    fs::remove_dir_all(site.machine("elsewhere")).unwrap();
    let refused = logs(&other).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("the job is private"), "{said}");

    // It is the only copy: that the account is gone must be true for an hour before it is removed.
    let mut clean = job(&site, "clean", &[&text]);
    let retention = u64::from(account.retention_seconds);
    site.world.network.advance_seconds(retention + 1).await.unwrap();
    clean.arg("--yes");
    done(clean);
    drop(node);
    let node = start_node(&site, "node", &site.world.node).await;
    assert!(site.world.session.find_account::<Job>(&address).await.unwrap().is_none());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!node.log().contains("removed the content of a private job"), "{}", node.log());
    assert!(jobs.join(&text).is_dir());

    drop((node, holder));
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_job_waits_for_a_client_who_went_away() {
    let site = Site::start(60, 0).await;
    let (mut client, address) = list_private(&site, "echo welcome back").await;
    client.kill().unwrap();
    client.wait().unwrap();

    let mut node = start_node(&site, "node", &site.world.node).await;
    let returned = site.until(address, "returned", |job| job.refusals > 0).await;
    assert_eq!(returned.return_cause, ReturnCause::ContentUnavailable as u8);
    node.says("its client did not send this").await;
    // What the node gave back and never ran, nobody needs here.
    node.says("removed the content of a private job").await;
    let jobs = private_folder(&site, "node", &site.world.node);
    assert!(!jobs.join(address.to_string()).exists());

    let wait = job(&site, "wait", &[&address.to_string()]);
    assert!(done(wait).contains("welcome back"));
    site.settled(address).await;
    node.leaves().await;

    // A client that does not wait for the result stays until the start.
    let mut node = start_node(&site, "node", &site.world.node).await;
    let (mut client, address) = list_private(&site, "echo on its own").await;
    assert!(client.wait().unwrap().success());
    assert_ne!(site.job(address).await.started_at, 0);
    site.settled(address).await;
    assert!(done(job(&site, "logs", &[&address.to_string()])).contains("on its own"));
    node.leaves().await;
    site.world.stop().await.unwrap();
}

/// A definition that prints the first line of its input.
fn print_input(content: ContentId) -> JobDefinition {
    let step = Step {
        name: "run".to_owned(),
        run: StepCommand::Line("head -n 1 in.txt".to_owned()),
        shell: None,
        timeout_seconds: None,
    };
    let args = CommandArgs {
        steps: vec![step],
        env: BTreeMap::new(),
        working_directory: None,
        inputs: vec![CommandInput { path: "in.txt".to_owned(), content, unpack: false }],
        artifacts: Vec::new(),
        network: false,
        expose: Vec::new(),
        limits: CommandLimits::default(),
    };
    JobDefinition::new(vec![Operation::CommandRun { id: "run".to_owned(), args }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_job_that_cannot_start_is_a_failure() {
    let site = Site::start(60, 0).await;

    // One that ends before a node has started it.
    let (mut client, address) = list_private(&site, "echo never").await;
    done(job(&site, "cancel", &[&address.to_string()]));
    assert_eq!(client.wait().unwrap().code(), Some(125));

    // One whose input is not on this machine is not even listed.
    let file = site.machine("definition.json");
    let post = |content| {
        fs::write(&file, serde_json::to_vec(&print_input(content)).unwrap()).unwrap();
        job(&site, "post", &["--yes", "--wait", "--private", file.to_str().unwrap()])
    };
    let refused = post(ContentId::from_digest([9; 32])).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("nosana store put --private FILE"),
        "{said}"
    );
    assert!(refused.stdout.is_empty(), "it is not listed");

    let input = site.machine("in.txt");
    fs::write(&input, format!("{SECRET}\nand another one\n")).unwrap();
    let mut put = Command::new(env!("CARGO_BIN_EXE_nosana"));
    put.args(["store", "put", "--private"]).arg(&input);
    put.env("NOSANA_STATE", site.machine("client/state"));
    let content: ContentId = done(put).trim().parse().unwrap();
    let mut node = start_node(&site, "node", &site.world.node).await;
    assert!(done(post(content)).contains(SECRET));
    assert!(!contains_text(&site.machine("client/store"), SECRET));
    node.leaves().await;

    // The node keeps what the client reads, not the inputs.
    let jobs = private_folder(&site, "node", &site.world.node);
    let folder = fs::read_dir(jobs).unwrap().next().unwrap().unwrap().path();
    let address: Address = folder.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let account = site.job(address).await;
    let store = Store::open(&folder).unwrap();
    let has = |digest| store.has_file(&ContentId::from_digest(digest));
    assert!(has(account.definition) && has(account.result) && !store.has_file(&content));
    assert!(contains_text(&folder, SECRET), "the log");
    site.world.stop().await.unwrap();
}
