//! How jobs are settled, and who is paid.

use nosana_client::jobs::Error;
use nosana_protocol::{
    job::{Kind, Reason, State},
    reputation,
    settlement::{self, Split},
    units::{Amount, Seconds, UnixTimestamp},
};

use super::{Model, Outcome, ensure};
use crate::actors;

impl Model {
    /// Splits the escrow and pays what can be paid; `judged` is the node whose reputation it moves.
    pub fn settle_job(
        &mut self,
        number: usize,
        reason: Reason,
        proven: Option<Seconds>,
        judged: Option<usize>,
    ) {
        let now = self.now;
        let mut job = self.jobs[number].expect("the job exists");
        let split = settlement::split_escrow(&job.terms, Amount(job.escrow), reason, proven)
            .expect("the deposit covers it");
        job.state = State::Settled;
        job.reason = reason;
        job.settled_at = now;
        (job.escrow, job.budget) = (0, 0);
        *self.job_mut(number) = job;

        if let Some(node) = judged {
            self.record_settlement(number, node, reason, &split);
        }

        if !job
            .node_token
            .is_some_and(|account| split.node.0 == 0 || self.give(account, split.node.0))
        {
            job.node_credit = split.node.0;
        }
        if !self.give(job.payer, split.client.0) {
            job.payer_credit = split.client.0;
        }
        *self.job_mut(number) = job;

        let here = self.markets[job.market].as_mut().expect("an open job keeps its market open");
        here.open -= 1;
        here.fees += split.network.0;
        here.credits += job.node_credit + job.payer_credit;
    }

    /// Settles a job whose money a dispute allocates. Pays nobody but the network.
    pub fn settle_as(&mut self, number: usize, reason: Reason, split: &Split, node: usize) {
        let now = self.now;
        let job = self.job_mut(number);
        job.state = State::Settled;
        job.reason = reason;
        job.settled_at = now;
        (job.escrow, job.budget) = (0, 0);
        let market = job.market;
        self.record_settlement(number, node, reason, split);

        let here = self.markets[market].as_mut().expect("an open job keeps its market open");
        here.open -= 1;
        here.fees += split.network.0;
    }

    /// Records the settlement in the node's reputation, unless the node is its own client.
    fn record_settlement(&mut self, number: usize, node: usize, reason: Reason, split: &Split) {
        let job = self.jobs[number].expect("the job exists");
        let owner = actors::owner_of(node);
        let node = &mut self.nodes[node];
        node.earned += split.node.0;
        match reason {
            Reason::Completed if job.terms.kind != Kind::Service => node.completed += 1,
            Reason::ResultRejected | Reason::ResultWrong => node.rejected += 1,
            _ => {}
        }
        if [job.client, job.payer].contains(&owner) || job.payer == node.payout {
            return;
        }

        let has_window = job.clocks.challenge.0 > 0;
        let evidence =
            reputation::settlement_evidence(&job.terms, job.promised, reason, split, has_window)
                .expect("in range");
        node.reputation =
            node.reputation.with_evidence(evidence, UnixTimestamp(self.now)).expect("in range");
    }

    /// Pays for a submitted result. The node keeps the collateral of it.
    pub fn pay_result(&mut self, number: usize, node: usize) -> Outcome {
        let job = self.job_mut(number);
        ensure(job.node == Some(node), Error::NotThisNode)?;
        let collateral = std::mem::take(&mut job.collateral);
        let proven = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
        self.settle_job(number, Reason::Completed, Some(proven), Some(node));
        self.keep_collateral(node, collateral);
        Ok(())
    }
}
