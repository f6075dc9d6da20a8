//! Steps of a dispute that must succeed. Each is followed by an audit.

use nosana_client::{actions, jobs::accounts::Dispute, pda};
use nosana_protocol::dispute::{
    commitment::{trace_parts, vote_parts},
    seats::{score_parts, seat_score},
    sketch::Sketch,
    votes::Verdict,
};
use sha2::{Digest, Sha256};
use solana_account::Account;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::World;
use crate::{
    chain::{Chain, Executed},
    terms::{SALT, verified},
};

/// The sysvar with the hashes of slots.
pub const SLOT_HASHES: Address =
    Address::from_str_const("SysvarS1otHashes111111111111111111111111111");
/// The owner of sysvars.
const SYSVAR_OWNER: Address =
    Address::from_str_const("Sysvar1111111111111111111111111111111111111");
/// The time after which every node's turn to take a seat has come, in seconds.
pub const EVERYBODYS_TURN: u64 = 195;

/// What a panelist says.
pub type Said = (Verdict, [u8; 32]);

fn hash_of(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

/// Returns a node's commitment to the sketch of its work.
pub fn trace_commitment(owner: &Address, job: &Address, sketch: [u8; 32]) -> [u8; 32] {
    let node = pda::jobs::node(owner);
    hash_of(&trace_parts(&Sketch(sketch), &SALT, node.as_array(), job.as_array()))
}

/// Returns a panelist's commitment.
pub fn vote_commitment(owner: &Address, dispute: &Address, (verdict, sketch): Said) -> [u8; 32] {
    let node = pda::jobs::node(owner);
    let sketch = Sketch(sketch);
    hash_of(&vote_parts(&sketch, verdict, &SALT, node.as_array(), dispute.as_array()))
}

/// Returns the sysvar's account with an entry for each of these slots.
pub fn slot_hashes(slots: std::ops::RangeInclusive<u64>) -> Account {
    let entries: Vec<u8> = slots
        .rev()
        .flat_map(|slot| [&slot.to_le_bytes()[..], &hash_of(&[&slot.to_le_bytes()])].concat())
        .collect();
    let count = (entries.len() / 40) as u64;
    let data = [&count.to_le_bytes()[..], &entries].concat();
    Account { lamports: 1, data, owner: SYSVAR_OWNER, executable: false, rent_epoch: 0 }
}

impl<C: Chain> World<C> {
    /// Returns a new wallet with a stake and a node that is enrolled for panels.
    pub async fn panelist(&self) -> Keypair {
        let wallet = self.wallet().await;
        self.stake(&wallet).await;
        self.register(&wallet).await;
        self.enrol(&wallet).await;
        wallet
    }

    /// The node takes seats of panels from now on.
    pub async fn enrol(&self, owner: &Keypair) {
        self.run(actions::enrol_panelist(owner.pubkey(), true), &[owner]).await;
    }

    /// The client lists a verified job, and the node submits its result.
    pub async fn submit_verified(&self, node: &Keypair, nonce: u64) -> Address {
        let job = self.list(verified(nonce)).await;
        self.work_and_start(node, &job).await;
        self.advance_clock(1);
        self.finish(node, &job).await;
        job
    }

    /// Disputes the result of a job; returns the dispute.
    pub async fn challenge(&self, challenger: &Keypair, job: &Address) -> Address {
        let stored = self.job(job).await;
        let challenge = actions::challenge(challenger.pubkey(), *job, &stored, self.mint);
        let dispute = challenge.dispute;
        self.run(challenge, &[challenger]).await;
        dispute
    }

    /// Returns a dispute.
    pub async fn dispute(&self, address: &Address) -> Dispute {
        self.get(address).await
    }

    /// Lets slots go by until the one whose hash draws the panel.
    pub async fn pass_slots(&self, dispute: &Address) {
        let from = self.dispute(dispute).await.challenged_slot;
        self.set_slot_hashes(from..=from + 60);
    }

    /// The sysvar has these slots.
    pub fn set_slot_hashes(&self, slots: std::ops::RangeInclusive<u64>) {
        self.chain.set_account(&SLOT_HASHES, slot_hashes(slots));
    }

    /// Draws the panel.
    pub async fn draw_panel(&self, dispute: &Address) -> Executed {
        self.pass_slots(dispute).await;
        self.run(actions::draw_panel(*dispute), &[]).await
    }

    /// Returns the score of a node in a drawn dispute.
    pub async fn score_of(&self, panelist: &Keypair, dispute: &Address) -> u64 {
        let node = pda::jobs::node(&panelist.pubkey());
        let seed = self.dispute(dispute).await.seed;
        let weight = self.node_of(panelist).await.panel_weight;
        seat_score(&hash_of(&score_parts(&seed, node.as_array())), weight).expect("it is enrolled")
    }

    /// Returns the panelists, the one with the lowest score first.
    pub async fn rank_panelists<'a>(
        &self,
        panelists: impl IntoIterator<Item = &'a Keypair>,
        dispute: &Address,
    ) -> Vec<&'a Keypair> {
        let mut ranked = Vec::new();
        for panelist in panelists {
            ranked.push((self.score_of(panelist, dispute).await, panelist));
        }
        ranked.sort_by_key(|(score, _)| *score);
        ranked.into_iter().map(|(_, panelist)| panelist).collect()
    }

    /// The node takes a seat.
    pub async fn take_seat(&self, panelist: &Keypair, dispute: &Address) -> Executed {
        let stored = self.dispute(dispute).await;
        self.run(actions::claim_seat(panelist.pubkey(), *dispute, &stored), &[panelist]).await
    }

    /// The panelist commits to what it will say.
    pub async fn commit_sketch(
        &self,
        panelist: &Keypair,
        dispute: &Address,
        said: Said,
    ) -> Executed {
        let owner = panelist.pubkey();
        let commitment = vote_commitment(&owner, dispute, said);
        self.run(actions::commit_sketch(owner, *dispute, commitment), &[panelist]).await
    }

    /// The node opens the trace of its work.
    pub async fn open_trace(
        &self,
        node: &Keypair,
        dispute: &Address,
        sketch: [u8; 32],
    ) -> Executed {
        let stored = self.dispute(dispute).await;
        let open = actions::open_trace(node.pubkey(), *dispute, &stored, sketch, SALT);
        self.run(open, &[node]).await
    }

    /// The panelist says it.
    pub async fn reveal(&self, panelist: &Keypair, dispute: &Address, said: Said) -> Executed {
        let (verdict, sketch) = said;
        let owner = panelist.pubkey();
        let reveal = actions::reveal(owner, *dispute, sketch, verdict as u8, SALT);
        self.run(reveal, &[panelist]).await
    }

    /// A stranger ends the dispute.
    pub async fn resolve(&self, dispute: &Address) -> Executed {
        let stored = self.dispute(dispute).await;
        let job = self.job(&stored.job).await;
        let node = self.get(&stored.node).await;
        self.run(actions::resolve(*dispute, &stored, &job, &node, self.mint), &[]).await
    }

    /// The deployer closes a seat, and gets a part of what the panelist loses.
    pub async fn close_seat(&self, dispute: &Address, seat: u8) -> Executed {
        let stored = self.dispute(dispute).await;
        let address = stored.seats[usize::from(seat)].node;
        let node = self.get(&address).await;
        let reporter = self.token_account(&self.deployer.pubkey());
        let close =
            actions::close_seat(*dispute, &stored, seat, address, &node, self.mint, reporter);
        self.run(close, &[]).await
    }

    /// A stranger closes the dispute.
    pub async fn close_dispute(&self, dispute: &Address) -> Executed {
        let stored = self.dispute(dispute).await;
        self.run(actions::close_dispute(*dispute, &stored), &[]).await
    }

    /// Closes what is left of a resolved dispute.
    pub async fn close_all(&self, dispute: &Address) {
        for seat in self.dispute(dispute).await.open_seats() {
            self.close_seat(dispute, seat).await;
        }
        self.close_dispute(dispute).await;
    }

    /// Seats these panelists in a new dispute over the result of a job; others may still come.
    pub async fn take_seats(
        &self,
        challenger: &Keypair,
        job: &Address,
        panel: &[&Keypair],
    ) -> Address {
        let dispute = self.challenge(challenger, job).await;
        self.draw_panel(&dispute).await;
        self.advance_clock(EVERYBODYS_TURN);
        for panelist in panel {
            self.take_seat(panelist, &dispute).await;
        }
        dispute
    }

    /// Waits for the end of the phase that is stored.
    pub async fn end_phase(&self, dispute: &Address) {
        let ends_at = self.dispute(dispute).await.ends_at;
        self.set_clock(self.now().max(ends_at + 1));
    }

    /// Seats these panelists in a new dispute over the result of a job, which can commit now.
    pub async fn seat_panel(
        &self,
        challenger: &Keypair,
        job: &Address,
        panel: &[&Keypair],
    ) -> Address {
        let dispute = self.take_seats(challenger, job, panel).await;
        self.end_phase(&dispute).await;
        dispute
    }

    /// Takes a seated panel to the end of its dispute: the node opens `trace`, and each says
    /// something.
    pub async fn hear_panel(
        &self,
        dispute: &Address,
        (node, trace): (&Keypair, [u8; 32]),
        panel: &[(&Keypair, Said)],
    ) {
        for (panelist, said) in panel {
            self.commit_sketch(panelist, dispute, *said).await;
        }
        self.open_trace(node, dispute, trace).await;
        for (panelist, said) in panel {
            self.reveal(panelist, dispute, *said).await;
        }
    }

    /// Takes a dispute with this panel to its end.
    pub async fn hold_dispute(
        &self,
        job: &Address,
        node: (&Keypair, [u8; 32]),
        panel: &[(&Keypair, Said)],
    ) -> Address {
        let seated: Vec<&Keypair> = panel.iter().map(|(panelist, _)| *panelist).collect();
        let dispute = self.seat_panel(&self.stranger, job, &seated).await;
        self.hear_panel(&dispute, node, panel).await;
        dispute
    }
}
