//! A challenge of a result: it creates the account of a dispute, whose address nobody chooses.

use nosana_client::{actions, jobs};
use nosana_protocol::seeds;
use nosana_tests::{
    terms::{RESULT, SKETCH, verified},
    world::disputes::trace_commitment,
};
use solana_signer::Signer;

use super::life::{Lives, Parties, RUN_SECONDS, count_steps};

impl Lives {
    /// A verified job whose result its client disputes. Nobody ends the dispute.
    pub(super) async fn challenge_fourth(&mut self, parties: &Parties, nonce: u64) {
        let market = self.verified;
        let key = parties.node.pubkey();
        let client = parties.client.pubkey();
        let by = [&parties.node];
        let list = actions::list(client, client, market, self.world.mint, verified(nonce));
        let job = list.job;
        self.send(list, &[&parties.client]).await;
        self.send(actions::work(key, market, 1), &by).await;
        let start = actions::start(key, job, &self.world.job(&job).await);
        self.send(start, &by).await;

        self.world.advance_clock(RUN_SECONDS);
        let stored = self.world.job(&job).await;
        let trace = trace_commitment(&key, &job, SKETCH);
        let finish = actions::finish(key, job, &stored, key, RESULT, trace);
        self.send(finish, &by).await;

        let stored = self.world.job(&job).await;
        let attempt = stored.attempt_id.to_le_bytes();
        let steps = count_steps(&jobs::ID, &[seeds::DISPUTE, job.as_ref(), &attempt]);
        let challenge = actions::challenge(client, job, &stored, self.world.mint);
        self.measure("jobs.challenge", steps, challenge, &[&parties.client]).await;
    }
}
