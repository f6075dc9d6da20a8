//! What the five nodes of the trial do, who disputes their results, and how that has to end.

use nosana_protocol::dispute::votes::Outcome;
use serde::Serialize;

/// What a node does with its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behavior {
    /// Returns a vector that nobody computed.
    Garbage,
    /// Runs the model with weights of four bits.
    SmallModel,
    /// Reads the first half of the text.
    CutText,
    /// Waits for another node's result of the same definition, and submits that.
    Copy,
    /// Works.
    Honest,
}

/// Who disputes a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Challenger {
    /// The client, who computes results again.
    Client,
    /// An idle node, which computes results of others again.
    Fisherman,
    /// The owner of the honest node. The trial itself compares the results: no program looks for
    /// copies.
    Victim,
    /// Somebody who disputes a right result.
    Griefer,
}

impl Behavior {
    /// All behaviors, in the order of the jobs.
    pub const ALL: [Self; 5] =
        [Self::Garbage, Self::SmallModel, Self::CutText, Self::Copy, Self::Honest];

    /// The name of the case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Garbage => "garbage",
            Self::SmallModel => "small model",
            Self::CutText => "cut text",
            Self::Copy => "copied result",
            Self::Honest => "honest work",
        }
    }

    /// What the node does.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Garbage => "returns a vector that nobody computed",
            Self::SmallModel => "runs a variant of the model with weights of four bits",
            Self::CutText => "reads the first half of the text",
            Self::Copy => "submits the honest node’s result of the same definition",
            Self::Honest => "runs the job, as `nosana node run` does",
        }
    }

    /// Who disputes the result.
    pub const fn challenger(self) -> Challenger {
        match self {
            Self::Garbage | Self::CutText => Challenger::Client,
            Self::SmallModel => Challenger::Fisherman,
            Self::Copy => Challenger::Victim,
            Self::Honest => Challenger::Griefer,
        }
    }

    /// How the dispute has to end. The result of a copy is right: only its trace shows that nobody
    /// worked for it.
    pub const fn expected_outcome(self) -> Outcome {
        match self {
            Self::Garbage | Self::SmallModel | Self::CutText => Outcome::Convicted,
            Self::Copy => Outcome::TraceRefuted,
            Self::Honest => Outcome::Acquitted,
        }
    }

    /// Whether the result itself is wrong.
    pub const fn is_result_wrong(self) -> bool {
        matches!(self.expected_outcome(), Outcome::Convicted)
    }

    /// The text that the job embeds. The copied result is that of the same text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Garbage => {
                "The harbor hides an argument about time, and the night train repairs the shortest \
                 way home before the court explains the price of copper."
            }
            Self::SmallModel => {
                "An old server remembers the second half of the year, and a rare beetle measures \
                 every third number of the map without names."
            }
            Self::CutText => {
                "The weather station describes three kinds of salt until a lost key replaces the \
                 color of the water in the budget of the town."
            }
            Self::Copy | Self::Honest => {
                "A violin outlives what nobody wrote down, and an open window delays the sound of \
                 rain on tin for a long division with a gap."
            }
        }
    }
}

impl Challenger {
    /// The challenger's name, as a person of the trial.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Fisherman => "fisherman",
            Self::Victim => "honest node",
            Self::Griefer => "griefer",
        }
    }

    /// How it came to the dispute.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Client => "computed its own result again before it paid (scripted, as `--check`)",
            Self::Fisherman => "computed the result again while it was idle (`--check-others`)",
            Self::Victim => "disputes a copy of its result (scripted: no program looks for copies)",
            Self::Griefer => "disputes a right result",
        }
    }
}

/// Returns the name of an outcome.
pub const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "not resolved",
        Outcome::Undecided => "undecided",
        Outcome::Convicted => "convicted",
        Outcome::NotOpened => "trace not opened",
        Outcome::TraceRefuted => "trace refuted",
        Outcome::Acquitted => "acquitted",
    }
}
