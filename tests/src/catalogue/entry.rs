use nosana_client::{jobs, rewards, staking};
use solana_address::Address;

/// One of the three programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    Jobs,
    Staking,
    Rewards,
}

impl Program {
    pub const ALL: [Self; 3] = [Self::Jobs, Self::Staking, Self::Rewards];

    /// The name of the program's IDL, and of its folders.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Staking => "staking",
            Self::Rewards => "rewards",
        }
    }

    pub const fn id(self) -> Address {
        match self {
            Self::Jobs => jobs::ID,
            Self::Staking => staking::ID,
            Self::Rewards => rewards::ID,
        }
    }
}

/// A suite that covers instructions one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// `instructions`: a file for each instruction, and a table of what it refuses.
    Instructions,
    /// `attacks`: a valid call of each instruction, of which every account is replaced.
    Attacks,
    /// `compute`: the cost of each instruction, with a ceiling.
    Compute,
    /// `states`: what each instruction does to a job in every situation.
    JobStates,
    /// `states`: what each instruction does to a slot of a node in every situation.
    NodeStates,
    /// `states`: what each instruction does to a dispute in every situation.
    DisputeStates,
    /// `fuzz`: random sequences of the marketplace.
    Fuzz,
    /// `stakers`: random sequences of staking and rewards.
    Stakers,
}

impl Suite {
    pub const COUNT: usize = 8;

    /// The programs whose instructions the suite covers. Three state machines and one model exist
    /// for jobs only; the other model is that of staking and rewards.
    pub const fn programs(self) -> &'static [Program] {
        match self {
            Self::Instructions | Self::Attacks | Self::Compute => &Program::ALL,
            Self::JobStates | Self::NodeStates | Self::DisputeStates | Self::Fuzz => {
                &[Program::Jobs]
            }
            Self::Stakers => &[Program::Staking, Program::Rewards],
        }
    }

    /// The place in which the suite covers an instruction, for messages.
    pub fn place(self, entry: &Entry) -> String {
        let program = entry.program.name();
        let name = entry.name;
        let place = match self {
            Self::Instructions => format!(
                "instructions/{program}/{name}.rs: write a table of what it refuses, and list it \
                 in instructions/{program}/mod.rs"
            ),
            Self::Attacks => format!("attacks/valid/{program}.rs: add a valid call"),
            Self::Compute => {
                "compute/: measure it in the file of its topic, with a ceiling".to_owned()
            }
            Self::JobStates => {
                "states/job_calls.rs: add a `Call`, and its column in job_outcomes.rs".to_owned()
            }
            Self::NodeStates => "states/nodes.rs: add a `Call` and its column".to_owned(),
            Self::DisputeStates => {
                "states/dispute_calls.rs: add a `Call`, and its column in dispute_outcomes.rs"
                    .to_owned()
            }
            Self::Fuzz => {
                "fuzz/actions/: add an action and its generator in the file of its actor, and its \
                 rule in the same file of fuzz/model/"
                    .to_owned()
            }
            Self::Stakers => {
                "stakers/step.rs: add an action; the compiler names the other places, and \
                 stakers/generate.rs draws it"
                    .to_owned()
            }
        };
        format!("tests/tests/{place}")
    }
}

/// Whether a suite covers an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    Covered,
    /// The suite does not cover it, for this reason.
    Absent(&'static str),
}

/// An instruction.
#[derive(Debug)]
pub struct Entry {
    pub program: Program,
    /// Its name in the IDL.
    pub name: &'static str,
    coverage: [Coverage; Suite::COUNT],
}

impl Entry {
    /// An instruction that every suite of its program covers.
    pub(super) const fn new(program: Program, name: &'static str) -> Self {
        Self { program, name, coverage: [Coverage::Covered; Suite::COUNT] }
    }

    /// The same instruction, which `suite` does not cover.
    pub(super) const fn without(mut self, suite: Suite, reason: &'static str) -> Self {
        self.coverage[suite as usize] = Coverage::Absent(reason);
        self
    }

    /// Returns whether `suite` covers the instruction. None if the suite covers no instruction of
    /// its program.
    pub fn coverage(&self, suite: Suite) -> Option<Coverage> {
        suite.programs().contains(&self.program).then_some(self.coverage[suite as usize])
    }

    /// The program and the instruction, for messages.
    pub fn path(&self) -> String {
        format!("{}.{}", self.program.name(), self.name)
    }
}
