//! Who computes a result again: this machine, or another node.

use clap::ValueEnum;

use super::check_rate::CheckRate;

/// How results are checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckPlan {
    /// How often.
    pub rate: CheckRate,
    /// By whom.
    pub means: CheckMeans,
}

/// Who computes a result again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckMeans {
    /// This machine if it can, else a twin, unless the job has answers of a language model
    Auto,
    /// This machine
    #[default]
    Own,
    /// A twin: the same job once more, which another node runs and you pay for
    Twin,
}

impl CheckPlan {
    /// The plan of the options `--check` and `--check-by`; `None` if nothing is checked.
    pub fn from_options(rate: Option<CheckRate>, means: Option<CheckMeans>) -> Option<Self> {
        rate.map(|rate| Self { rate, means: means.unwrap_or_default() })
    }
}

impl CheckMeans {
    /// Whether this machine tries to compute the result.
    pub const fn computes_here(self) -> bool {
        match self {
            Self::Auto | Self::Own => true,
            Self::Twin => false,
        }
    }

    /// Whether a twin computes it if this machine does not.
    pub const fn lists_twin(self) -> bool {
        match self {
            Self::Auto | Self::Twin => true,
            Self::Own => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_is_listed_only_if_it_may_be() {
        let means = [CheckMeans::Auto, CheckMeans::Own, CheckMeans::Twin];
        assert_eq!(means.map(CheckMeans::computes_here), [true, true, false]);
        assert_eq!(means.map(CheckMeans::lists_twin), [true, false, true]);
    }

    #[test]
    fn nothing_is_checked_without_a_rate() {
        assert_eq!(CheckPlan::from_options(None, Some(CheckMeans::Twin)), None);
        let plan = CheckPlan::from_options(Some(CheckRate::Auto), None);
        assert_eq!(plan, Some(CheckPlan { rate: CheckRate::Auto, means: CheckMeans::Own }));
    }

    #[test]
    fn a_twin_is_paid_only_if_the_options_name_it() {
        let lists = |means| {
            let plan = CheckPlan::from_options(Some(CheckRate::Share(1.0)), means);
            plan.is_some_and(|plan| plan.means.lists_twin())
        };
        assert!(!lists(None));
        assert!(lists(Some(CheckMeans::Auto)) && lists(Some(CheckMeans::Twin)));
    }
}
