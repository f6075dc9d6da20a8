//! `cargo xtask bench`: measures everything, and compares it with `bench/baseline.json`. What runs
//! on the programs alone is a test suite, because suites have the runtime; the rest is
//! `nosana bench`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `benchmarks` | the table of benchmarks |
//! | `commands` | the commands that run them |
//! | `measure` | runs them, each with its output in a log |
//! | `run_all` | all of them, or those of `--only`, and the page |
//! | `run_one` | one of them with its output on the terminal |
//! | `writes` | what the report of `run_all` compares and writes |

mod benchmarks;
mod commands;
mod measure;
mod run_all;
mod run_one;
mod writes;

use std::process::ExitCode;

use anyhow::Result;
use clap::builder::PossibleValuesParser;

/// What is measured, and how long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Measure less, for CI: the deterministic figures are the same, and timings are neither
    /// compared nor written
    #[arg(long, conflicts_with = "args")]
    quick: bool,
    /// Print what changed against bench/baseline.json, and fail if a figure that is the same in
    /// every run rose, is new or was not measured: compute units, bytes, rent, sizes
    #[arg(long, conflicts_with = "args")]
    compare: bool,
    /// Write what an idle machine measures into bench/measured.json, and the README's table
    #[arg(long, conflicts_with_all = ["args", "quick", "only"])]
    record: bool,
    /// Benchmark to run; repeat the option for several, omit it for all
    #[arg(
        long,
        value_name = "NAME",
        value_parser = PossibleValuesParser::new(benchmarks::list_names()),
        conflicts_with = "args",
    )]
    only: Vec<String>,
    /// `costs`, `throughput`, or arguments for `nosana bench`: runs that alone, without the page
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs benchmarks.
pub fn run_benchmarks(options: &Options) -> Result<ExitCode> {
    match options.args.first() {
        Some(name) => run_one::run_one(name, &options.args),
        None => run_all::run_all(options),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Bench {
        #[command(flatten)]
        options: Options,
    }

    fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        let words = ["bench"].iter().chain(arguments);
        Bench::try_parse_from(words).map(|bench| bench.options)
    }

    #[test]
    fn options_choose_benchmarks() {
        let options = parse(&["--quick", "--only", "costs", "--only", "faults"]).unwrap();
        assert!(options.quick && !options.compare && options.args.is_empty());
        assert_eq!(options.only, ["costs", "faults"]);
        assert!(parse(&["--only", "unknown"]).is_err());

        // The README has the figures of one whole run.
        assert!(parse(&["--record", "--compare"]).unwrap().record);
        assert!(parse(&["--record", "--quick"]).is_err());
        assert!(parse(&["--record", "--only", "costs"]).is_err());
    }

    #[test]
    fn a_name_passes_everything_behind_it() {
        let options = parse(&["simulate", "--quick", "--known-limits"]).unwrap();
        assert_eq!(options.args, ["simulate", "--quick", "--known-limits"]);
        assert!(!options.quick);
        assert!(parse(&["--compare", "costs"]).is_err());
    }
}
