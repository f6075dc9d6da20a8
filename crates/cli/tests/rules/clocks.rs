//! `nosana job crank` and `clean`, from a client whose node does nothing.

use nosana_client::{
    actions,
    jobs::{
        accounts::Job,
        types::{Hardware, MarketTerms},
    },
    token,
};
use nosana_localnet::default_terms;
use nosana_protocol::job::State;
use serde_json::Value;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::site::Site;

struct Client(Site);

impl Client {
    /// `nosana job` with the client's key: what it printed, or why it failed.
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

    /// Fails to crank the job, lets `seconds` go by, and cranks it.
    async fn crank_after(&self, job: Address, seconds: u32, what: &str) {
        let early = self.job(&["crank", &job.to_string()]).unwrap_err();
        assert!(early.contains("nothing is due"), "{early}");
        self.0.world.network.advance_seconds(u64::from(seconds) + 1).await.unwrap();
        assert_eq!(self.job(&["crank", &job.to_string()]).unwrap()["did"], what);
    }

    async fn as_node(&self, instruction: impl Into<Instruction>) {
        self.0.world.session.send(&[instruction.into()], &self.0.world.node, &[]).await.unwrap();
    }

    /// The node takes the job from the queue.
    async fn work(&self) {
        self.as_node(actions::work(self.0.world.node.pubkey(), self.0.world.market, 0)).await;
    }

    /// The same, and starts it.
    async fn start(&self, address: Address) -> Job {
        self.work().await;
        let job = self.0.job(address).await;
        self.as_node(actions::start(self.0.world.node.pubkey(), address, &job)).await;
        self.0.job(address).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_brings_a_job_on_and_clears_it_away() {
    let terms = MarketTerms {
        start_seconds: 30,
        heartbeat_seconds: 20,
        challenge_seconds: 50,
        ..default_terms()
    };
    let client = Client(Site::with(terms).await);
    let (world, node) = (&client.0.world, client.0.world.node.pubkey());
    let rested = terms.start_seconds.max(terms.heartbeat_seconds);
    let hardware = Hardware { digest: [1; 32], vram_mib: 0, gflops: 1, capacity: 2 };
    client.as_node(token::create_associated(&node, &node, &world.mint)).await;
    client.as_node(actions::register_node(node, world.mint, hardware)).await;
    let before = client.0.tokens(&world.client).await;

    let waits = client.0.list_definition(1, [1; 32]).await;
    client.crank_after(waits, terms.queue_seconds, "expire_queued").await;
    assert_eq!(client.0.tokens(&world.client).await, before, "the deposit came back");

    let late = client.0.list_definition(2, [2; 32]).await;
    client.work().await;
    client.crank_after(late, terms.start_seconds, "expire_match").await;
    let (paid, job) = (client.0.tokens(&world.client).await, client.0.job(late).await);
    assert!(paid > before - job.escrow, "who undoes a match gets a part of its penalty");

    // The job waits again, and the slot rested meanwhile.
    client.start(late).await;
    client.crank_after(late, terms.heartbeat_seconds, "expire_run").await;
    assert_eq!(client.0.job(late).await.state, State::Queued as u8);

    world.network.advance_seconds(u64::from(rested) + 1).await.unwrap();
    let running = client.start(late).await;
    client.as_node(actions::finish(node, late, &running, node, [3; 32])).await;
    client.crank_after(late, terms.challenge_seconds, "settle").await;
    assert_eq!(client.0.job(late).await.state, State::Settled as u8);

    // The first one is kept long enough by now, the second is not.
    assert!(client.job(&["clean"]).unwrap_err().contains("--yes"));
    assert_eq!(
        client.job(&["clean", "--yes"]).unwrap()["closed"],
        serde_json::json!([waits.to_string()])
    );
    assert!(client.job(&["clean", &late.to_string()]).unwrap_err().contains("TooEarly"));
    client.crank_after(late, terms.retention_seconds, "clean").await;
    assert!(client.job(&["crank", &late.to_string()]).unwrap_err().contains("is closed already"));
}
