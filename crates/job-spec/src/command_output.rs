//! The output of `command/run` and `container/run`: the outcome of each step, and the artifacts.
//!
//! A step that fails or exceeds a limit is a valid outcome: the operation is `ok`, and its output
//! reports the failure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ContentId;

/// The most artifacts of one operation.
pub const MAX_ARTIFACTS: usize = 4096;
/// The largest artifact, in bytes.
pub const MAX_ARTIFACT_BYTES: u64 = 1024 * 1024 * 1024;

/// The outcome of the steps. Its canonical form is compact JSON with the fields in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandOutput {
    /// One outcome for each step, in the definition's order.
    pub steps: Vec<StepOutput>,
    /// The artifacts, by path. Outputs of earlier releases have `artefacts`.
    #[serde(alias = "artefacts")]
    pub artifacts: Vec<Artifact>,
    /// The requested files that were not kept.
    pub left_out: Vec<LeftOutReport>,
    /// How the node enforced the limits, as it reports it.
    pub enforcement: EnforcementReport,
    /// What a container's results took from its log, by name; empty for commands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub results: BTreeMap<String, Vec<String>>,
}

/// The outcome of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepOutput {
    /// The step's name in the definition.
    pub name: String,
    /// Whether it ended by itself, was stopped, or never began.
    pub status: StepStatus,
    /// The exit code as a shell reports it, so 128 + n after signal n; present if and only if the
    /// status is `exited` or `stopped`.
    pub exit_code: Option<u8>,
    /// The signal, if the exit code is above 128 because of one.
    pub signal: Option<u8>,
    /// The limit that ended it; present if and only if the status is `limit`.
    pub limit: Option<LimitReport>,
    /// When it began, in milliseconds since 1970 by the node's clock; null if it was skipped.
    pub started_unix_ms: Option<u64>,
    /// When it ended, in milliseconds since 1970 by the node's clock; null if it was skipped.
    pub ended_unix_ms: Option<u64>,
    /// Its standard output and error, interleaved in the order of arrival; null if it was skipped.
    pub log: Option<ContentId>,
    /// The size of the log in bytes.
    pub log_bytes: u64,
    /// Whether the log was cut, because the step printed more than the output limit.
    pub log_truncated: bool,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// It ended by itself.
    Exited,
    /// A limit ended it.
    Limit,
    /// The service that it belongs to ended, or all operations that it served had: it got a signal
    /// to terminate, and was killed if it did not.
    Stopped,
    /// An earlier step failed, or the service ended before it.
    Skipped,
}

/// A limit that ended a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitReport {
    /// It exceeded its time.
    Timeout,
    /// Its processes exceeded the memory.
    Memory,
    /// It exceeded the disk space of the work folder and `/tmp`.
    Disk,
    /// It exceeded the number of processes.
    Processes,
    /// It exceeded the length of its log; only in outputs of earlier releases.
    Output,
}

/// A file that the job keeps.
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

/// A requested path or pattern that was not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOutReport {
    /// The path, relative to the work folder, or the pattern.
    pub path: String,
    /// Why it was not kept.
    pub reason: String,
}

/// The mechanism behind each limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnforcementReport {
    /// How the limit of memory is enforced.
    pub memory: String,
    /// How the limit of processes is enforced.
    pub processes: String,
    /// How the limit of processor cores is enforced.
    pub cpus: String,
    /// How the limit of disk space is enforced.
    pub disk: String,
}

impl StepOutput {
    /// A step that never began.
    pub fn skipped(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            status: StepStatus::Skipped,
            exit_code: None,
            signal: None,
            limit: None,
            started_unix_ms: None,
            ended_unix_ms: None,
            log: None,
            log_bytes: 0,
            log_truncated: false,
        }
    }

    /// Whether it ended by itself, with exit code 0, or was stopped when its work was done.
    pub fn succeeded(&self) -> bool {
        match self.status {
            StepStatus::Exited => self.exit_code == Some(0),
            StepStatus::Stopped => true,
            StepStatus::Limit | StepStatus::Skipped => false,
        }
    }
}

impl CommandOutput {
    /// The content in the store that it names: logs and artifacts.
    pub fn contents(&self) -> Vec<ContentId> {
        let logs = self.steps.iter().filter_map(|step| step.log);
        let artifacts = self.artifacts.iter().map(|artifact| artifact.content);
        logs.chain(artifacts).collect()
    }

    /// Whether every step succeeded; see [`StepOutput::succeeded`]. Missing artifacts do not count;
    /// see [`ExpectedArtifacts::find_missing`](crate::ExpectedArtifacts::find_missing).
    pub fn succeeded(&self) -> bool {
        self.steps.iter().all(StepOutput::succeeded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        text.to_owned()
    }

    fn output(id: ContentId) -> CommandOutput {
        let build = StepOutput {
            status: StepStatus::Exited,
            exit_code: Some(139),
            signal: Some(11),
            started_unix_ms: Some(10),
            ended_unix_ms: Some(20),
            log: Some(id),
            log_bytes: 3,
            ..StepOutput::skipped("build")
        };

        CommandOutput {
            steps: vec![build, StepOutput::skipped("test")],
            artifacts: vec![Artifact { path: text("a"), size_bytes: 1, content: id }],
            left_out: vec![LeftOutReport { path: text("b"), reason: text("none") }],
            enforcement: EnforcementReport {
                memory: text("m"),
                processes: text("p"),
                cpus: text("c"),
                disk: text("d"),
            },
            results: BTreeMap::new(),
        }
    }

    #[test]
    fn the_canonical_form_is_fixed() {
        let id = ContentId::from_digest([7; 32]);
        let build = format!(
            "{}{}{}",
            r#"{"name":"build","status":"exited","exit_code":139,"signal":11,"limit":null,"#,
            r#""started_unix_ms":10,"ended_unix_ms":20,"#,
            format_args!(r#""log":"{id}","log_bytes":3,"log_truncated":false}}"#),
        );
        let test = concat!(
            r#"{"name":"test","status":"skipped","exit_code":null,"signal":null,"limit":null,"#,
            r#""started_unix_ms":null,"ended_unix_ms":null,"log":null,"log_bytes":0,"#,
            r#""log_truncated":false}"#,
        );
        let artifacts = format!(r#"[{{"path":"a","size_bytes":1,"content":"{id}"}}]"#);
        let left_out = r#"[{"path":"b","reason":"none"}]"#;
        let enforcement = r#"{"memory":"m","processes":"p","cpus":"c","disk":"d"}"#;
        let kept = format!(r#""artifacts":{artifacts},"left_out":{left_out}"#);
        let expected =
            format!(r#"{{"steps":[{build},{test}],{kept},"enforcement":{enforcement}}}"#);

        assert_eq!(serde_json::to_string(&output(id)).unwrap(), expected);
        assert_eq!(serde_json::from_str::<CommandOutput>(&expected).unwrap(), output(id));
        assert!(!output(id).succeeded());
    }

    #[test]
    fn a_step_that_was_stopped_has_not_failed() {
        let with_status =
            |status, exit_code| StepOutput { status, exit_code, ..StepOutput::skipped("a") };
        assert!(with_status(StepStatus::Stopped, Some(143)).succeeded());
        assert!(with_status(StepStatus::Exited, Some(0)).succeeded());
        for (status, exit_code) in [
            (StepStatus::Exited, Some(143)),
            (StepStatus::Limit, None),
            (StepStatus::Skipped, None),
        ] {
            assert!(!with_status(status, exit_code).succeeded(), "{status:?}");
        }
    }

    #[test]
    fn an_output_of_an_earlier_release_is_read_and_written_with_artifacts() {
        let id = ContentId::from_digest([7; 32]);
        let current = serde_json::to_string(&output(id)).unwrap();
        let earlier = current.replace(r#""artifacts""#, r#""artefacts""#);
        assert_ne!(earlier, current);

        let read: CommandOutput = serde_json::from_str(&earlier).unwrap();
        assert_eq!(read, output(id));
        assert_eq!(serde_json::to_string(&read).unwrap(), current);

        let both = current.replacen('{', r#"{"artefacts":[],"#, 1);
        let error = serde_json::from_str::<CommandOutput>(&both).unwrap_err().to_string();
        assert!(error.contains("duplicate field `artifacts`"), "{error}");
    }
}
