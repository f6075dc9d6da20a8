//! What has to hold, and whether it does. A check that fails is kept with the others, so that a
//! page shows all of them.

use std::fmt::Debug;

use serde::Serialize;

/// Something that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What has to hold.
    pub claim: String,
    /// Whether it does.
    pub holds: bool,
    /// The values it was decided by.
    pub detail: String,
}

/// All checks of a run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Notes whether `claim` holds.
    pub fn that(&mut self, claim: impl Into<String>, holds: bool, detail: impl Into<String>) {
        self.0.push(Check { claim: claim.into(), holds, detail: detail.into() });
    }

    /// Notes whether two values are the same.
    pub fn equal<T: PartialEq + Debug>(
        &mut self,
        claim: impl Into<String>,
        actual: T,
        expected: T,
    ) {
        let holds = actual == expected;
        let detail = if holds {
            format!("{actual:?}")
        } else {
            format!("{actual:?}, expected {expected:?}")
        };
        self.that(claim, holds, detail);
    }

    /// Notes whether the same holds for each of many; `problems` are those for which it does not.
    pub fn none(
        &mut self,
        claim: impl Into<String>,
        problems: &[String],
        otherwise: impl Into<String>,
    ) {
        let detail = if problems.is_empty() { otherwise.into() } else { problems.join("; ") };
        self.that(claim, problems.is_empty(), detail);
    }

    /// The checks.
    pub fn into_vec(self) -> Vec<Check> {
        self.0
    }
}

/// Those that fail, one a line; nothing if all hold.
pub fn failures(checks: &[Check]) -> Option<String> {
    let failed = checks.iter().filter(|check| !check.holds);
    let lines: Vec<_> =
        failed.map(|check| format!("- {}: {}", check.claim, check.detail)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_say_what_was_expected() {
        let mut checks = Checks::default();
        checks.equal("one is one", 1, 1);
        checks.none("all jobs are paid", &[], "8 jobs");
        let all = checks.clone().into_vec();
        assert_eq!(failures(&all), None);
        assert_eq!((all[0].detail.as_str(), all[1].detail.as_str()), ("1", "8 jobs"));

        checks.equal("one is two", 1, 2);
        checks.none("all jobs are paid", &["job 3".to_owned(), "job 4".to_owned()], "8 jobs");
        let expected = "- one is two: 1, expected 2\n- all jobs are paid: job 3; job 4";
        assert_eq!(failures(&checks.into_vec()).as_deref(), Some(expected));
    }
}
