//! The sections of the page: what the files of the benchmarks contain.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};

use super::{
    baseline::Baseline,
    content::Content,
    section::{SOURCES, Source},
};

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
        content: Box<Content>,
        /// The time since then, if the file system knows it.
        age: Option<Duration>,
    },
}

impl Section {
    /// Returns true if the benchmark is one of these, or if there are none.
    pub fn is_among(&self, only: &[String]) -> bool {
        only.is_empty() || only.iter().any(|name| name == self.source.name)
    }

    /// Removes the timings.
    pub fn remove_timings(&mut self) {
        match &mut self.state {
            State::Missing | State::Invalid(_) => {}
            State::Measured { content, .. } => content.timings.clear(),
        }
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
        Ok(content) => State::Measured { content: Box::new(content), age: read_age(&path) },
        Err(error) => State::Invalid(format!("{error:#}")),
    }
}

fn read_content(source: &Source, path: &Path, baseline: &Baseline) -> Result<Content> {
    let bytes = fs::read(path).context("cannot read the file")?;
    let value = serde_json::from_slice(&bytes).context("the file is not JSON")?;

    (source.read)(value, baseline).map(Content::with_finite_timings)
}

fn read_age(path: &Path) -> Option<Duration> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    SystemTime::now().duration_since(modified).ok()
}
