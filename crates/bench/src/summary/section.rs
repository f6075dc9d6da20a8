//! The benchmarks of the page.
//!
//! A new one is a row of [`SOURCES`], and a file of `sections/` that reads its JSON.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{baseline::Baseline, content::Content, sections};

/// A benchmark whose file is read.
#[derive(Debug)]
pub struct Source {
    /// The benchmark's name in `cargo xtask bench --only NAME`.
    pub name: &'static str,
    /// The title of its section.
    pub title: &'static str,
    /// What it measures.
    pub about: &'static str,
    /// Its file, relative to the folder `target`.
    pub file: &'static str,
    /// Reads its file.
    pub(super) read: fn(Value, &Baseline) -> Result<Content>,
}

/// All benchmarks, in the order of the page.
pub static SOURCES: [Source; 8] = [
    Source {
        name: "costs",
        title: "Cost of each instruction",
        about: "Compute units on the runtime features of mainnet, with addresses of the first \
                bump; block units are what a leader charges without the loaded accounts.",
        file: "bench/costs.json",
        read: sections::costs::read_costs,
    },
    Source {
        name: "costs",
        title: "Growth",
        about: "The same instructions alone, beside few and beside many others. The slope is the \
                compute units that one more of them adds. It begins beside one, in a queue beside \
                two: the first in an empty queue costs some units less than all that follow.",
        file: "bench/growth.json",
        read: sections::growth::read_growth,
    },
    Source {
        name: "costs",
        title: "Random addresses",
        about: "The instructions of a job's life, and of the stake and the node that it needs, \
                for wallets and jobs whose addresses nobody chose: those that create an account \
                search for its bump. All others were measured with addresses of the first bump \
                alone.",
        file: "bench/spread.json",
        read: sections::spread::read_spread,
    },
    Source {
        name: "throughput",
        title: "Whole jobs in a second",
        about: "A whole job is listed, taken, started, finished, settled and closed. The drawing \
                shows what a leader charges for each transaction, by the cost model of Agave.",
        file: "bench/throughput.json",
        read: sections::throughput::read_throughput,
    },
    Source {
        name: "engine",
        title: "Tokens and sentences in a second",
        about: "Answers and vectors of small models: by the engine called directly, as jobs of a \
                market, in batches on each device, and by another binding of llama.cpp.",
        file: "bench/engine.json",
        read: sections::engine::read_engine,
    },
    Source {
        name: "faults",
        title: "A node that is killed at random",
        about: "What became of the jobs, and the time from a restart to the next work of the node.",
        file: "faults/faults.json",
        read: sections::faults::read_faults,
    },
    Source {
        name: "scale",
        title: "Markets with many nodes",
        about: "A simulation: jobs that clients list, and what nodes return, in markets of all \
                sizes. Waiting times grow where jobs pile up.",
        file: "bench/scale.json",
        read: sections::scale::read_scale,
    },
    Source {
        name: "connect",
        title: "Connections",
        about: "Bytes and requests through a port of a job, beside a bare stream to the node and \
                plain TCP, on the loopback interface; and an endpoint that nobody uses. Goals are \
                named, and never fail.",
        file: "bench/connect.json",
        read: sections::connect::read_connect,
    },
];

/// Fails if one of these is not the name of a benchmark.
pub fn check_names(names: &[String]) -> Result<()> {
    for name in names {
        let is_known = SOURCES.iter().any(|source| source.name == name);
        ensure!(is_known, "`{name}` is not a benchmark; choose among: {}", list_names());
    }
    Ok(())
}

fn list_names() -> String {
    let mut names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
    names.dedup();
    names.join(", ")
}
