//! Jobs.

use nosana_client::jobs::accounts::Job;
use nosana_protocol::{job::Reason, units::Seconds};
use nosana_tests::{
    terms::{DEFINITION, RESULT},
    world::disputes::trace_commitment,
};
use solana_address::Address;

use super::{Difference, compare_values};
use crate::{
    actors::{self, NONCES},
    fixture::Fixture,
    model::{self, Model},
};

impl Fixture {
    pub(super) async fn compare_job(&self, model: &Model, number: usize) -> Difference {
        let expected = model.jobs[number];
        let actual = self.found::<Job>(&self.jobs[number], expected.is_some()).await?;
        let (Some(expected), Some(actual)) = (expected, actual) else { return Ok(()) };
        let seconds = |span: Seconds| u32::try_from(span.0).expect("in range");
        let node = |all: &[Address], number: Option<usize>| {
            number.map_or(Address::default(), |number| all[number])
        };
        let wanted = Job {
            client: self.wallets[expected.client],
            payer: self.wallets[expected.payer],
            payer_token: self.token_accounts[expected.payer],
            market: self.markets[expected.market],
            node: node(&self.nodes, expected.node),
            node_token: node(&self.token_accounts, expected.node_token),
            definition: DEFINITION,
            result: if expected.has_result { RESULT } else { [0; 32] },
            checkpoint: self.checkpoint(number, &expected),
            access_collection: expected.collection,
            nonce: (number % NONCES) as u64,
            price_per_second: expected.terms.price.0,
            timeout_seconds: expected.terms.timeout.0,
            escrow: expected.escrow,
            budget: expected.budget,
            node_credit: expected.node_credit,
            payer_credit: expected.payer_credit,
            collateral: expected.collateral,
            promised_seconds: expected.promised.0,
            min_xnos: expected.min_xnos,
            listed_at: expected.listed_at,
            queued_at: expected.queued_at,
            matched_at: expected.matched_at,
            started_at: expected.started_at,
            heartbeat_at: expected.heartbeat_at,
            submitted_at: expected.submitted_at,
            settled_at: expected.settled_at,
            queue_seconds: seconds(expected.clocks.queue),
            start_seconds: seconds(expected.clocks.start),
            heartbeat_seconds: seconds(expected.clocks.heartbeat),
            finish_grace_seconds: seconds(expected.clocks.finish_grace),
            challenge_seconds: seconds(expected.clocks.challenge),
            retention_seconds: seconds(expected.clocks.retention),
            network_fee_bps: expected.terms.fee.0,
            progress_bps: expected.progress,
            state: expected.state as u8,
            reason: expected.reason as u8,
            kind: expected.terms.kind as u8,
            attempts: expected.attempts,
            max_attempts: expected.max_attempts,
            // Kept as it is: the model has the stake, not what of it counts.
            min_own_xnos: actual.min_own_xnos,
            version: actual.version,
            bump: actual.bump,
            refusals: expected.refusals,
            cancel_requested: expected.cancel_requested.into(),
            return_cause: expected.cause as u8,
            attempt_id: expected.attempt_id,
            terms_revision: expected.revision,
            silent_seconds: expected.silent.0,
            min_run_seconds: seconds(expected.clocks.min_run),
            is_private: 0,
            padding: [0; 1],
            panel_fee: expected.panel_fee,
            min_collateral: expected.min_collateral,
            dispute_seconds: seconds(expected.phase_length),
            min_vram_mib: expected.gates.0,
            min_prompt_tokens_per_second: expected.gates.1,
            min_reputation_bps: expected.gates.2,
            rejection_requested: expected.rejection_requested.into(),
            reserved: [0; 1],
        };
        assert_eq!(Reason::from_byte(wanted.reason), Some(expected.reason), "the protocol's bytes");
        compare_values(&format!("job {number}"), &actual, &wanted)
    }

    /// The last checkpoint, or the commitment to the trace.
    fn checkpoint(&self, number: usize, job: &model::Job) -> [u8; 32] {
        match job.node.zip(job.trace) {
            Some((node, sketch)) => {
                let owner = self.wallets[actors::owner_of(node)];
                trace_commitment(&owner, &self.jobs[number], actors::sketch(sketch))
            }
            None => [job.checkpoint; 32],
        }
    }
}
