//! The outcome of one check.

use anyhow::Error;
use serde_json::{Value, json};

use crate::terminal::sanitize_text;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be.
    Good,
    /// It works, and could work better.
    Advice,
    /// A node would need it; a client does not.
    Missing,
    /// Nothing works without it.
    Bad,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was checked.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found; if it is not good, also what to do.
    pub text: String,
}

impl Finding {
    /// A check that went well.
    pub fn good(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Good, text: text.into() }
    }

    /// Something that works, and what would make it better.
    pub fn advice(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Advice, text: text.into() }
    }

    /// Something that only a node needs.
    pub fn missing(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Missing, text: text.into() }
    }

    /// Something without which nothing works.
    pub fn bad(name: &'static str, error: &Error) -> Self {
        Self { name, outcome: Outcome::Bad, text: format!("{error:#}") }
    }

    /// The finding as JSON.
    pub fn to_json(&self) -> Value {
        let outcome = match self.outcome {
            Outcome::Good => "good",
            Outcome::Advice => "advice",
            Outcome::Missing => "missing",
            Outcome::Bad => "bad",
        };
        json!({ "check": self.name, "outcome": outcome, "text": self.text })
    }

    /// Prints the finding.
    pub fn print_line(&self) {
        let mark = match self.outcome {
            Outcome::Good => "ok",
            Outcome::Advice => "note",
            Outcome::Missing => "no",
            Outcome::Bad => "FAIL",
        };
        println!("{:<10} {mark:<4} {}", self.name, sanitize_text(&self.text));
    }
}
