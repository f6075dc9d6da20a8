//! Limits of a command or a container, their defaults and the highest values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{checks::check_range, error::DefinitionError};

/// The longest time that a definition can set, in seconds: one day.
pub const MAX_TIMEOUT_SECONDS: u64 = 24 * 60 * 60;
/// The longest log of a step that a definition can set, in bytes.
pub const MAX_OUTPUT_BYTES: u64 = 64 * 1024 * 1024;
/// The longest log of a step by default, in bytes.
pub const DEFAULT_OUTPUT_BYTES: u64 = 4 * 1024 * 1024;
/// The most memory or disk space that a definition can set, in MiB: one TiB.
pub(super) const MAX_MIB: u64 = 1024 * 1024;
/// The most processor cores that a definition can set.
pub(super) const MAX_CPUS: u64 = 256;
/// The most processes and threads that a definition can set.
pub(super) const MAX_PROCESSES: u64 = 32 * 1024;

/// Limits of one operation. The accessor of a field's name applies its default.
///
/// A step that exceeds a limit is ended, and its output names the limit. A log that exceeds its
/// length is cut, and the step continues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandLimits {
    /// The longest time of all steps together, in seconds: 1 to 86 400; defaults to 600. In a
    /// service, the default and 86 400 set no limit: steps run until the service ends. Any other
    /// time ends them as in a batch job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_TIMEOUT_SECONDS))]
    pub timeout_seconds: Option<u64>,
    /// The memory of all processes together, in MiB: 16 to 1 048 576; defaults to 2 048.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = MAX_MIB))]
    pub memory_mib: Option<u64>,
    /// Processor cores: 1 to 256; defaults to 2. A node that has fewer gives what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_CPUS))]
    pub cpus: Option<u64>,
    /// Processes and threads at one time: 4 to 32 768; defaults to 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = MAX_PROCESSES))]
    pub processes: Option<u64>,
    /// The size of the work folder and `/tmp` together, in MiB: 1 to 1 048 576; defaults to 4 096.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_MIB))]
    pub disk_mib: Option<u64>,
    /// The log of each step, in bytes: 1 to 67 108 864; defaults to 4 194 304. A step that prints
    /// more continues: the beginning and the end of its log are kept, and a line between them says
    /// how many bytes are missing. In a service, only the end is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_OUTPUT_BYTES))]
    pub output_bytes: Option<u64>,
}

impl CommandLimits {
    /// Whether no field is given.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The time of all steps together, in seconds.
    pub fn timeout_seconds(&self) -> u64 {
        self.timeout_seconds.unwrap_or(600)
    }

    /// The time of all steps together in a service, in seconds; `None` if they run until it ends.
    /// The highest value means `None` too, because definitions of the published schema get it.
    pub fn service_timeout_seconds(&self) -> Option<u64> {
        self.timeout_seconds.filter(|seconds| *seconds < MAX_TIMEOUT_SECONDS)
    }

    /// The memory of all processes together, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_mib.unwrap_or(2048) << 20
    }

    /// Processor cores.
    pub fn cpus(&self) -> u64 {
        self.cpus.unwrap_or(2)
    }

    /// Processes and threads at one time.
    pub fn processes(&self) -> u64 {
        self.processes.unwrap_or(512)
    }

    /// The size of the work folder and `/tmp` together, in bytes.
    pub fn disk_bytes(&self) -> u64 {
        self.disk_mib.unwrap_or(4096) << 20
    }

    /// The log of each step, in bytes.
    pub fn output_bytes(&self) -> u64 {
        self.output_bytes.unwrap_or(DEFAULT_OUTPUT_BYTES)
    }

    pub(super) fn validate_limits(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_range(
            &format!("{pointer}/timeout_seconds"),
            self.timeout_seconds,
            1,
            MAX_TIMEOUT_SECONDS,
        )?;
        check_range(&format!("{pointer}/memory_mib"), self.memory_mib, 16, MAX_MIB)?;
        check_range(&format!("{pointer}/cpus"), self.cpus, 1, MAX_CPUS)?;
        check_range(&format!("{pointer}/processes"), self.processes, 4, MAX_PROCESSES)?;
        check_range(&format!("{pointer}/disk_mib"), self.disk_mib, 1, MAX_MIB)?;
        check_range(&format!("{pointer}/output_bytes"), self.output_bytes, 1, MAX_OUTPUT_BYTES)
    }
}
