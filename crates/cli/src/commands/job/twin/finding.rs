//! What a twin shows about a result.

use nosana_client::jobs::accounts::Job;
use nosana_worker::{ClaimedResult, ResultComparison, ResultReading};
use solana_address::Address;

/// What was found out about a result.
#[derive(Debug)]
pub enum TwinFinding {
    /// The twin has the same.
    Right(Twin),
    /// It is wrong, for these reasons, whatever a twin says.
    Wrong(Vec<String>),
    /// It and the twin's cannot both be right: where they differ.
    Contradicted(Twin, String),
    /// Both can be right although they differ: where they do.
    Inconclusive(Address, String),
    /// Its node says that an operation failed: which.
    Failed(String),
    /// Somebody else has decided about it meanwhile: the job's state.
    Overtaken(String),
    /// Nobody delivers it.
    Withheld(String),
}

/// Why the result of a twin shows nothing about that of the job.
#[derive(Debug)]
pub enum TwinProblem {
    /// It is wrong, for these reasons, whatever the job's says.
    Wrong(Vec<String>),
    /// Its node does not deliver it, or says that an operation failed.
    Unusable(String),
}

/// A twin with a result.
#[derive(Clone, Debug)]
pub struct Twin {
    /// Its address.
    pub address: Address,
    /// Its account.
    pub job: Box<Job>,
}

/// What a result shows by itself.
#[derive(Debug)]
pub enum FirstLook {
    /// Nothing: a twin has to be compared with it.
    Comparable(ClaimedResult),
    /// Enough: no twin is necessary.
    Decided(TwinFinding),
}

impl FirstLook {
    /// Looks at the result of a job.
    pub fn take(reading: ResultReading) -> Self {
        let result = match reading {
            ResultReading::Read(result) => result,
            ResultReading::Withheld(problem) => {
                return Self::Decided(TwinFinding::Withheld(problem));
            }
        };

        if let Some(failure) = describe_failures(&result) {
            return Self::Decided(TwinFinding::Failed(format!("the node of the job {failure}")));
        }
        let faults = result.find_faults();
        if faults.is_empty() {
            return Self::Comparable(result);
        }
        Self::Decided(TwinFinding::Wrong(faults))
    }
}

impl TwinFinding {
    /// Compares a result with that of its twin. Fails with the reason if the twin's shows nothing.
    pub fn compare(
        first: &ClaimedResult,
        twin: &Twin,
        reading: ResultReading,
    ) -> Result<Self, TwinProblem> {
        let address = twin.address;
        let second = match reading {
            ResultReading::Read(second) => second,
            ResultReading::Withheld(problem) => {
                return Err(TwinProblem::Unusable(format!(
                    "nobody has the result of the twin: {problem}; `nosana job reject {address}` \
                     rejects it"
                )));
            }
        };
        if let Some(failure) = describe_failures(&second) {
            return Err(TwinProblem::Unusable(format!(
                "the node of the twin {failure}; `nosana job challenge {address}` disputes that if \
                 other nodes can run the definition"
            )));
        }
        let faults = second.find_faults();
        if !faults.is_empty() {
            return Err(TwinProblem::Wrong(faults));
        }

        Ok(match first.compare_with(&second) {
            ResultComparison::Same => Self::Right(twin.clone()),
            ResultComparison::Unclear(why) => Self::Inconclusive(address, why),
            ResultComparison::Differing(why) => Self::Contradicted(twin.clone(), why),
        })
    }
}

/// Returns which operations failed, as a node says; `None` if none did.
fn describe_failures(result: &ClaimedResult) -> Option<String> {
    let failures = result.list_failures();
    if failures.is_empty() {
        return None;
    }
    Some(format!("says that `{}` failed", failures.join("`, `")))
}
