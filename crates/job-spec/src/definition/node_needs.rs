//! What the node of a container must have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    checks::check_range,
    error::{DefinitionError, refuse_field},
    limits::MAX_MIB,
};

/// What a node must have. A node without it gives the job back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeNeeds {
    /// The memory of one of its GPUs, in MiB; only with `gpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_MIB))]
    pub vram_mib: Option<u64>,
    /// Its memory, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_MIB))]
    pub memory_mib: Option<u64>,
}

impl NodeNeeds {
    /// Whether nothing is needed.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn validate_needs(
        &self,
        pointer: &str,
        uses_gpu: bool,
    ) -> Result<(), DefinitionError> {
        check_range(&format!("{pointer}/vram_mib"), self.vram_mib, 1, MAX_MIB)?;
        check_range(&format!("{pointer}/memory_mib"), self.memory_mib, 1, MAX_MIB)?;

        if self.vram_mib.is_some() && !uses_gpu {
            return refuse_field(
                format!("{pointer}/vram_mib"),
                "is for containers that use a GPU; add `\"gpu\": true`, or remove it",
            );
        }
        Ok(())
    }
}
