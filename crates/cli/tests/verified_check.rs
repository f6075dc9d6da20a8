//! A client that checks a result which its node does not show: it is read for half of the challenge
//! window, disputed if it is a lie, and rejected if nobody delivers it.

mod site;

use std::time::Duration;

use nosana_client::{
    actions,
    jobs::types::{Hardware, MarketTerms},
    pda,
};
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{
    ContentId, EmbeddingOutput, EngineInfo, InferenceArgs, JobDefinition, JobResult, Operation,
    OperationResult, Task,
};
use nosana_localnet::default_terms;
use nosana_protocol::job::{Kind, Reason, State};
use nosana_store::Store;
use site::{NodeProcess, Site};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const WINDOW: u32 = 3_600;

/// A market that takes verified jobs.
fn terms() -> MarketTerms {
    MarketTerms {
        challenge_seconds: WINDOW,
        start_seconds: 60,
        dispute_seconds: 600,
        panel_fee_bps: 2_500,
        min_collateral_ratio: 20,
        ..default_terms()
    }
}

/// A node that computes nothing, and the store in which it hides what it claims.
struct Liar {
    site: Site,
    owner: Keypair,
    hidden: Store,
    _folder: tempfile::TempDir,
}

impl Liar {
    async fn start() -> Self {
        let site = Site::with(terms()).await;
        let owner = site.another_owner().await;
        let folder = tempfile::tempdir().unwrap();
        let hidden = Store::open(folder.path()).unwrap();
        let liar = Self { site, owner, hidden, _folder: folder };
        let hardware = Hardware {
            digest: [1; 32],
            vram_mib: 0,
            prompt_tokens_per_second: 1,
            capacity: 1,
            capabilities: 0,
            memory_mib: 0,
        };
        let mint = liar.site.world.mint;
        liar.send(actions::register_node(liar.owner.pubkey(), mint, hardware)).await;
        liar
    }

    async fn send(&self, instruction: impl Into<Instruction>) {
        let session = &self.site.world.session;
        session.send_transaction(&[instruction.into()], &self.owner, &[]).await.unwrap();
    }

    /// Submits a lie about a new job. Returns the job and the content of the lie.
    async fn submit(&self, nonce: u64) -> (Address, [ContentId; 2]) {
        let (world, owner) = (&self.site.world, self.owner.pubkey());
        self.send(actions::work(owner, world.market, 1)).await;

        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, ["a text"]);
        let operation = Operation::InferenceRun { id: "embed".into(), args };
        let definition = JobDefinition::new(vec![operation]);
        let definition = self.site.store.put_json(&definition).unwrap();
        let order = actions::JobListing {
            nonce,
            definition: definition.digest(),
            kind: Kind::VerifiedBatch as u8,
            timeout_seconds: 600,
            max_price_per_second: 1_000,
            is_private: false,
        };
        let client = world.client.pubkey();
        let list = actions::list(client, client, world.market, world.mint, order);
        world.session.send_transaction(&[list.into()], &world.client, &[]).await.unwrap();
        let address = pda::jobs::job(&client, nonce);
        let job = self.site.job(address).await;
        self.send(actions::start(owner, address, &job)).await;

        let mut vector = vec![0.0; 384];
        vector[0] = 1.0;
        let output = self.hidden.put_json(&EmbeddingOutput::new(vec![vector])).unwrap();
        let engine = EngineInfo { device: "none".into(), backend: "cpu".into() };
        let operations = vec![OperationResult::ok("embed", 1, 2, output)];
        let result = JobResult::new(definition, operations, engine);
        let result = self.hidden.put_json(&result).unwrap();
        let job = self.site.job(address).await;
        self.send(actions::finish(owner, address, &job, owner, result.digest(), [7; 32])).await;
        (address, [output, result])
    }

    /// Starts a client that waits for the job and checks its result.
    fn checked_wait(&self, job: Address) -> NodeProcess {
        let world = &self.site.world;
        let (rpc, ws) = (world.network.rpc_url(), world.network.ws_url());
        let mut command = self.site.nosana(&world.client, &["job", "wait"], &rpc, &ws);
        command.args([&job.to_string(), "--check", "1"]);
        self.site.start_node(command)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_gains_nothing_by_hiding_its_result() {
    let liar = Liar::start().await;
    let site = &liar.site;

    // It shows the lie once a client that tries once has given up.
    let (shown_late, content) = liar.submit(1).await;
    let wait = liar.checked_wait(shown_late);
    wait.says("checking the result").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    for id in content {
        site.store.copy_file(&liar.hidden, &id, 1 << 20).unwrap();
    }
    wait.says("the result is wrong").await;
    wait.says("it is disputed now").await;
    assert_eq!(site.job(shown_late).await.state, State::Challenged as u8);
    drop(wait);

    // It never shows it.
    let before = site.tokens(&liar.owner).await;
    let (hidden, _) = liar.submit(2).await;
    for id in content {
        std::fs::remove_file(site.file_of(id.digest())).unwrap();
    }
    site.world.network.advance_seconds(u64::from(WINDOW) - 60).await.unwrap();
    let wait = liar.checked_wait(hidden);
    wait.says("nobody has the result").await;
    wait.says("it is rejected").await;
    let settled = site.settled(hidden).await;
    assert_eq!(settled.reason, Reason::ResultRejected as u8);
    assert_eq!(site.tokens(&liar.owner).await, before);
    drop(wait);
    liar.site.world.stop().await.unwrap();
}
