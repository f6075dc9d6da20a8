//! The definition as a whole, and its validation.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    DEFINITION_VERSION, MAX_OPERATIONS,
    checks::check_count,
    error::{DefinitionError, refuse_field},
    id::check_id,
    operation::Operation,
    stages::check_stages,
};

/// A job: operations that run one after the other.
///
/// Unknown fields are refused, so a client does not pay for a setting that the node ignores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobDefinition {
    /// [`DEFINITION_VERSION`].
    #[schemars(extend("const" = DEFINITION_VERSION))]
    pub version: String,
    /// The operations, in order.
    #[schemars(length(min = 1, max = MAX_OPERATIONS))]
    pub ops: Vec<Operation>,
}

impl JobDefinition {
    /// A definition with these operations, in the version of this crate. It is not validated.
    pub fn new(ops: Vec<Operation>) -> Self {
        Self { version: DEFINITION_VERSION.into(), ops }
    }

    /// Checks what the types do not enforce: the version, names, counts and lengths.
    pub fn validate(&self) -> Result<(), DefinitionError> {
        if self.version != DEFINITION_VERSION {
            return Err(DefinitionError::unsupported_version(&self.version));
        }
        check_count("/ops", "operations", self.ops.len(), MAX_OPERATIONS)?;

        let mut ids = HashSet::new();

        for (index, op) in self.ops.iter().enumerate() {
            let pointer = format!("/ops/{index}");
            check_id(&format!("{pointer}/id"), op.id())?;

            if !ids.insert(op.id()) {
                return refuse_field(
                    format!("{pointer}/id"),
                    format!("`{}` is already the name of an earlier operation", op.id()),
                );
            }
            op.validate_fields(&pointer)?;
        }

        check_stages(&self.ops)
    }

    /// Checks, in addition to [`Self::validate`], that it can be a service: operations that run
    /// until they are stopped.
    pub fn validate_service(&self) -> Result<(), DefinitionError> {
        match self.ops.iter().position(Operation::ends_by_itself) {
            Some(index) => refuse_field(
                format!("/ops/{index}/type"),
                "ends by itself; a service serves a model, or runs commands or containers, so \
                 list a batch job",
            ),
            None => Ok(()),
        }
    }

    /// Checks, in addition to [`Self::validate`], that it can be a batch job: operations that can
    /// end before they are stopped.
    pub fn validate_batch(&self) -> Result<(), DefinitionError> {
        match self.ops.iter().position(|operation| !operation.fits_batch()) {
            Some(index) => refuse_field(
                format!("/ops/{index}/type"),
                "runs until it is stopped; list a service, with `--service`",
            ),
            None => Ok(()),
        }
    }
}
