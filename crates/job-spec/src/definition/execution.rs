//! When an operation of a container job runs.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{MAX_OPERATIONS, id::id_schema};

/// When a container runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// The group; defaults to a group of its own. Groups run in the order of their first
    /// operations; the operations of a group run at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Operations of the same or an earlier group that must succeed before this one begins; with
    /// `stop_if_dependent_stops`, those of its group that it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "ids_schema")]
    pub depends_on: Vec<String>,
    /// Whether `depends_on` names the operations that this one serves: it begins before them, and
    /// is stopped once all of them have ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stop_if_dependent_stops: bool,
}

impl Execution {
    /// Whether no field is given.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The operations that must succeed before this one begins.
    pub(super) fn awaited_operations(&self) -> &[String] {
        if self.stop_if_dependent_stops { &[] } else { &self.depends_on }
    }

    /// The operations that this one serves: it is stopped once all of them have ended.
    pub(super) fn served_operations(&self) -> &[String] {
        if self.stop_if_dependent_stops { &self.depends_on } else { &[] }
    }
}

/// The schema of names of operations.
fn ids_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": id_schema(generator), "maxItems": MAX_OPERATIONS })
}
