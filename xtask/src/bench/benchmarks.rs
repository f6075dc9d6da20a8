//! The benchmarks of `cargo xtask bench`. A new one is a row here, and a row of `SOURCES` in
//! `crates/bench/src/summary/section.rs`, which shows what it wrote.

/// The variable with the number of whole jobs that `throughput` times. Without it, they are few.
const THROUGHPUT_JOBS: &str = "NOSANA_THROUGHPUT_JOBS";

/// The benchmark whose program contains the baseline, and which a run of the demo is compared with.
pub const SCALE: &str = "scale";

/// A benchmark.
#[derive(Debug)]
pub struct Benchmark {
    /// Its name on the command line.
    pub name: &'static str,
    /// What runs it.
    pub runner: Runner,
    /// The files that the page reads, relative to the folder `target`.
    pub writes: &'static [&'static str],
}

/// What runs a benchmark.
#[derive(Debug)]
pub enum Runner {
    /// A test suite: suites have the runtime.
    Suite {
        /// The name of the suite.
        suite: &'static str,
        /// Variables that make it measure more; `--quick` leaves them out.
        variables: &'static [(&'static str, &'static str)],
    },
    /// `nosana bench NAME`.
    Nosana {
        /// Its arguments.
        args: &'static [&'static str],
        /// Its arguments with `--quick`.
        quick_args: &'static [&'static str],
    },
}

/// All benchmarks, in order: seven minutes together on two cores.
pub const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "costs",
        runner: Runner::Suite { suite: "compute", variables: &[] },
        writes: &["bench/costs.json", "bench/growth.json", "bench/spread.json"],
    },
    Benchmark {
        name: "throughput",
        runner: Runner::Suite { suite: "throughput", variables: &[(THROUGHPUT_JOBS, "2000")] },
        writes: &["bench/throughput.json"],
    },
    Benchmark {
        name: "engine",
        runner: Runner::Nosana {
            args: &["--no-open"],
            quick_args: &["--no-open", "--in-flight", "16", "--quick"],
        },
        writes: &["bench/engine.json"],
    },
    Benchmark {
        name: "faults",
        runner: Runner::Nosana {
            args: &["--no-open", "--seconds", "120"],
            quick_args: &["--no-open", "--seconds", "25", "--mean-life", "5"],
        },
        writes: &["faults/faults.json"],
    },
    Benchmark {
        name: SCALE,
        runner: Runner::Nosana { args: &[], quick_args: &["--quick"] },
        writes: &["bench/scale.json"],
    },
    Benchmark {
        name: "connect",
        runner: Runner::Nosana { args: &[], quick_args: &["--quick"] },
        writes: &["bench/connect.json"],
    },
];

impl Benchmark {
    /// Returns the benchmark of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        BENCHMARKS.iter().find(|benchmark| benchmark.name == name)
    }

    /// Returns the suite that runs it, if one does.
    pub const fn suite(&self) -> Option<&'static str> {
        match self.runner {
            Runner::Suite { suite, .. } => Some(suite),
            Runner::Nosana { .. } => None,
        }
    }
}

/// Returns the names of all benchmarks.
pub fn list_names() -> impl Iterator<Item = &'static str> {
    BENCHMARKS.iter().map(|benchmark| benchmark.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_files_are_unique() {
        let names: BTreeSet<&str> = list_names().collect();
        assert_eq!(names.len(), BENCHMARKS.len());

        let files = BENCHMARKS.iter().flat_map(|benchmark| benchmark.writes);
        assert_eq!(files.clone().collect::<BTreeSet<_>>().len(), files.count());
    }

    #[test]
    fn the_page_reads_what_each_benchmark_writes() {
        let sources = include_str!("../../../crates/bench/src/summary/section.rs");
        for benchmark in BENCHMARKS {
            for file in benchmark.writes {
                assert!(sources.contains(file), "SOURCES in section.rs has no `{file}`");
            }
        }
    }
}
