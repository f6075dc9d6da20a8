//! Claims about the demo, and whether they hold. A failed check is kept with the others, so that
//! the page shows all of them.

use std::fmt::Debug;

use serde::Serialize;

/// A checked claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The claim.
    pub claim: String,
    /// Whether it holds.
    pub holds: bool,
    /// The values that decided it.
    pub detail: String,
}

/// All checks of a demo, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Records whether `claim` holds.
    pub fn record_claim(
        &mut self,
        claim: impl Into<String>,
        holds: bool,
        detail: impl Into<String>,
    ) {
        self.0.push(Check { claim: claim.into(), holds, detail: detail.into() });
    }

    /// Records whether two values are equal.
    pub fn record_equal<T: PartialEq + Debug>(
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
        self.record_claim(claim, holds, detail);
    }

    /// Records whether a claim holds for each of many; `problems` lists those for which it fails.
    pub fn record_no_problems(
        &mut self,
        claim: impl Into<String>,
        problems: &[String],
        otherwise: impl Into<String>,
    ) {
        let detail = if problems.is_empty() { otherwise.into() } else { problems.join("; ") };
        self.record_claim(claim, problems.is_empty(), detail);
    }

    /// Returns the checks.
    pub fn into_vec(self) -> Vec<Check> {
        self.0
    }
}

/// Lists the failed checks, one per line; `None` if all hold.
pub fn list_failures(checks: &[Check]) -> Option<String> {
    let failed = checks.iter().filter(|check| !check.holds);
    let lines: Vec<_> =
        failed.map(|check| format!("- {}: {}", check.claim, check.detail)).collect();

    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_the_expected_values() {
        let mut checks = Checks::default();
        checks.record_equal("one is one", 1, 1);
        checks.record_no_problems("all jobs are paid", &[], "8 jobs");
        let all = checks.clone().into_vec();
        assert_eq!(list_failures(&all), None);
        assert_eq!((all[0].detail.as_str(), all[1].detail.as_str()), ("1", "8 jobs"));

        checks.record_equal("one is two", 1, 2);
        let problems = ["job 3".to_owned(), "job 4".to_owned()];
        checks.record_no_problems("all jobs are paid", &problems, "8 jobs");
        let expected = "- one is two: 1, expected 2\n- all jobs are paid: job 3; job 4";
        assert_eq!(list_failures(&checks.into_vec()).as_deref(), Some(expected));
    }
}
