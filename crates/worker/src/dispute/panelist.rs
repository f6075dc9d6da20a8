//! A panelist: takes a seat, judges the result, commits to its vote, reveals it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nosana_client::{
    actions,
    jobs::accounts::{Dispute, Node},
    staking::accounts::Stake,
};
use nosana_protocol::{
    Overflow,
    collateral::use_idle,
    units::{Amount, Seconds, UnixTimestamp},
};
use nosana_sandbox::CancelToken;
use nosana_store::StoreError;
use solana_address::Address;
use solana_signer::Signer;

use super::{
    ballot::Ballot,
    case::Case,
    turn::{LEAST_READING, has_time, has_turn, is_drawn, patience, time_left},
};
use crate::{
    event_sink::EventSink,
    execute::{Claim, Precedence},
    kill::kill_point,
    transaction::Outgoing,
    worker::Worker,
};

impl Worker {
    /// Returns this node's account if it can get a seat and may take it. Nothing is fetched for other
    /// disputes.
    pub(super) async fn find_candidacy(&self, dispute: &Dispute) -> Result<Option<Node>> {
        if dispute.drawn_at == 0 || dispute.collateral > self.accepted_terms.max_collateral {
            return Ok(None);
        }
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        if !self.can_be_seated(dispute, node.panel_weight) {
            return Ok(None);
        }

        let stake = self.session.find_account::<Stake>(&node.stake).await?;
        Ok(has_collateral(&node, stake.as_ref(), dispute.collateral).then_some(node))
    }

    /// Whether this node can get a seat with this weight, for collateral that its owner accepts.
    pub(super) fn can_be_seated(&self, dispute: &Dispute, weight: u64) -> bool {
        let is_accepted = dispute.collateral <= self.accepted_terms.max_collateral;
        is_accepted && is_drawn(dispute, &self.node, weight).unwrap_or(false)
    }

    /// Whether this node, whose account is `node`, may take a seat at `now`: its turn has come, and it
    /// can do the work in time.
    pub(super) fn may_claim(
        &self,
        dispute: &Dispute,
        case: &Case,
        node: &Node,
        now: UnixTimestamp,
    ) -> bool {
        let is_in_time = case.rehearsal.is_some_and(|work| has_time(dispute, work.took));
        let is_turn = has_turn(dispute, &self.node, node.panel_weight, now).unwrap_or(false);
        is_in_time && is_turn && node.panel_since < case.job.submitted_at
    }

    /// Takes a seat.
    pub(super) async fn claim_seat(
        &self,
        address: Address,
        dispute: &Dispute,
        events: &EventSink,
    ) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let claim = actions::claim_seat(owner, address, dispute);
        let outgoing = Outgoing::for_job(dispute.job, "claim_seat", claim);
        match self.send_if_it_lands(outgoing, events).await {
            // Others with lower scores have the seats.
            Err(error) if error.program().is_some() => Ok(()),
            sent => Ok(sent?),
        }
    }

    /// Judges the result and casts this node's ballot. Calls a result wrong that nobody delivers for
    /// as long as a panelist can wait.
    ///
    /// # Errors
    /// If this node cannot judge, or begins too late to read the result: neither convicts the node
    /// of the job.
    pub(super) async fn judge_result(
        &self,
        address: Address,
        dispute: &Dispute,
        case: &Case,
    ) -> Result<()> {
        let now = UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp);
        let begun = Instant::now();
        let known = |left: Result<Seconds, Overflow>| {
            left.ok().context("the dispute's timestamps overflow")
        };
        let took = case.rehearsal.map(|work| work.took);
        let reading = known(patience(dispute, now, took))?;
        let end = begun + Duration::from_secs(known(time_left(dispute, now))?.0);

        self.publish_definition(case);
        let ballot = match self.read_claim(case, begun + Duration::from_secs(reading.0)).await {
            Ok(claim) => {
                // The others of the panel may wait for it.
                self.publish_claim(case, &claim);
                kill_point("judging");
                self.judge_claim(case, claim, end).await?
            }
            Err(error) if is_own_trouble(&error) => return Err(error),
            Err(error) if reading < LEAST_READING => {
                return Err(error).context("too late to say that nobody delivers the result");
            }
            // A node gains no time by withholding it: after a rehearsal the sketch is known.
            Err(error) => {
                let cancel = CancelToken::default().ending_at(end);
                let sketch = self.sketch_inputs(case, Precedence::First, cancel).await?;
                let fault = format!("the result cannot be had: {error:#}");
                tracing::info!(job = %case.address, is_right = false, fault, "judged a result");
                Ballot::new(sketch.0, false)
            }
        };
        self.ballots.cast(&address, ballot)?;
        self.kept_devices.release_device(&address);
        kill_point("after-ballot");
        Ok(())
    }

    async fn judge_claim(&self, case: &Case, claim: Claim, end: Instant) -> Result<Ballot> {
        let cancel = CancelToken::default().ending_at(end);
        let examination = self.judge_case(case, claim, cancel).await?;

        let is_right = examination.faults.is_empty();
        let faults = examination.faults.join("; ");
        tracing::info!(job = %case.address, is_right, faults, "judged a result");
        Ok(Ballot::new(examination.sketch.0, is_right))
    }

    /// Commits to the ballot.
    pub(super) async fn commit_vote(
        &self,
        address: Address,
        dispute: &Dispute,
        ballot: &Ballot,
        events: &EventSink,
    ) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let commitment = ballot.commit_to(&self.node, &address);
        let commit = actions::commit_sketch(owner, address, commitment);

        self.send(Outgoing::for_job(dispute.job, "commit_sketch", commit).urgent(), events).await?;
        kill_point("after-commit");
        Ok(())
    }

    /// Reveals the ballot.
    pub(super) async fn reveal_vote(
        &self,
        address: Address,
        dispute: &Dispute,
        ballot: &Ballot,
        events: &EventSink,
    ) -> Result<()> {
        kill_point("before-reveal");
        let owner = self.config.authority.pubkey();
        let Ballot { sketch, salt, .. } = *ballot;
        let reveal = actions::reveal(owner, address, sketch, ballot.verdict() as u8, salt);

        self.send(Outgoing::for_job(dispute.job, "reveal", reveal).urgent(), events).await?;
        Ok(())
    }
}

/// Whether `needed` base units of collateral can be had for a seat: what the node has kept counts
/// first, and the rest must be free in its stake.
pub(super) fn has_collateral(node: &Node, stake: Option<&Stake>, needed: u64) -> bool {
    let missing = use_idle(Amount(node.idle_collateral), Amount(needed)).missing.0;
    let free = stake.map_or(0, |stake| stake.amount.saturating_sub(stake.locked));
    free >= missing
}

/// Whether this machine is the reason why content cannot be read.
fn is_own_trouble(error: &anyhow::Error) -> bool {
    error.downcast_ref::<StoreError>().is_some_and(StoreError::is_own_trouble)
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::ContentId;
    use nosana_store::{MAX_JSON_BYTES, Store};

    use super::*;
    use crate::zeroed_accounts::{zeroed_node, zeroed_stake};

    #[test]
    fn idle_collateral_counts_for_a_seat() {
        let mut node = zeroed_node();
        let mut stake = zeroed_stake();
        stake.amount = 100;
        stake.locked = 70;
        assert!(has_collateral(&node, Some(&stake), 30));
        assert!(!has_collateral(&node, Some(&stake), 31));
        assert!(!has_collateral(&node, None, 1));

        // A part of what is locked is idle.
        node.idle_collateral = 20;
        assert!(has_collateral(&node, Some(&stake), 50));
        assert!(!has_collateral(&node, Some(&stake), 51));

        stake.locked = 100;
        assert!(has_collateral(&node, Some(&stake), 20));
        assert!(!has_collateral(&node, Some(&stake), 21));
    }

    #[test]
    fn trouble_of_this_machine_is_no_vote() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let read = |id: ContentId| {
            is_own_trouble(&anyhow::Error::new(store.get(&id, MAX_JSON_BYTES).unwrap_err()))
        };
        assert!(!read(ContentId::from_digest([9; 32])), "nobody has it");

        let id = store.put(b"a result").unwrap();
        let blocks = folder.path().join("blocks");
        std::fs::remove_dir_all(&blocks).unwrap();
        std::fs::write(&blocks, b"no folder").unwrap();
        assert!(read(id), "the disk cannot be read");

        let away = Store::open(folder.path().join("other")).unwrap();
        let away = away.with_ipfs("http://127.0.0.1:9");
        let error = away.get(&id, MAX_JSON_BYTES).unwrap_err();
        assert!(is_own_trouble(&error.into()), "its IPFS node is away");
    }
}
