//! How a node finds out whether a port can be used.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    checks::check_range,
    error::{DefinitionError, refuse_field},
    health_request::{body_schema, check_body, check_headers, headers_schema},
};
use crate::schema::regexes::REQUEST_PATH;

/// The most checks of one port.
pub const MAX_HEALTH_CHECKS: usize = 8;
/// The longest path of a request, in bytes.
const MAX_PATH_BYTES: usize = 1024;
/// The status that a request gets if all is well, by default.
const DEFAULT_STATUS: u16 = 200;

/// A check. The node connects to the port itself, and to nothing else: it follows no redirection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum HealthCheck {
    /// A request over HTTP gets the expected status.
    Http {
        /// The path of the request, from `/` on.
        #[schemars(schema_with = "path_schema")]
        path: String,
        /// The method of the request; defaults to `GET`.
        #[serde(default)]
        method: HttpMethod,
        /// Headers of the request in addition to those of the node.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(schema_with = "headers_schema")]
        headers: BTreeMap<String, String>,
        /// The body of the request: a text, or any other value, which is sent as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(schema_with = "body_schema")]
        body: Option<Value>,
        /// The status of the response; defaults to 200.
        #[serde(default = "default_status")]
        #[schemars(range(min = 100, max = 599))]
        expected_status: u16,
        /// Whether the check goes on after it has succeeded.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        continuous: bool,
    },
    /// A connection succeeds.
    Tcp {
        /// Whether the check goes on after it has succeeded.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        continuous: bool,
    },
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// `GET`.
    #[default]
    Get,
    /// `HEAD`.
    Head,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// `OPTIONS`.
    Options,
}

impl HealthCheck {
    /// Whether the check goes on after it has succeeded.
    pub const fn is_continuous(&self) -> bool {
        match self {
            Self::Http { continuous, .. } | Self::Tcp { continuous } => *continuous,
        }
    }

    pub(super) fn validate_check(&self, pointer: &str) -> Result<(), DefinitionError> {
        match self {
            Self::Http { path, headers, body, expected_status, .. } => {
                check_path(&format!("{pointer}/path"), path)?;
                check_headers(&format!("{pointer}/headers"), headers)?;
                check_body(&format!("{pointer}/body"), body.as_ref())?;
                let status = Some(u64::from(*expected_status));
                check_range(&format!("{pointer}/expected_status"), status, 100, 599)
            }
            Self::Tcp { .. } => Ok(()),
        }
    }
}

impl HttpMethod {
    /// Its name in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

const fn default_status() -> u16 {
    DEFAULT_STATUS
}

/// Checks the path of a request: it is written into the request as it is.
fn check_path(pointer: &str, path: &str) -> Result<(), DefinitionError> {
    let is_valid = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());

    if is_valid && path.len() <= MAX_PATH_BYTES {
        return Ok(());
    }
    refuse_field(
        pointer,
        format!(
            "must begin with `/` and have at most {MAX_PATH_BYTES} characters of ASCII without \
             spaces; only the port itself can be checked"
        ),
    )
}

fn path_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": REQUEST_PATH, "maxLength": MAX_PATH_BYTES })
}
