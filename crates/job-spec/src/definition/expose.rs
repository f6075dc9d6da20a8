//! Ports of a command or a container that its client reaches while it runs.
//!
//! ```json
//! "expose": [
//!   8080,
//!   { "port": 11434, "public": true, "health_checks": [{ "type": "http", "path": "/api/tags" }] }
//! ]
//! ```

use std::collections::HashSet;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;

use super::{
    checks::check_max_count,
    error::{DefinitionError, refuse_field},
    health_check::{HealthCheck, MAX_HEALTH_CHECKS},
    id::{check_id, id_schema},
};

/// The most ports of one operation.
pub const MAX_EXPOSED_PORTS: usize = 16;
const PORT_ZERO: &str = "is 0; 1 to 65535 are allowed";

/// A port on which a command or a container listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposedPort {
    /// The port. Programs listen on it at any address of the loopback interface, or at all.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// Its name, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_name_schema")]
    pub name: Option<String>,
    /// What it is for, such as `api`. Nodes ignore it.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_name_schema")]
    pub kind: Option<String>,
    /// Whether anybody may use it, through a gateway or directly. Otherwise only the job's client, its
    /// payer, and whom the client shares it with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Checks that succeed once the port can be used; without any, a connection has to succeed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_HEALTH_CHECKS))]
    pub health_checks: Vec<HealthCheck>,
}

impl ExposedPort {
    /// A port without checks of its own.
    pub const fn new(port: u16) -> Self {
        Self { port, name: None, kind: None, public: false, health_checks: Vec::new() }
    }

    fn validate_port(&self, pointer: &str) -> Result<(), DefinitionError> {
        if self.port == 0 {
            return refuse_field(pointer, PORT_ZERO);
        }
        for (field, name) in [("name", &self.name), ("type", &self.kind)] {
            if let Some(name) = name {
                check_id(&format!("{pointer}/{field}"), name)?;
            }
        }

        let pointer = format!("{pointer}/health_checks");
        check_max_count(&pointer, "checks", self.health_checks.len(), MAX_HEALTH_CHECKS)?;
        let mut checks = self.health_checks.iter().enumerate();
        checks.try_for_each(|(index, check)| check.validate_check(&format!("{pointer}/{index}")))
    }
}

/// Checks the ports of one operation.
pub(super) fn check_exposed(pointer: &str, ports: &[ExposedPort]) -> Result<(), DefinitionError> {
    check_max_count(pointer, "ports", ports.len(), MAX_EXPOSED_PORTS)?;
    let mut numbers = HashSet::new();

    for (index, port) in ports.iter().enumerate() {
        port.validate_port(&format!("{pointer}/{index}"))?;

        if !numbers.insert(port.port) {
            return refuse_field(
                format!("{pointer}/{index}"),
                format!("port {} is already exposed", port.port),
            );
        }
    }
    Ok(())
}

/// Reads a port, or a list of ports and of objects.
pub(super) fn read_exposed<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ExposedPort>, D::Error> {
    let read_port = |value: Value| match value {
        Value::Object(_) => ExposedPort::deserialize(value),
        number => u16::deserialize(number).map(ExposedPort::new),
    };

    let ports = match Value::deserialize(deserializer)? {
        Value::Array(all) => all.into_iter().map(read_port).collect(),
        number @ Value::Number(_) => read_port(number).map(|port| vec![port]),
        _ => return Err(D::Error::custom("`expose` is a port, or a list of ports and objects")),
    };
    ports.map_err(|error| D::Error::custom(format!("`expose`: {error}")))
}

/// The schema of a port, or of a list of ports and of objects.
pub(crate) fn exposed_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["integer", "array"],
        "minimum": 1,
        "maximum": u16::MAX,
        "maxItems": MAX_EXPOSED_PORTS,
        "items": {
            "type": ["integer", "object"],
            "minimum": 1,
            "maximum": u16::MAX,
            "if": { "type": "object" },
            "then": generator.subschema_for::<ExposedPort>(),
        },
    })
}

fn optional_name_schema(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = id_schema(generator);
    schema.insert("type".to_owned(), vec!["string", "null"].into());
    schema
}
