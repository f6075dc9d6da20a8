//! `nosana job crank` and `clean`, with a node that does nothing by itself.

use nosana_client::{
    actions,
    jobs::{
        accounts::Job,
        types::{Hardware, MarketTerms},
    },
    token,
};
use nosana_localnet::windowless_terms;
use nosana_protocol::job::{Reason, State};
use serde_json::Value;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::site::Site;

struct Client(Site);

impl Client {
    /// Runs `nosana job` with the client's key and returns its output, or its error.
    fn job(&self, arguments: &[&str]) -> Result<Value, String> {
        let (world, command) = (&self.0.world, [&["job"], arguments, &["--json"]].concat());
        let mut command = self.0.nosana(
            &world.client,
            &command,
            &world.network.rpc_url(),
            &world.network.ws_url(),
        );
        let output = command.output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8(output.stderr).unwrap());
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Asserts that nothing is due yet, advances the clock by `seconds`, and cranks the job.
    async fn crank_after(&self, job: Address, seconds: u32, what: &str) {
        let early = self.job(&["crank", &job.to_string()]).unwrap_err();
        assert!(early.contains("nothing is due"), "{early}");
        self.0.world.network.advance_seconds(u64::from(seconds) + 1).await.unwrap();
        assert_eq!(self.job(&["crank", &job.to_string()]).unwrap()["did"], what);
    }

    async fn send_as_node(&self, instruction: impl Into<Instruction>) {
        self.0
            .world
            .session
            .send_transaction(&[instruction.into()], &self.0.world.node, &[])
            .await
            .unwrap();
    }

    /// Takes a job from the queue as the node.
    async fn take_job(&self) {
        self.send_as_node(actions::work(self.0.world.node.pubkey(), self.0.world.market, 0)).await;
    }

    /// Takes the job from the queue and starts it as the node.
    async fn start_job(&self, address: Address) -> Job {
        self.take_job().await;
        let job = self.0.job(address).await;
        self.send_as_node(actions::start(self.0.world.node.pubkey(), address, &job)).await;
        self.0.job(address).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_can_crank_and_clean_a_job() {
    let terms = MarketTerms {
        start_seconds: 30,
        heartbeat_seconds: 30,
        challenge_seconds: 50,
        ..windowless_terms()
    };
    let client = Client(Site::with(terms).await);
    let (world, node) = (&client.0.world, client.0.world.node.pubkey());
    let rested = terms.start_seconds.max(terms.heartbeat_seconds);
    let hardware = Hardware {
        digest: [1; 32],
        vram_mib: 0,
        prompt_tokens_per_second: 1,
        capacity: 2,
        capabilities: 0,
        memory_mib: 0,
    };
    client.send_as_node(token::create_associated_account(&node, &node, &world.mint)).await;
    client.send_as_node(actions::register_node(node, world.mint, hardware)).await;
    let before = client.0.tokens(&world.client).await;

    let waits = client.0.list_definition(1, [1; 32]).await;
    client.crank_after(waits, terms.queue_seconds, "expire_queued").await;
    assert_eq!(client.0.tokens(&world.client).await, before, "the deposit came back");

    let late = client.0.list_definition(2, [2; 32]).await;
    client.take_job().await;
    client.crank_after(late, terms.start_seconds, "expire_match").await;
    let (paid, job) = (client.0.tokens(&world.client).await, client.0.job(late).await);
    assert!(paid > before - job.escrow, "the caller of expire_match gets a part of the penalty");

    // The job waits again, and the other slot takes it.
    let running = client.start_job(late).await;
    client
        .send_as_node(actions::finish(node, late, &running, node, [3; 32], actions::NO_TRACE))
        .await;
    client.crank_after(late, terms.challenge_seconds, "settle").await;
    assert_eq!(client.0.job(late).await.state, State::Settled as u8);

    // The retention of the first job is over, that of the second is not.
    assert!(client.job(&["clean"]).unwrap_err().contains("--yes"));
    assert_eq!(
        client.job(&["clean", "--yes"]).unwrap()["closed"],
        serde_json::json!([waits.to_string()])
    );
    assert!(client.job(&["clean", &late.to_string()]).unwrap_err().contains("TooEarly"));
    client.crank_after(late, terms.retention_seconds, "clean").await;
    assert!(client.job(&["crank", &late.to_string()]).unwrap_err().contains("is closed already"));

    // The client ends a silent run: the node is paid up to its last heartbeat.
    world.network.advance_seconds(u64::from(rested) + 1).await.unwrap();
    let silent = client.0.list_definition(3, [3; 32]).await;
    client.start_job(silent).await;
    client.crank_after(silent, terms.heartbeat_seconds, "expire_run").await;
    let ended = client.0.job(silent).await;
    assert_eq!((ended.state, ended.reason), (State::Settled as u8, Reason::HeartbeatLost as u8));
}
