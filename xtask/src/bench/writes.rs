//! What the page's report compares and writes.

use anyhow::{Result, ensure};

use super::{Options, benchmarks::Benchmark};

/// The variable that makes the summary write `bench/baseline.json`, if it is `1`.
const WRITE_BASELINE: &str = "NOSANA_WRITE_BASELINE";

/// The committed files that a report writes beside the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// None.
    Nothing,
    /// `bench/baseline.json`, and the README's table.
    Baseline,
    /// `bench/measured.json`, and the README's table.
    Record,
}

impl Writes {
    /// Reads what these options and the environment write.
    ///
    /// # Errors
    /// If two of them exclude each other.
    pub fn from_environment(options: &Options) -> Result<Self> {
        let has_variable = std::env::var(WRITE_BASELINE).is_ok_and(|value| value == "1");
        Self::choose_writes(options, has_variable)
    }

    /// Returns what these options write; `has_variable` if the variable is set that writes the
    /// baseline.
    fn choose_writes(options: &Options, has_variable: bool) -> Result<Self> {
        ensure!(
            !(has_variable && options.compare),
            "`--compare` reads the baseline that {WRITE_BASELINE}=1 writes; choose one of them"
        );
        ensure!(
            !(has_variable && options.record),
            "`--record` measures beside the baseline that {WRITE_BASELINE}=1 writes; write the \
             baseline without `--record` and commit it, then unset the variable and record"
        );

        Ok(match (has_variable, options.record) {
            (true, _) => Self::Baseline,
            (false, true) => Self::Record,
            (false, false) => Self::Nothing,
        })
    }

    /// Returns what the message about failed benchmarks adds if committed files were to be written.
    pub const fn describe_left(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Baseline | Self::Record => "; neither the baseline nor the README is written",
        }
    }
}

/// Returns the arguments of the report: it compares what was run, and of a quick run no timings. A
/// record is of all benchmarks.
pub fn report_arguments(
    chosen: &[&Benchmark],
    options: &Options,
    writes: Writes,
) -> Vec<&'static str> {
    let flags = [
        ("--compare", options.compare),
        ("--without-timings", options.quick),
        ("--write-baseline", writes == Writes::Baseline),
        ("--readme", writes == Writes::Baseline),
        ("--record", writes == Writes::Record),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag);

    let named = chosen.iter().filter(|_| writes != Writes::Record);
    flags.chain(named.flat_map(|benchmark| ["--only", benchmark.name])).collect()
}

/// Returns the arguments of the report after the simulation was repeated. It records nothing: the
/// other benchmarks ran with a build of the baseline before.
pub fn repeat_arguments(chosen: &[&Benchmark], options: &Options) -> Vec<&'static str> {
    report_arguments(chosen, options, Writes::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::benchmarks::BENCHMARKS;

    /// Options of a whole run.
    const fn whole_run() -> Options {
        Options { quick: false, compare: false, record: false, only: Vec::new(), args: Vec::new() }
    }

    #[test]
    fn what_was_run_is_compared() {
        let chosen = ["costs", "throughput"].map(|name| Benchmark::find(name).unwrap());
        let options = Options { compare: true, ..whole_run() };
        let arguments = report_arguments(&chosen, &options, Writes::Nothing);
        assert_eq!(arguments, ["--compare", "--only", "costs", "--only", "throughput"]);

        let quick = Options { quick: true, compare: false, ..options };
        let arguments = report_arguments(&chosen[..1], &quick, Writes::Nothing);
        assert_eq!(arguments, ["--without-timings", "--only", "costs"]);
    }

    #[test]
    fn a_record_is_of_all_benchmarks() {
        let options = Options { record: true, ..whole_run() };
        let chosen: Vec<&Benchmark> = BENCHMARKS.iter().collect();

        let arguments = report_arguments(&chosen, &options, Writes::Record);
        assert_eq!(arguments, ["--record"]);
        let arguments = report_arguments(&chosen[..1], &whole_run(), Writes::Baseline);
        assert_eq!(arguments, ["--write-baseline", "--readme", "--only", "costs"]);
        // One that failed is not recorded.
        let arguments = report_arguments(&chosen[..1], &options, Writes::Nothing);
        assert_eq!(arguments, ["--only", "costs"]);
    }

    #[test]
    fn a_record_is_refused_while_the_baseline_is_written() {
        let record = Options { record: true, ..whole_run() };
        let compare = Options { compare: true, ..whole_run() };
        for (options, name) in [(&record, "`--record`"), (&compare, "`--compare`")] {
            let error = Writes::choose_writes(options, true).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(WRITE_BASELINE), "{error}");
        }

        let choose =
            |options: &Options, has_variable| Writes::choose_writes(options, has_variable).unwrap();
        assert_eq!(choose(&record, false), Writes::Record);
        assert_eq!(choose(&whole_run(), true), Writes::Baseline);
        assert_eq!(choose(&compare, false), Writes::Nothing);
    }

    #[test]
    fn a_repeated_simulation_records_nothing() {
        let options = Options { record: true, ..whole_run() };
        let arguments = repeat_arguments(&BENCHMARKS.iter().collect::<Vec<_>>(), &options);

        for absent in ["--record", "--write-baseline", "--readme"] {
            assert!(!arguments.contains(&absent), "{absent}: {arguments:?}");
        }
        assert!(arguments.contains(&"scale"), "{arguments:?}");
    }
}
