//! Panels: who is drawn, who takes a seat, and what panelists and node say. Who is a candidate,
//! which seat a score takes, and when, is the protocol's.

use nosana_client::jobs::Error;
use nosana_protocol::{
    dispute::{
        seats::{find_seat, is_candidate, score_parts, score_threshold, seat_score},
        seed::{Draw, draw_seed},
        votes::{SeatState, Verdict},
    },
    reputation::is_self_dealing,
    units::UnixTimestamp,
};
use sha2::{Digest, Sha256};

use super::{Dispute, Job, Key, Model, Outcome, Rejection, Seat, dispute_state::EMPTY, ensure};
use crate::actors;

impl Model {
    /// The weight of all enrolled nodes.
    pub fn panel_weight(&self) -> u64 {
        self.nodes.iter().map(|node| node.panel_weight).sum()
    }

    /// Lets the node take seats, or takes that back.
    pub fn enrol_panelist(&mut self, node: usize, by: usize, on: bool) -> Outcome {
        self.owns(node, by)?;
        let weight = self.stakes[node].map_or(0, |stake| stake.xnos);
        ensure(!on || weight > 0, Error::StakeTooSmall)?;
        let enrolled = &mut self.nodes[node];
        enrolled.panel_weight = if on { weight } else { 0 };
        enrolled.panel_since = if on { self.now } else { 0 };
        Ok(())
    }

    /// Ends the enrolment of a node whose stake has become smaller.
    pub fn remove_panelist(&mut self, node: usize) -> Outcome {
        let weight = self.stakes[node].map_or(0, |stake| stake.xnos);
        let enrolled = &mut self.nodes[node];
        ensure(weight < enrolled.panel_weight, Error::NotRemovable)?;
        (enrolled.panel_weight, enrolled.panel_since) = (0, 0);
        Ok(())
    }

    /// Draws the panel from these bytes of the sysvar. Its slots count from the challenge.
    pub fn draw_panel(&mut self, key: Key, sysvar: &[u8]) -> Outcome {
        let now = self.now;
        let panel_weight = self.panel_weight();
        let dispute = self.dispute(key)?;
        let progress =
            dispute.progress_at(now).start_seating(UnixTimestamp(now), dispute.length)?;
        ensure(dispute.drawn_at == 0, Error::WrongPhase)?;
        // Slots are counted from that of the challenge, which is that of the runtime and stays.
        match draw_seed(sysvar, 0).expect("in range") {
            Draw::TooEarly => return Err(Error::TooEarly.into()),
            Draw::Forgotten => {}
            Draw::Seed(seed) => {
                dispute.seed = seed;
                dispute.panel_weight = panel_weight;
                dispute.drawn_at = now;
                dispute.progress = progress;
            }
        }
        Ok(())
    }

    /// Takes a seat: a free one, or that of the highest score.
    pub fn claim_seat(&mut self, key: Key, node: usize, by: usize) -> Outcome {
        let now = self.now;
        let mut dispute = *self.dispute(key)?;
        let job = self.jobs[key.0].ok_or(Rejection::Below)?;
        let stake = self.stakes[node].ok_or(Rejection::Below)?;
        // The instruction would name this node twice.
        let highest = find_seat(&dispute.scores(), 0).and_then(|seat| dispute.seats[seat].node);
        ensure(highest != Some(node), Rejection::Below)?;
        self.owns(node, by)?;
        dispute.progress = dispute.progress_at(now).take_seat()?;
        self.check_parties(&dispute, &job, node)?;
        let score = self.check_turn(&dispute, &job, node)?;

        ensure(stake.xnos >= self.nodes[node].panel_weight, Error::StakeTooSmall)?;
        self.passes(node, job.min_xnos, job.gates)?;
        let place = find_seat(&dispute.scores(), score).ok_or(Error::SeatsTaken)?;
        let claimed = Seat { node: Some(node), score, state: SeatState::Claimed, ..EMPTY };
        let displaced = std::mem::replace(&mut dispute.seats[place], claimed);
        if let Some(loser) = displaced.node {
            self.keep_collateral(loser, dispute.collateral);
        }
        self.use_collateral(node, dispute.collateral)?;
        self.disputes.insert(key, dispute);
        Ok(())
    }

    /// Fails if the node is a party, or has a seat.
    fn check_parties(&self, dispute: &Dispute, job: &Job, node: usize) -> Outcome {
        let owner = actors::owner_of(node);
        let payout = self.nodes[node].payout;
        let is_party = node == dispute.node
            || [owner, payout].contains(&dispute.challenger)
            || is_self_dealing(&owner, &payout, &job.client, &job.payer, &job.payer);
        ensure(!is_party, Error::PartyToDispute)?;
        let is_seated = dispute.seats.iter().any(|seat| seat.node == Some(node));
        ensure(!is_seated, Error::AlreadySeated)
    }

    /// The node's score. Fails unless it is a candidate whose turn has come.
    fn check_turn(&self, dispute: &Dispute, job: &Job, node: usize) -> Outcome<u64> {
        let enrolled = &self.nodes[node];
        let was_enrolled = enrolled.panel_weight > 0 && enrolled.panel_since < job.submitted_at;
        ensure(was_enrolled, Error::NotEnrolled)?;
        ensure(dispute.drawn_at != 0, Error::TooEarly)?;

        let digest = Sha256::digest(score_parts(&dispute.seed, &self.addresses[node]).concat());
        let score = seat_score(&digest.into(), enrolled.panel_weight).expect("it has a weight");
        ensure(is_candidate(score, dispute.panel_weight), Error::NotCandidate)?;
        let elapsed = UnixTimestamp(self.now).seconds_since(UnixTimestamp(dispute.drawn_at));
        ensure(score <= score_threshold(elapsed).expect("in range"), Error::NotYetEligible)?;
        Ok(score)
    }

    /// Commits to a vote.
    pub fn commit_sketch(&mut self, key: Key, node: usize, by: usize, said: (u8, u8)) -> Outcome {
        let now = self.now;
        let mut dispute = *self.dispute(key)?;
        self.owns(node, by)?;
        let seat = dispute.seat(node, SeatState::Claimed)?;
        seat.said = Some(said);
        seat.state = SeatState::Committed;
        let length = dispute.length;
        dispute.progress = dispute.progress_at(now).add_commitment(UnixTimestamp(now), length)?;
        self.disputes.insert(key, dispute);
        Ok(())
    }

    /// Opens the trace.
    pub fn open_trace(&mut self, key: Key, by: usize, sketch: u8) -> Outcome {
        let now = self.now;
        let mut dispute = *self.dispute(key)?;
        let job = self.jobs[key.0].ok_or(Rejection::Below)?;
        self.owns(dispute.node, by)?;
        let length = dispute.length;
        dispute.progress = dispute.progress_at(now).open_trace(UnixTimestamp(now), length)?;
        ensure(job.trace == Some(sketch), Error::CommitmentMismatch)?;
        dispute.opened = Some(sketch);
        self.disputes.insert(key, dispute);
        Ok(())
    }

    /// Reveals a vote.
    pub fn reveal(&mut self, key: Key, node: usize, by: usize, said: (u8, u8)) -> Outcome {
        let now = self.now;
        let mut dispute = *self.dispute(key)?;
        self.owns(node, by)?;
        let verdict = Verdict::from_byte(said.0).filter(|verdict| *verdict != Verdict::None);
        ensure(verdict.is_some(), Error::UnknownVerdict)?;
        dispute.progress = dispute.progress_at(now).add_reveal()?;
        let seat = dispute.seat(node, SeatState::Committed)?;
        ensure(seat.said == Some(said), Error::CommitmentMismatch)?;
        seat.state = SeatState::Revealed;
        seat.has_revealed = true;
        self.disputes.insert(key, dispute);
        Ok(())
    }
}
