//! How disputes begin and end. Votes and payments are counted by the protocol's rules; who may
//! act, and when money moves, is said here once more.

use nosana_client::jobs::Error;
use nosana_protocol::{
    dispute::{
        judgment::judge_votes,
        payment::{Stakes, closing_reward, is_closable, is_forfeitable, is_slashable},
        phase::{Phase, Progress},
        terms::bond_amount,
        votes::{Outcome as Verdicts, SeatState, Standing},
    },
    job::State,
    settlement,
    units::{Amount, UnixTimestamp},
};

use super::{
    Dispute, Key, Model, Outcome, Rejection,
    dispute_state::{EMPTY, sketch_of},
    ensure,
};
use crate::actors;

impl Model {
    /// A dispute that is there.
    pub fn dispute(&mut self, key: Key) -> Outcome<&mut Dispute> {
        self.disputes.get_mut(&key).ok_or(Rejection::Below)
    }

    /// Disputes a result.
    pub fn challenge(&mut self, number: usize, by: usize) -> Outcome {
        let job = self.job(number)?;
        let node = job.node.ok_or(Rejection::Below)?;
        let is_known = self.disputes.contains_key(&(number, job.attempt_id));
        ensure(!is_known, Rejection::Below)?;
        ensure(job.state == State::Submitted, Error::WrongState)?;
        ensure(job.panel_fee > 0, Error::NotVerified)?;
        ensure(by != actors::owner_of(node), Error::OwnResult)?;
        let over = job
            .clocks
            .is_settleable(UnixTimestamp(job.submitted_at), UnixTimestamp(self.now))
            .expect("in range");
        ensure(!over, Error::DeadlinePassed)?;

        let bond = bond_amount(Amount(job.panel_fee)).expect("in range");
        self.take(by, bond.0)?;
        self.job_mut(number).state = State::Challenged;
        let now = self.now;
        let dispute = Dispute {
            market: job.market,
            node,
            challenger: by,
            panel_fee: job.panel_fee,
            collateral: job.min_collateral,
            panel_weight: 0,
            length: job.phase_length,
            progress: Progress::begin_at(UnixTimestamp(now), job.phase_length).expect("in range"),
            challenged_at: now,
            drawn_at: 0,
            resolved_at: 0,
            seed: [0; 32],
            opened: None,
            outcome: Verdicts::None,
            challenger_credit: 0,
            seats: [EMPTY; 3],
        };
        self.disputes.insert((number, job.attempt_id), dispute);
        Ok(())
    }

    /// Ends a dispute.
    pub fn resolve(&mut self, key: Key) -> Outcome {
        let now = self.now;
        let mut dispute = *self.dispute(key)?;
        let job = self.jobs[key.0].ok_or(Rejection::Below)?;
        // Another job may have been listed at the address since.
        ensure(job.market == dispute.market, Error::WrongMarket)?;
        let node_token = job.node_token.ok_or(Rejection::Below)?;
        dispute.progress = dispute.progress_at(now).resolve()?;

        let trace = dispute.opened.map(sketch_of);
        let judgment = judge_votes(trace.as_ref(), &dispute.votes());
        let reason = judgment.outcome.settle_reason(job.rejection_requested);
        let work = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
        let proven = (!judgment.outcome.is_nodes_loss()).then_some(work);
        let escrow = Amount(job.escrow);
        let split = settlement::split_escrow(&job.terms, escrow, reason, proven)
            .expect("the deposit covers it");
        let stakes = Stakes {
            escrow,
            undisputed: split,
            panel_fee: Amount(dispute.panel_fee),
            collateral: Amount(job.collateral),
            seat_collateral: Amount(dispute.collateral),
            slashes: is_slashable(UnixTimestamp(dispute.challenged_at), UnixTimestamp(now))
                .expect("in range"),
        };
        let payments = stakes.pay_judgment(&judgment).expect("in range");
        dispute.outcome = judgment.outcome;
        dispute.resolved_at = now;
        let decided = judgment.standings.iter().zip(payments.panel).zip(payments.losses);
        for (seat, ((standing, fee), loss)) in dispute.seats.iter_mut().zip(decided) {
            (seat.standing, seat.fee, seat.loss) = (*standing, fee.0, loss.0);
        }

        self.settle_as(key.0, reason, &split, dispute.node);
        self.nodes[dispute.node].earned += payments.node.0 - split.node.0;
        let locked = std::mem::take(&mut self.job_mut(key.0).collateral);
        self.slash_for(dispute.node, payments.slash.0, payments.bounty.0);
        self.keep_collateral(dispute.node, locked - payments.slash.0);

        let node_credit = self.pay_or_owe(node_token, payments.node.0);
        let payer_credit = self.pay_or_owe(job.payer, payments.client.0);
        dispute.challenger_credit = self.pay_or_owe(dispute.challenger, payments.challenger.0);
        let settled = self.job_mut(key.0);
        (settled.node_credit, settled.payer_credit) = (node_credit, payer_credit);
        self.market(dispute.market)?.credits += node_credit + payer_credit + dispute.owed();
        self.disputes.insert(key, dispute);
        Ok(())
    }

    /// Pays, and returns what cannot be paid.
    fn pay_or_owe(&mut self, account: usize, amount: u64) -> u64 {
        if amount == 0 || self.give(account, amount) { 0 } else { amount }
    }

    /// Takes collateral of which a part is paid to others. The rest is burnt.
    fn slash_for(&mut self, node: usize, amount: u64, part: u64) {
        self.slash(node, amount);
        self.burned -= part;
    }

    /// Pays or punishes a panelist. `reporter` is the account that gets a part of the loss.
    pub fn close_seat(&mut self, key: Key, index: u8, reporter: usize) -> Outcome {
        let now = UnixTimestamp(self.now);
        let mut dispute = *self.dispute(key)?;
        ensure(dispute.progress.phase == Phase::Resolved, Error::WrongPhase)?;
        let seat = dispute.seats.get_mut(usize::from(index)).ok_or(Error::NotSeated)?;
        let node = seat.node.ok_or(Error::NotSeated)?;
        ensure(seat.state != SeatState::Closed, Error::NotSeated)?;
        let resolved = UnixTimestamp(dispute.resolved_at);
        let standing = seat.standing;
        let open = dispute.seats.iter().filter(|other| other.node.is_some());
        let open = open.filter(|other| other.state != SeatState::Closed);
        let is_closable = is_closable(standing, open.map(|other| other.standing), resolved, now);
        ensure(is_closable.expect("in range"), Error::SeatsOpen)?;
        let seat = dispute.seats.get_mut(usize::from(index)).ok_or(Error::NotSeated)?;
        let loss = if is_slashable(resolved, now).expect("in range") { seat.loss } else { 0 };
        let fee = std::mem::take(&mut seat.fee);
        seat.state = SeatState::Closed;

        let payout = self.nodes[node].payout;
        match standing {
            Standing::Paid => self.nodes[node].panels_right += 1,
            Standing::Overruled => self.nodes[node].panels_overruled += 1,
            Standing::Absent | Standing::Unsupported | Standing::Nobody | Standing::Uncounted => {}
        }
        if self.pay_or_owe(payout, fee) > 0 {
            let is_lost = is_forfeitable(resolved, now).expect("in range");
            ensure(is_lost, Error::CannotReceive)?;
            self.market(dispute.market)?.fees += fee;
        }
        self.market(dispute.market)?.credits -= fee;
        let reward = closing_reward(standing, Amount(loss), Amount(dispute.panel_fee)).0;
        let unpaid = self.pay_or_owe(reporter, reward);
        self.slash_for(node, loss, reward - unpaid);
        self.keep_collateral(node, dispute.collateral - loss);
        self.disputes.insert(key, dispute);
        Ok(())
    }

    /// Closes what is resolved.
    pub fn close_dispute(&mut self, key: Key) -> Outcome {
        let now = UnixTimestamp(self.now);
        let dispute = *self.dispute(key)?;
        ensure(dispute.progress.phase == Phase::Resolved, Error::WrongPhase)?;
        let are_closed = dispute
            .seats
            .iter()
            .all(|seat| matches!(seat.state, SeatState::Empty | SeatState::Closed));
        ensure(are_closed, Error::SeatsOpen)?;

        let credit = dispute.challenger_credit;
        if self.pay_or_owe(dispute.challenger, credit) > 0 {
            let resolved = UnixTimestamp(dispute.resolved_at);
            ensure(is_forfeitable(resolved, now).expect("in range"), Error::CannotReceive)?;
            self.market(dispute.market)?.fees += credit;
        }
        self.market(dispute.market)?.credits -= credit;
        self.disputes.remove(&key);
        Ok(())
    }
}
