//! The definition as a whole, and its validation.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    DEFINITION_VERSION, MAX_OPERATIONS,
    check_references::check_references,
    checks::check_count,
    distinct_ports::check_distinct_ports,
    error::{DefinitionError, refuse_field},
    expose::ExposedPort,
    id::check_id,
    operation::Operation,
    stages::check_stages,
};
use crate::Salt;

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
    /// Random bytes, so that the digest on the chain cannot be guessed; for private and verified jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
}

impl JobDefinition {
    /// A definition with these operations, in the version of this crate. It is not validated.
    pub fn new(ops: Vec<Operation>) -> Self {
        Self { version: DEFINITION_VERSION.into(), ops, salt: None }
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

        check_distinct_ports(&self.ops)?;
        check_references(&self.ops)?;
        check_stages(&self.ops)
    }

    /// The ports that the job's client can reach while the job runs.
    pub fn exposed_ports(&self) -> Vec<ExposedPort> {
        let mut ports: Vec<ExposedPort> =
            self.ops.iter().flat_map(Operation::exposed_ports).collect();
        ports.sort_by_key(|port| port.port);
        ports.dedup_by_key(|port| port.port);
        ports
    }

    /// Whether its client reaches ports, and it can be a service. Ports of an operation that is
    /// stopped with others do not count: the work of these ends by itself.
    pub fn is_server(&self) -> bool {
        let mut lasting = self.ops.iter().filter(|it| it.served_operations().is_empty());
        let exposes_ports = lasting.any(|operation| !operation.exposed_ports().is_empty());
        exposes_ports && self.validate_service().is_ok()
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
        if let Some(index) = self.ops.iter().position(|operation| !operation.fits_batch()) {
            return refuse_field(
                format!("/ops/{index}/type"),
                "runs until it is stopped; list a service, with `--service`",
            );
        }
        match self.ops.iter().position(Operation::is_endless) {
            Some(index) => refuse_field(
                format!("/ops/{index}/args/restart_policy"),
                "starts the container again whenever it ends, so a batch job would not end; use \
                 `on-failure`, give it `restart_tries`, or list a service, with `--service`",
            ),
            None => Ok(()),
        }
    }
}
