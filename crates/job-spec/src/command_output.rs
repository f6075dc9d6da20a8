//! The output of `command/run` and `container/run`: what each step did, and what was kept of the
//! work folder.
//!
//! A step that fails or goes beyond a limit is a result like any other: the operation is `ok`, and
//! its output tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ContentId;

/// The most artifacts of one operation.
pub const MAX_ARTIFACTS: usize = 4096;
/// The largest artifact, in bytes.
pub const MAX_ARTIFACT_BYTES: u64 = 1024 * 1024 * 1024;

/// What the steps did. Its canonical form is compact JSON with the fields in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandOutput {
    /// One outcome for each step, in the definition's order.
    pub steps: Vec<StepOutput>,
    /// The files that were kept, by path.
    #[serde(alias = "artefacts")]
    pub artifacts: Vec<Artifact>,
    /// What was asked for and not kept.
    pub left_out: Vec<LeftOut>,
    /// How the node bounded the steps, by its own account.
    pub enforcement: Enforcement,
    /// What a container's results took from its log, by name; none for commands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub results: BTreeMap<String, Vec<String>>,
}

/// What one step did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepOutput {
    /// The step's name in the definition.
    pub name: String,
    /// Whether it ended by itself, was ended, or never began.
    pub status: StepStatus,
    /// The exit code as a shell tells it, so 128 + n after signal n; there exactly if the status is
    /// `exited` or `stopped`.
    pub exit_code: Option<u8>,
    /// The signal that an exit code above 128 stands for.
    pub signal: Option<u8>,
    /// Which limit ended it; there exactly if the status is `limit`.
    pub limit: Option<Limit>,
    /// When it began, in milliseconds since 1970 by the node's clock; null if it was skipped.
    pub started_unix_ms: Option<u64>,
    /// When it ended, in milliseconds since 1970 by the node's clock; null if it was skipped.
    pub ended_unix_ms: Option<u64>,
    /// Its standard output and error, interleaved as they came; null if it was skipped.
    pub log: Option<ContentId>,
    /// The size of the log in bytes.
    pub log_bytes: u64,
    /// Whether the log was cut at the output limit.
    pub log_truncated: bool,
}

/// How a step came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// It ended by itself.
    Exited,
    /// A limit ended it.
    Limit,
    /// The service that it belongs to came to its end: it was asked to end, and killed if it did
    /// not.
    Stopped,
    /// An earlier step failed, or the service came to its end before it.
    Skipped,
}

/// A bound that ended a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// It took too long.
    Timeout,
    /// Its processes used too much memory.
    Memory,
    /// It filled the work folder or `/tmp`.
    Disk,
    /// It had too many processes.
    Processes,
    /// It printed too much.
    Output,
}

/// A file of the work folder that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Its path, relative to the work folder.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its content.
    pub content: ContentId,
}

/// A path or pattern that was asked for and not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The path, relative to the work folder, or the pattern.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// The mechanism behind each bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enforcement {
    /// How memory is bounded.
    pub memory: String,
    /// How processes are bounded.
    pub processes: String,
    /// How processor cores are bounded.
    pub cpus: String,
    /// How disk space is bounded.
    pub disk: String,
}

impl StepOutput {
    /// A step that never began.
    pub fn skipped(name: impl Into<String>) -> Self {
        let (exit_code, signal, limit, log) = (None, None, None, None);
        let (started_unix_ms, ended_unix_ms) = (None, None);
        let (name, status) = (name.into(), StepStatus::Skipped);
        let (log_bytes, log_truncated) = (0, false);
        Self {
            name,
            status,
            exit_code,
            signal,
            limit,
            started_unix_ms,
            ended_unix_ms,
            log,
            log_bytes,
            log_truncated,
        }
    }

    /// Whether it ended by itself, with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.status == StepStatus::Exited && self.exit_code == Some(0)
    }
}

impl CommandOutput {
    /// Whether every step ended by itself, with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.steps.iter().all(StepOutput::succeeded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_fixed() {
        let id = ContentId::from_digest([7; 32]);
        let ran = StepOutput {
            status: StepStatus::Exited,
            exit_code: Some(139),
            signal: Some(11),
            started_unix_ms: Some(10),
            ended_unix_ms: Some(20),
            log: Some(id),
            log_bytes: 3,
            ..StepOutput::skipped("build")
        };
        let text = |text: &str| text.to_owned();
        let enforcement = Enforcement {
            memory: text("m"),
            processes: text("p"),
            cpus: text("c"),
            disk: text("d"),
        };
        let output = CommandOutput {
            steps: vec![ran, StepOutput::skipped("test")],
            artifacts: vec![Artifact { path: text("a"), size_bytes: 1, content: id }],
            left_out: vec![LeftOut { path: text("b"), reason: text("none") }],
            enforcement,
            results: BTreeMap::new(),
        };
        let expected = format!(
            "{{\"steps\":[{{\"name\":\"build\",\"status\":\"exited\",\"exit_code\":139,\"signal\":11,\"limit\":null,\
             \"started_unix_ms\":10,\"ended_unix_ms\":20,\"log\":\"{id}\",\"log_bytes\":3,\"log_truncated\":false}},\
             {{\"name\":\"test\",\"status\":\"skipped\",\"exit_code\":null,\"signal\":null,\"limit\":null,\
             \"started_unix_ms\":null,\"ended_unix_ms\":null,\"log\":null,\"log_bytes\":0,\"log_truncated\":false}}],\
             \"artifacts\":[{{\"path\":\"a\",\"size_bytes\":1,\"content\":\"{id}\"}}],\
             \"left_out\":[{{\"path\":\"b\",\"reason\":\"none\"}}],\
             \"enforcement\":{{\"memory\":\"m\",\"processes\":\"p\",\"cpus\":\"c\",\"disk\":\"d\"}}}}"
        );
        assert_eq!(serde_json::to_string(&output).unwrap(), expected);
        assert_eq!(serde_json::from_str::<CommandOutput>(&expected).unwrap(), output);
        assert!(!output.succeeded());
    }
}
