//! The benchmarks of the page, and what their files contain.
//!
//! A new one is a row of [`SOURCES`], and a file of `sections/` that reads its JSON.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
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
    read: fn(Value, &Baseline) -> Result<Content>,
}

/// All benchmarks, in the order of the page.
pub static SOURCES: [Source; 6] = [
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
        about: "The same instructions beside few and beside many others. The slope is the compute \
                units that one more of them adds.",
        file: "bench/growth.json",
        read: sections::growth::read_growth,
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
        title: "Tokens in a second",
        about: "Answers of a small model: by the engine called directly, as jobs of a market, and \
                by another binding of llama.cpp.",
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
                sizes. Below 100 % jobs pile up.",
        file: "bench/scale.json",
        read: sections::scale::read_scale,
    },
];

/// A section of the page.
#[derive(Debug)]
pub struct Section {
    /// The benchmark.
    pub source: &'static Source,
    /// What its file contains.
    pub state: State,
}

/// What the file of a benchmark contains.
#[derive(Debug)]
pub enum State {
    /// The file does not exist.
    Missing,
    /// The file has another format, or cannot be read; why.
    Invalid(String),
    /// The file is complete.
    Measured {
        /// What was measured.
        content: Content,
        /// The time since then, if the file system knows it.
        age: Option<Duration>,
    },
}

impl Section {
    /// Returns true if the benchmark is one of these, or if there are none.
    pub fn is_among(&self, only: &[String]) -> bool {
        only.is_empty() || only.iter().any(|name| name == self.source.name)
    }

    /// Returns what was measured.
    pub fn content(&self) -> Option<&Content> {
        match &self.state {
            State::Missing | State::Invalid(_) => None,
            State::Measured { content, .. } => Some(content),
        }
    }
}

/// Reads the files of all benchmarks in this folder `target`.
pub fn read_sections(target: &Path, baseline: &Baseline) -> Vec<Section> {
    let section =
        |source: &'static Source| Section { source, state: read_state(source, target, baseline) };

    SOURCES.iter().map(section).collect()
}

fn read_state(source: &Source, target: &Path, baseline: &Baseline) -> State {
    let path = target.join(source.file);
    if !path.exists() {
        return State::Missing;
    }

    match read_content(source, &path, baseline) {
        Ok(content) => State::Measured { content, age: read_age(&path) },
        Err(error) => State::Invalid(format!("{error:#}")),
    }
}

fn read_content(source: &Source, path: &Path, baseline: &Baseline) -> Result<Content> {
    let bytes = fs::read(path).context("cannot read the file")?;
    let value = serde_json::from_slice(&bytes).context("the file is not JSON")?;

    (source.read)(value, baseline)
}

fn read_age(path: &Path) -> Option<Duration> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    SystemTime::now().duration_since(modified).ok()
}

#[cfg(test)]
pub mod sample {
    use super::*;

    /// A section of this benchmark that was measured just now.
    pub fn measured_section(name: &str, content: Content) -> Section {
        let source = SOURCES.iter().find(|source| source.name == name).unwrap();
        let state = State::Measured { content, age: Some(Duration::ZERO) };
        Section { source, state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_missing_invalid_or_read() {
        let target = tempfile::tempdir().unwrap();
        fs::create_dir(target.path().join("bench")).unwrap();
        let write = |name: &str, text: &str| fs::write(target.path().join(name), text).unwrap();
        write("bench/costs.json", r#"{"compiler": "upstream", "figures": {}}"#);
        write("bench/growth.json", "{}");
        write("bench/throughput.json", "{");

        let sections = read_sections(target.path(), &Baseline::default());
        assert!(sections[0].content().is_some());
        for section in &sections[1..3] {
            assert!(matches!(section.state, State::Invalid(_)), "{section:?}");
        }
        assert!(matches!(sections[4].state, State::Missing));
    }
}
