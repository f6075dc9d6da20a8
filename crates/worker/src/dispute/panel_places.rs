//! Keeps places at this node's endpoint for those who read its disputed results. Without them,
//! strangers who use all others make a panel believe that nobody delivers a result, and the node
//! loses its collateral.

use std::{collections::BTreeMap, time::Duration};

use nosana_client::{
    Session,
    jobs::accounts::{Dispute, Node},
};
use nosana_net::{directory::read_endpoint, transport::EndpointId};
use solana_address::Address;
use tokio::{task::JoinSet, time::Instant};

use super::turn::find_score;
use crate::worker::Worker;

/// The pause between two lists of the nodes that may judge, as long as they read a result.
const LIST_INTERVAL: Duration = Duration::from_secs(30);

/// A node that may judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Judge {
    weight: u64,
    endpoint: EndpointId,
}

/// Who reads which results.
#[derive(Default)]
pub(super) struct PanelPlaces {
    /// The disputes about results of this node that a panel reads, by their jobs.
    disputes: BTreeMap<Address, Dispute>,
    judges: BTreeMap<Address, Judge>,
    listing: JoinSet<Vec<(Address, Judge)>>,
    /// No other list before this.
    list_at: Option<Instant>,
}

impl PanelPlaces {
    /// Remembers the dispute about the result of a job, as long as a panel reads it.
    pub fn note_dispute(&mut self, job: Address, dispute: Option<Dispute>) {
        match dispute {
            Some(dispute) => self.disputes.insert(job, dispute),
            None => self.disputes.remove(&job),
        };
    }

    /// Forgets the disputes about other jobs.
    pub fn retain_jobs(&mut self, is_known: impl Fn(&Address) -> bool) {
        self.disputes.retain(|job, _| is_known(job));
    }

    /// Keeps places for those who read results now. Lists them in the background.
    pub fn keep_places(&mut self, worker: &Worker) {
        let Some(endpoint) = worker.endpoint() else { return };
        while let Some(listed) = self.listing.try_join_next() {
            self.judges.extend(listed.unwrap_or_default());
        }

        let drawn: Vec<Dispute> =
            self.disputes.values().filter(|dispute| dispute.drawn_at != 0).copied().collect();
        if drawn.is_empty() {
            self.judges.clear();
            self.list_at = None;
        } else if self.listing.is_empty() && self.list_at.is_none_or(|at| Instant::now() >= at) {
            let seated = drawn.iter().flat_map(Dispute::taken_seats).map(|(_, seat)| seat.node);
            self.listing.spawn(list_judges(worker.session.clone(), seated.collect()));
            self.list_at = Some(Instant::now() + LIST_INTERVAL);
        }

        endpoint.preferred().set_peers(choose_readers(&drawn, &self.judges));
    }
}

/// Returns the endpoints of those who read the results: first those with a seat, then those who can
/// still get one, beginning with the lowest scores, whose turns come first.
fn choose_readers(disputes: &[Dispute], judges: &BTreeMap<Address, Judge>) -> Vec<EndpointId> {
    let mut readers = Vec::new();
    for dispute in disputes {
        for (node, judge) in judges.iter().filter(|(node, _)| **node != dispute.node) {
            let has_seat = dispute.find_seat(node).is_some();
            let score = find_score(dispute, node, judge.weight).unwrap_or(None);
            if has_seat || score.is_some() {
                readers.push((!has_seat, score, judge.endpoint));
            }
        }
    }

    readers.sort_by_key(|(has_none, score, _)| (*has_none, *score));
    readers.into_iter().map(|(_, _, endpoint)| endpoint).collect()
}

/// Lists the nodes that may judge; those with seats alone if the RPC server lists no accounts.
async fn list_judges(session: Session, seated: Vec<Address>) -> Vec<(Address, Judge)> {
    match session.list_accounts::<Node>(&[]).await {
        Ok(nodes) => {
            let enrolled = nodes.into_iter().filter(|(_, account)| account.panel_weight > 0);
            enrolled.filter_map(|(node, account)| Some((node, read_judge(&account)?))).collect()
        }
        Err(error) => {
            tracing::debug!(%error, "cannot list the nodes that may judge");
            let mut judges = Vec::new();
            for node in seated {
                if let Ok(Some(account)) = session.find_account::<Node>(&node).await {
                    judges.extend(read_judge(&account).map(|judge| (node, judge)));
                }
            }
            judges
        }
    }
}

/// `None` if the node has announced no endpoint.
fn read_judge(account: &Node) -> Option<Judge> {
    let address = read_endpoint(&account.endpoint).ok()??;
    Some(Judge { weight: account.panel_weight, endpoint: address.endpoint() })
}

#[cfg(test)]
mod tests {
    use std::iter;

    use nosana_net::{directory::endpoint_field, transport::NodeAddress};
    use nosana_protocol::dispute::votes::SeatState;
    use solana_keypair::Keypair;
    use solana_signer::Signer;

    use super::*;
    use crate::zeroed_accounts::{zeroed_dispute, zeroed_node};

    fn node(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    fn new_judge(weight: u64) -> Judge {
        let endpoint = EndpointId::from_bytes(&Keypair::new().pubkey().to_bytes()).unwrap();
        Judge { weight, endpoint }
    }

    #[test]
    fn who_has_a_seat_or_can_get_one_reads_the_result() {
        let weights = [(1, 1), (2, u64::MAX), (3, 1), (4, u64::MAX)];
        let judges: BTreeMap<Address, Judge> =
            weights.map(|(number, weight)| (node(number), new_judge(weight))).into();
        let mut dispute = Dispute {
            node: node(4),
            drawn_at: 980,
            panel_weight: u64::MAX,
            seats_taken: 1,
            ..zeroed_dispute()
        };
        dispute.seats[0].node = node(3);
        dispute.seats[0].score = 5;
        dispute.seats[0].state = SeatState::Claimed as u8;

        let readers = |dispute: Dispute| choose_readers(&[dispute], &judges);
        let endpoints = |numbers: &[u8]| -> Vec<EndpointId> {
            numbers.iter().map(|number| judges[&node(*number)].endpoint).collect()
        };
        assert_eq!(readers(dispute), endpoints(&[3, 2]), "1 is not a candidate, 4 is the party");
        let small = Dispute { panel_weight: 1, ..dispute };
        assert_eq!(readers(small), endpoints(&[3, 2, 1]));
        let undrawn = Dispute { drawn_at: 0, seats: zeroed_dispute().seats, ..dispute };
        assert!(readers(undrawn).is_empty());
    }

    #[test]
    fn the_chain_names_their_endpoints() {
        let judge = new_judge(7);
        let address = NodeAddress::new(judge.endpoint, None, iter::empty()).unwrap();
        let endpoint = endpoint_field(Some(&address));
        let account = Node { panel_weight: 7, endpoint, ..zeroed_node() };
        assert_eq!(read_judge(&account), Some(judge));
        assert_eq!(read_judge(&zeroed_node()), None, "it has announced nothing");
    }
}
