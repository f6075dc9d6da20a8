//! The node's place among those who may take seats of panels.

use anyhow::Result;
use nosana_client::{actions, jobs::accounts::Node, staking::accounts::Stake};
use nosana_protocol::units::Amount;
use solana_signer::Signer;

use crate::{event_sink::EventSink, transaction::Outgoing, worker::Worker};

/// What has to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enrolment {
    Enter,
    Leave,
}

impl Worker {
    /// Enrols the node with the weight of its stake, if it is not enrolled, or its stake weighs
    /// less than then. Leaves while the node drains. At the start of the process, also enrols again
    /// if the stake weighs more.
    pub(super) async fn keep_enrolment(
        &self,
        node: &Node,
        is_start: bool,
        events: &EventSink,
    ) -> Result<()> {
        let stake = self.session.find_account::<Stake>(&node.stake).await?;
        let weight = stake.map_or(0, |stake| stake.xnos);
        let Some(change) = find_change(node, weight, is_start) else { return Ok(()) };

        let is_entering = change == Enrolment::Enter;
        let enrol = actions::enrol_panelist(self.config.authority.pubkey(), is_entering);
        self.send(Outgoing::for_market("enrol_panelist", enrol), events).await?;
        match change {
            Enrolment::Enter => tracing::info!(weight = %Amount(weight), "enrolled for panels"),
            Enrolment::Leave => tracing::info!("left the panels: the node drains"),
        }
        Ok(())
    }
}

fn find_change(node: &Node, weight: u64, is_start: bool) -> Option<Enrolment> {
    let is_enrolled = node.panel_weight > 0;
    if node.draining != 0 {
        return is_enrolled.then_some(Enrolment::Leave);
    }

    let has_changed = weight < node.panel_weight || is_start && weight > node.panel_weight;
    (weight > 0 && (!is_enrolled || has_changed)).then_some(Enrolment::Enter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_node;

    #[test]
    fn a_node_is_enrolled_with_its_weight_unless_it_drains() {
        let change = |panel_weight, draining, weight, is_start| {
            find_change(&Node { panel_weight, draining, ..zeroed_node() }, weight, is_start)
        };
        assert_eq!(change(0, 0, 9, false), Some(Enrolment::Enter));
        assert_eq!(change(0, 0, 0, true), None, "without a stake");
        assert_eq!(change(9, 0, 9, true), None, "a restart changes nothing");
        assert_eq!(change(9, 0, 8, false), Some(Enrolment::Enter));
        assert_eq!(change(9, 0, 10, false), None);
        assert_eq!(change(9, 0, 10, true), Some(Enrolment::Enter));
        assert_eq!(change(9, 1, 9, false), Some(Enrolment::Leave));
        assert_eq!(change(0, 1, 9, false), None);
    }
}
