//! One step: reads the followed disputes with few requests, and serves the most urgent one first.

use anyhow::Result;
use nosana_client::{
    ClientError,
    jobs::accounts::{Dispute, Node},
    staking::accounts::Stake,
};
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;

use super::{
    super::{
        panelist::has_collateral,
        time_limit::{READ_TIME, limit_time},
        turn::{Act, find_act},
    },
    DisputeWatch,
    order::find_urgency,
};
use crate::worker::Worker;

/// The most accounts to read with one request.
const READ_TOGETHER: usize = 100;

/// What a step knows besides the disputes.
pub(super) struct Step {
    pub now: UnixTimestamp,
    pub is_leaving: bool,
    /// Read once for all disputes in which this node may seek a seat.
    pub own: Option<OwnAccounts>,
}

/// The accounts of this node.
pub(super) struct OwnAccounts {
    pub node: Node,
    stake: Option<Stake>,
}

impl OwnAccounts {
    /// Whether this node can get a seat of the dispute, and may take it.
    pub fn allow_seat(&self, worker: &Worker, dispute: &Dispute) -> bool {
        worker.can_be_seated(dispute, self.node.panel_weight)
            && has_collateral(&self.node, self.stake.as_ref(), dispute.collateral)
    }
}

impl DisputeWatch {
    /// Reads the disputes, and does what is due in each. A vote does not wait for the accounts of
    /// disputes in which this node has no part.
    pub(super) async fn advance_followed(&mut self, now: UnixTimestamp, is_leaving: bool) {
        let has_part = |address: &Address| self.has_part(address);
        let (own, others): (Vec<Address>, Vec<Address>) =
            self.followed.keys().copied().partition(has_part);

        self.is_read = true;
        let mut step = Step { now, is_leaving, own: None };
        for addresses in [own, others] {
            let mut disputes = self.read_disputes(&addresses).await;
            disputes.sort_by_cached_key(|(address, dispute)| {
                let failures = self.followed.get(address).map_or(0, |followed| followed.failures);
                let rank = self.order.rank_address(address);
                let Worker { node, config, .. } = &*self.worker;
                find_urgency(dispute, node, &config.market, failures, rank, now)
            });
            if step.own.is_none() && self.may_seek(&disputes, &step) {
                let reading = self.worker.read_own_accounts();
                match limit_time(READ_TIME, "reading the node's accounts", reading).await {
                    Ok(own) => step.own = Some(own),
                    Err(error) => self.events.emit_problem(format!("cannot seek seats: {error:#}")),
                }
            }

            for (address, dispute) in disputes {
                // One dispute must not block the others.
                if let Err(error) = self.advance_dispute(address, dispute, &step).await {
                    self.events.emit_problem(format!("dispute {address}: {error:#}"));
                }
            }
        }
    }

    /// Whether this node has, or had, a seat or a vote.
    fn has_part(&self, address: &Address) -> bool {
        let has_seat =
            self.followed.get(address).is_some_and(|followed| followed.has_seat_elsewhere);
        has_seat || self.engaged.contains(address) || self.worker.ballots.find(address).is_some()
    }

    async fn read_disputes(&mut self, addresses: &[Address]) -> Vec<(Address, Dispute)> {
        let mut disputes = Vec::with_capacity(addresses.len());
        for together in addresses.chunks(READ_TOGETHER) {
            let found = match self.worker.find_disputes(together).await {
                Ok(found) => found,
                Err(error) => {
                    self.is_read = false;
                    self.events.emit_problem(format!("cannot read disputes: {error}"));
                    break;
                }
            };

            for (address, found) in together.iter().zip(found) {
                let noted = match found {
                    Ok(Some(dispute)) => {
                        disputes.push((*address, dispute));
                        Ok(())
                    }
                    Ok(None) => self.note_missing(*address),
                    Err(error) => Err(error.into()),
                };
                if let Err(error) = noted {
                    self.events.emit_problem(format!("dispute {address}: {error:#}"));
                }
            }
        }
        disputes
    }

    /// Whether this node may seek a seat in any of the disputes.
    fn may_seek(&self, disputes: &[(Address, Dispute)], step: &Step) -> bool {
        let Worker { node, config, .. } = &*self.worker;
        let is_open = |dispute: &Dispute| {
            let act = find_act(dispute, node, false, step.now).unwrap_or(None);
            dispute.market == config.market && dispute.drawn_at != 0 && act == Some(Act::Seek)
        };
        let takes_seats = config.verification.panel && !step.is_leaving;
        takes_seats && disputes.iter().any(|(_, dispute)| is_open(dispute))
    }
}

impl Worker {
    /// Reads disputes with one request; with one for each if the RPC server refuses that.
    async fn find_disputes(
        &self,
        addresses: &[Address],
    ) -> Result<Vec<Result<Option<Dispute>, ClientError>>, ClientError> {
        match self.session.find_accounts(addresses).await {
            Err(ClientError::Refused { message: refusal, .. }) => {
                tracing::debug!(refusal, "reads disputes one after the other");
                let mut found = Vec::with_capacity(addresses.len());
                for address in addresses {
                    match self.session.find_account(address).await {
                        // It answers none of them: the next step asks again.
                        Err(
                            error @ (ClientError::Refused { .. } | ClientError::Unreachable { .. }),
                        ) => {
                            return Err(error);
                        }
                        read => found.push(read),
                    }
                }
                Ok(found)
            }
            read => read,
        }
    }

    async fn read_own_accounts(&self) -> Result<OwnAccounts> {
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        let stake = self.session.find_account::<Stake>(&node.stake).await?;
        Ok(OwnAccounts { node, stake })
    }
}
