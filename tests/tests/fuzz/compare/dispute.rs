//! Disputes.

use nosana_client::{
    jobs::{accounts::Dispute, types::Seat},
    pda,
};
use solana_address::Address;

use super::{Difference, compare_values};
use crate::{
    actions::commitment_of,
    actors,
    fixture::Fixture,
    model::{self, Key, Model},
};

impl Fixture {
    pub(super) async fn compare_dispute(&self, model: &Model, key: Key) -> Difference {
        let expected = &model.disputes[&key];
        let (job, attempt_id) = (self.jobs[key.0], key.1);
        let address = pda::jobs::dispute(&job, attempt_id);
        let Some(actual) = self.found::<Dispute>(&address, true).await? else { return Ok(()) };
        let wanted = Dispute {
            job,
            market: self.markets[expected.market],
            node: self.nodes[expected.node],
            challenger: self.wallets[expected.challenger],
            challenger_token: self.token_accounts[expected.challenger],
            seed: expected.seed,
            trace: expected.opened.map_or([0; 32], actors::sketch),
            panel_fee: expected.panel_fee,
            collateral: expected.collateral,
            challenger_credit: expected.challenger_credit,
            attempt_id,
            // The slot of this runtime stands still.
            challenged_slot: actual.challenged_slot,
            panel_weight: expected.panel_weight,
            challenged_at: expected.challenged_at,
            drawn_at: expected.drawn_at,
            ends_at: expected.progress.ends.0,
            resolved_at: expected.resolved_at,
            phase_seconds: u32::try_from(expected.length.0).expect("in range"),
            phase: expected.progress.phase as u8,
            outcome: expected.outcome as u8,
            seats_taken: expected.progress.seats,
            committed: expected.progress.committed,
            revealed: expected.progress.revealed,
            opened: expected.opened.is_some().into(),
            version: actual.version,
            bump: actual.bump,
            padding: [0; 4],
            seats: expected.seats.map(|seat| self.seat(&seat, &address)),
        };
        compare_values(&format!("the dispute about {key:?}"), &actual, &wanted)
    }

    fn seat(&self, seat: &model::Seat, dispute: &Address) -> Seat {
        let owner = |node: usize| self.wallets[actors::owner_of(node)];
        let commitment = seat
            .node
            .zip(seat.said)
            .map_or([0; 32], |(node, said)| commitment_of(&owner(node), dispute, said));
        // What is revealed stays; a seat that is closed may have been silent.
        let revealed = seat.said.filter(|_| seat.has_revealed);
        Seat {
            node: seat.node.map_or(Address::default(), |node| self.nodes[node]),
            score: seat.score,
            commitment,
            sketch: revealed.map_or([0; 32], |(_, sketch)| actors::sketch(sketch)),
            fee: seat.fee,
            loss: seat.loss,
            state: seat.state as u8,
            verdict: revealed.map_or(0, |(verdict, _)| verdict),
            standing: seat.standing as u8,
            padding: [0; 5],
        }
    }
}
