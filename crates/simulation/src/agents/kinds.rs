//! The kinds of agents.

use serde::Serialize;

/// The colluders' share of the weight.
pub const COLLUDING: f64 = 0.15;

/// A kind of agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Works, and opens its trace.
    HonestNode,
    /// Hands in garbage.
    LazyNode,
    /// Uses a smaller model, whose results are wrong.
    CheatingNode,
    /// Copies right results, and has no trace of their work.
    CopyingNode,
    /// Checks at the market's rate, and disputes what is wrong.
    HonestClient,
    /// Disputes nothing.
    NeverCheckingClient,
    /// Disputes everything.
    GriefingClient,
    /// Works, and votes the truth.
    HonestPanelist,
    /// Votes Right without work.
    LazyPanelist,
    /// Takes a seat, and does nothing.
    AbsentPanelist,
    /// Votes for its friends, the nodes that do not work, if it has two seats; else the truth.
    ColludingPanelist,
    /// Checks results of other nodes, and disputes what is wrong.
    Fisherman,
}

/// How many there are of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mix {
    /// Parts of the nodes.
    pub nodes: [(Kind, f64); 4],
    /// Parts of the clients.
    pub clients: [(Kind, f64); 3],
    /// Parts of the weight that does not collude.
    pub panelists: [(Kind, f64); 3],
    /// The part of the results that fishermen check.
    pub fished: f64,
}

/// What work costs and what a result is worth, as parts of the job's price.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Costs {
    /// The job.
    pub work: f64,
    /// The job, with a smaller model.
    pub smaller: f64,
    /// Computing a result again, with the answer given.
    pub check: f64,
    /// The work of a panelist for a seat: it tries the work before it takes the seat, and judges.
    pub seat: f64,
    /// A right result, to its client.
    pub value: f64,
}

/// The agents of the simulated market.
pub const MIX: Mix = Mix {
    nodes: [
        (Kind::LazyNode, 0.1),
        (Kind::CheatingNode, 0.1),
        (Kind::CopyingNode, 0.05),
        (Kind::HonestNode, 1.0),
    ],
    clients: [
        (Kind::NeverCheckingClient, 0.1),
        (Kind::GriefingClient, 0.02),
        (Kind::HonestClient, 1.0),
    ],
    panelists: [
        (Kind::LazyPanelist, 0.05),
        (Kind::AbsentPanelist, 0.05),
        (Kind::HonestPanelist, 1.0),
    ],
    fished: 0.01,
};

/// Costs of answers: to read one takes a small part of the time in which it was generated.
pub const ANSWER_COSTS: Costs =
    Costs { work: 0.6, smaller: 0.3, check: 0.1, seat: 0.1, value: 1.5 };
/// Costs of embeddings, of which each pass over the texts costs 0.3. A node makes two: one for the
/// vectors, one for the sketch. A client or a fisherman needs the vectors alone. A panelist makes
/// both before it takes a seat, and one for the vectors when it judges.
pub const EMBEDDING_COSTS: Costs =
    Costs { work: 0.6, smaller: 0.3, check: 0.3, seat: 0.9, value: 1.5 };

impl Kind {
    /// All kinds, in the order of the report.
    pub const ALL: [Self; 12] = [
        Self::HonestNode,
        Self::LazyNode,
        Self::CheatingNode,
        Self::CopyingNode,
        Self::HonestClient,
        Self::NeverCheckingClient,
        Self::GriefingClient,
        Self::HonestPanelist,
        Self::LazyPanelist,
        Self::AbsentPanelist,
        Self::ColludingPanelist,
        Self::Fisherman,
    ];

    /// Draws a kind from parts, of which the last one is the rest.
    pub fn draw(parts: &[(Self, f64)], rng: &mut fastrand::Rng) -> Self {
        let mut left = rng.f64();
        for (kind, part) in parts {
            if left < *part {
                return *kind;
            }
            left -= part;
        }
        parts.last().map_or(Self::HonestNode, |(kind, _)| *kind)
    }

    /// Returns the kind that it is compared with, unless it is that.
    pub const fn honest(self) -> Option<Self> {
        match self {
            Self::LazyNode | Self::CheatingNode | Self::CopyingNode => Some(Self::HonestNode),
            Self::NeverCheckingClient | Self::GriefingClient => Some(Self::HonestClient),
            Self::LazyPanelist | Self::AbsentPanelist | Self::ColludingPanelist => {
                Some(Self::HonestPanelist)
            }
            Self::HonestNode | Self::HonestClient | Self::HonestPanelist | Self::Fisherman => None,
        }
    }

    /// Names the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HonestNode => "honest node",
            Self::LazyNode => "lazy node",
            Self::CheatingNode => "cheating node",
            Self::CopyingNode => "copying node",
            Self::HonestClient => "honest client",
            Self::NeverCheckingClient => "never-checking client",
            Self::GriefingClient => "griefing client",
            Self::HonestPanelist => "honest panelist",
            Self::LazyPanelist => "lazy panelist",
            Self::AbsentPanelist => "absent panelist",
            Self::ColludingPanelist => "colluding panelist",
            Self::Fisherman => "fisherman",
        }
    }

    /// Names what its profit is stated for.
    pub const fn occasion(self) -> &'static str {
        match self {
            Self::HonestNode | Self::LazyNode | Self::CheatingNode | Self::CopyingNode => "job",
            Self::HonestClient | Self::NeverCheckingClient | Self::GriefingClient => "job",
            Self::HonestPanelist | Self::LazyPanelist | Self::AbsentPanelist => "seat",
            Self::ColludingPanelist => "seat",
            Self::Fisherman => "check",
        }
    }
}
