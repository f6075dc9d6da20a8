//! The enrolled nodes of a market, and the draw of a panel from them by the rules of the programs.

use fastrand::Rng;
use nosana_protocol::{
    dispute::{
        PANEL_SEATS,
        seats::{find_seat, is_candidate, score_parts, score_threshold, seat_score},
        terms::MIN_PHASE,
    },
    units::{BASE_UNITS_PER_NOS, Seconds},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::fault::Fault;

/// Weight of all nodes that can be drawn: ten thousand NOS, with a cooldown of a year.
const TOTAL_WEIGHT: u64 = 40_000 * BASE_UNITS_PER_NOS;
/// Honest nodes. Their weights are as 1 : 2 : … : 20.
const HONEST_NODES: u64 = 20;
/// Seconds from an honest node's turn until its claim lands: it reads the job's content first.
const HONEST_DELAY: u64 = 15;
/// Seconds in which the threshold of seats grows.
const TURNS: u64 = 196;

/// How a market's weight is distributed.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// The colluders' part of the weight that can be drawn.
    pub colluding: f64,
    /// Nodes among which they distribute it.
    pub sybils: u64,
    /// The part of the honest nodes that responds to a draw.
    pub responding: f64,
}

/// Who has the seats of a panel. The others are vacant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Panel {
    /// Seats of honest nodes.
    pub honest: usize,
    /// Seats of colluders.
    pub colluding: usize,
}

/// The enrolled nodes.
#[derive(Clone, Debug)]
pub struct Population {
    nodes: Vec<Node>,
    responding: f64,
    /// With that of the job's node, which cannot have a seat.
    enrolled_weight: u64,
    thresholds: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Node {
    address: [u8; 32],
    weight: u64,
    is_colluding: bool,
}

/// A claim of a seat, in the order in which claims land.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    lands: u64,
    tie: u64,
    score: u64,
    is_colluding: bool,
}

impl Panel {
    /// Returns the composition of a panel from whether each holder of a seat colludes.
    pub fn with_holders(holders: &[Option<bool>; PANEL_SEATS]) -> Self {
        let colluding = holders.iter().filter(|holder| **holder == Some(true)).count();
        Self { honest: holders.iter().flatten().count() - colluding, colluding }
    }
}

impl Population {
    /// Creates the nodes.
    ///
    /// # Errors
    /// [`Fault::Overflow`] if a threshold overflows, which it does not.
    pub fn with_shares(shares: Shares, rng: &mut Rng) -> Result<Self, Fault> {
        let colluding_weight = (TOTAL_WEIGHT as f64 * shares.colluding) as u64;
        let sybils = if colluding_weight == 0 { 0 } else { shares.sybils };
        let steps = HONEST_NODES * (HONEST_NODES + 1) / 2;
        let honest_step = (TOTAL_WEIGHT - colluding_weight) / steps;

        let colluding = (0..sybils).map(|_| (colluding_weight / sybils, true));
        let honest = (1..=HONEST_NODES).map(|size| (size * honest_step, false));
        let nodes: Vec<Node> = colluding
            .chain(honest)
            .filter(|(weight, _)| *weight > 0)
            .map(|(weight, is_colluding)| Node { address: random_bytes(rng), weight, is_colluding })
            .collect();

        let drawn_weight: u64 = nodes.iter().map(|node| node.weight).sum();
        let thresholds = (0..TURNS).map(|second| score_threshold(Seconds(second)));

        Ok(Self {
            nodes,
            responding: shares.responding,
            enrolled_weight: drawn_weight + TOTAL_WEIGHT / HONEST_NODES,
            thresholds: thresholds.collect::<Result<_, _>>()?,
        })
    }

    /// Draws a panel: each candidate claims a seat as soon as it may.
    ///
    /// # Errors
    /// [`Fault::Overflow`] if a node has no weight, which none has.
    pub fn draw_panel(&self, rng: &mut Rng) -> Result<Panel, Fault> {
        let seed = random_bytes(rng);
        let mut claims = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            if !node.is_colluding && rng.f64() >= self.responding {
                continue;
            }
            let score = node.draw_score(&seed)?;
            if is_candidate(score, self.enrolled_weight) {
                claims.extend(self.make_claim(node, score, rng));
            }
        }

        claims.sort_unstable();
        let mut seats = [None; PANEL_SEATS];
        let mut holders = [None; PANEL_SEATS];
        for claim in claims {
            let Some(seat) = find_seat(&seats, claim.score) else { continue };
            let held = seats.get_mut(seat).zip(holders.get_mut(seat));
            if let Some((score, holder)) = held {
                *score = Some(claim.score);
                *holder = Some(claim.is_colluding);
            }
        }

        Ok(Panel::with_holders(&holders))
    }

    /// Returns the node's claim, if it lands within the shortest phase.
    fn make_claim(&self, node: &Node, score: u64, rng: &mut Rng) -> Option<Claim> {
        let turn = self.thresholds.partition_point(|threshold| *threshold < score) as u64;
        let delay = if node.is_colluding { 0 } else { HONEST_DELAY };
        let lands = turn + delay;
        let claim = Claim { lands, tie: rng.u64(..), score, is_colluding: node.is_colluding };
        (turn < TURNS && lands <= MIN_PHASE.0).then_some(claim)
    }
}

impl Node {
    fn draw_score(&self, seed: &[u8; 32]) -> Result<u64, Fault> {
        let mut hasher = Sha256::new();
        for part in score_parts(seed, &self.address) {
            hasher.update(part);
        }

        Ok(seat_score(&hasher.finalize().into(), self.weight)?)
    }
}

fn random_bytes(rng: &mut Rng) -> [u8; 32] {
    let mut bytes = [0; 32];
    rng.fill(&mut bytes);
    bytes
}
