//! Keeps places at this node's endpoint for those who read disputed results from it. Without them,
//! strangers who use all others make a panel believe that nobody delivers a result of this node,
//! which loses its collateral; or one that this node judges, and that its own node shows to a part
//! of the panel only.

use std::{collections::BTreeMap, mem, time::Duration};

use anyhow::Result;
use nosana_client::{
    Session,
    jobs::accounts::{Dispute, Node},
};
use nosana_net::{directory::read_endpoint, transport::EndpointId};
use solana_address::Address;
use tokio::{task::JoinSet, time::Instant};

use super::{
    time_limit::{LOOK_TIME, limit_time},
    turn::find_score,
};
use crate::worker::Worker;

/// The pause between two lists of the nodes that may judge, as long as they read a result.
const LIST_INTERVAL: Duration = Duration::from_secs(30);

/// A node that may judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Judge {
    weight: u64,
    endpoint: EndpointId,
}

/// Who reads a result; the first matter most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reader {
    /// A node with a seat in a dispute about a result of this node.
    Seated,
    /// One with a seat in a dispute in which this node has one.
    OfSamePanel,
    /// One that can still get a seat in a dispute about a result of this node.
    Candidate,
}

/// A dispute about a result of this node.
struct OwnDispute {
    account: Dispute,
    /// Whether the last look did not find it. One answer of an RPC server may be out of date.
    is_missed: bool,
}

/// Who reads which results.
#[derive(Default)]
pub(super) struct PanelPlaces {
    /// The disputes about results of this node that a panel reads, by their jobs.
    disputes: BTreeMap<Address, OwnDispute>,
    judges: BTreeMap<Address, Judge>,
    listing: JoinSet<Vec<(Address, Judge)>>,
    /// No other list before this.
    list_at: Option<Instant>,
    /// Whether the last list was of all nodes, and not only of those with seats.
    has_candidates: bool,
}

impl PanelPlaces {
    /// Remembers the dispute about the result of a job, as long as a panel reads it: until two looks
    /// one after the other find none.
    pub fn note_dispute(&mut self, job: Address, dispute: Option<Dispute>) {
        match dispute {
            Some(account) => {
                self.disputes.insert(job, OwnDispute { account, is_missed: false });
            }
            None => self.note_miss(&job),
        }
    }

    fn note_miss(&mut self, job: &Address) {
        let Some(known) = self.disputes.get_mut(job) else { return };

        if mem::replace(&mut known.is_missed, true) {
            self.disputes.remove(job);
        }
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

        let drawn = self.list_drawn();
        let judged = worker.seated_disputes.list_disputes();
        if drawn.is_empty() && judged.is_empty() {
            self.judges.clear();
            self.list_at = None;
        } else {
            self.begin_list(worker, &drawn, &judged);
        }

        let readers = choose_readers(&drawn, &judged, &self.judges, &worker.node);
        endpoint.preferred().set_peers(readers);
    }

    /// Returns the disputes about results of this node whose panels are drawn.
    fn list_drawn(&self) -> Vec<Dispute> {
        let accounts = self.disputes.values().map(|dispute| dispute.account);
        accounts.filter(|dispute| dispute.drawn_at != 0).collect()
    }

    /// Lists the readers if that is due. The candidates are those of results of this node.
    fn begin_list(&mut self, worker: &Worker, drawn: &[Dispute], judged: &[Dispute]) {
        let needs_candidates = !drawn.is_empty();
        let is_early = self.list_at.is_some_and(|list_at| Instant::now() < list_at);
        let is_enough = self.has_candidates || !needs_candidates;
        if !self.listing.is_empty() || is_early && is_enough {
            return;
        }

        let seated = drawn.iter().chain(judged).flat_map(Dispute::taken_seats);
        let seated = seated.map(|(_, seat)| seat.node).collect();
        self.listing.spawn(list_judges(worker.session.clone(), seated, needs_candidates));
        self.list_at = Some(Instant::now() + LIST_INTERVAL);
        self.has_candidates = needs_candidates;
    }
}

/// Returns the endpoints of those who read results from the node `own`: first those with a seat in
/// the disputes `drawn` about its results, and in those that it judges; then those who can still
/// get one in the former, beginning with the lowest scores, whose turns come first.
fn choose_readers(
    drawn: &[Dispute],
    judged: &[Dispute],
    judges: &BTreeMap<Address, Judge>,
    own: &Address,
) -> Vec<EndpointId> {
    let mut readers = Vec::new();
    for dispute in drawn {
        for (node, judge) in judges.iter().filter(|(node, _)| **node != dispute.node) {
            let score = find_score(dispute, node, judge.weight).unwrap_or(None);
            if dispute.find_seat(node).is_some() {
                readers.push((Reader::Seated, score, judge.endpoint));
            } else if score.is_some() {
                readers.push((Reader::Candidate, score, judge.endpoint));
            }
        }
    }

    for (_, seat) in judged.iter().flat_map(Dispute::taken_seats) {
        let judge = judges.get(&seat.node).filter(|_| seat.node != *own);
        readers.extend(judge.map(|judge| (Reader::OfSamePanel, None, judge.endpoint)));
    }

    readers.sort_by_key(|(reader, score, _)| (*reader, *score));
    readers.into_iter().map(|(_, _, endpoint)| endpoint).collect()
}

/// Lists the nodes with seats, and with `candidates` all that may judge; without these if the RPC
/// server lists no accounts. A server that hangs does not delay the next list.
async fn list_judges(
    session: Session,
    seated: Vec<Address>,
    candidates: bool,
) -> Vec<(Address, Judge)> {
    if candidates {
        let listing = list_enrolled(&session, &seated);
        match limit_time(LOOK_TIME, "listing the nodes that may judge", listing).await {
            Ok(judges) => return judges,
            Err(error) => tracing::debug!(%error, "cannot list the nodes that may judge"),
        }
    }

    let mut judges = Vec::new();
    let reading = read_seated(&session, &seated, &mut judges);
    if let Err(error) = limit_time(LOOK_TIME, "reading the nodes with seats", reading).await {
        tracing::debug!(%error, "cannot read all nodes with seats");
    }
    judges
}

/// Lists all nodes that may judge. Who has a seat keeps it without an enrolment.
async fn list_enrolled(session: &Session, seated: &[Address]) -> Result<Vec<(Address, Judge)>> {
    let mut nodes = session.list_accounts::<Node>(&[]).await?;
    nodes.retain(|(node, account)| account.panel_weight > 0 || seated.contains(node));

    let judges = nodes.iter().filter_map(|(node, account)| Some((*node, read_judge(account)?)));
    Ok(judges.collect())
}

/// Adds the nodes with seats that can be read to `judges`.
async fn read_seated(
    session: &Session,
    seated: &[Address],
    judges: &mut Vec<(Address, Judge)>,
) -> Result<()> {
    for node in seated {
        if let Ok(Some(account)) = session.find_account::<Node>(node).await {
            judges.extend(read_judge(&account).map(|judge| (*node, judge)));
        }
    }
    Ok(())
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
    fn a_dispute_is_forgotten_after_two_looks_without_it() {
        let dispute = Dispute { drawn_at: 980, ..zeroed_dispute() };
        let mut places = PanelPlaces::default();
        let mut note = |found: Option<Dispute>| {
            places.note_dispute(node(1), found);
            places.list_drawn().len()
        };

        assert_eq!(note(None), 0);
        assert_eq!([note(Some(dispute)), note(None)], [1, 1], "the server may lag behind");
        assert_eq!([note(Some(dispute)), note(None), note(None)], [1, 1, 0]);
        assert_eq!(note(Some(Dispute { drawn_at: 0, ..dispute })), 0, "nobody reads it yet");
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

        let readers = |dispute: Dispute| choose_readers(&[dispute], &[], &judges, &node(4));
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
    fn a_panelist_keeps_places_for_the_others_of_its_panel() {
        let judges: BTreeMap<Address, Judge> =
            [1, 2, 3, 4, 5].map(|number| (node(number), new_judge(u64::MAX))).into();
        let seated = |party: u8, seats: &[u8]| {
            let mut dispute = Dispute {
                node: node(party),
                drawn_at: 980,
                panel_weight: u64::MAX,
                ..zeroed_dispute()
            };
            for (seat, number) in dispute.seats.iter_mut().zip(seats) {
                seat.node = node(*number);
                seat.state = SeatState::Claimed as u8;
                seat.score = 1 << 63;
            }
            dispute
        };
        let endpoints = |numbers: &[u8]| -> Vec<EndpointId> {
            numbers.iter().map(|number| judges[&node(*number)].endpoint).collect()
        };

        // Another node has the last seat, and no endpoint.
        let judged = seated(1, &[2, 3, 9]);
        let readers = |drawn: &[Dispute]| choose_readers(drawn, &[judged], &judges, &node(2));
        assert_eq!(readers(&[]), endpoints(&[3]), "no candidate reads from it");

        let of_own = seated(2, &[4]);
        let found = readers(&[of_own]);
        assert_eq!(found[..2], endpoints(&[4, 3]), "its own collateral comes first");
        let candidates = endpoints(&[1, 3, 5]);
        assert!(found[2..].len() == 3 && candidates.iter().all(|key| found[2..].contains(key)));
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
