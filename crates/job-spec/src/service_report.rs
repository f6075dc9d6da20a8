//! A node's report of a running service. The checkpoint of a heartbeat is the report's digest.

use serde::{Deserialize, Serialize};

use crate::{ContentId, Salt};

/// The version of the reports that this crate writes and reads.
pub const SERVICE_REPORT_VERSION: &str = "nosana-service/1";

/// A running service, as its node reports it. The canonical form is compact JSON with the fields in
/// this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceReport {
    /// [`SERVICE_REPORT_VERSION`].
    pub version: String,
    /// The definition of the service.
    pub definition: ContentId,
    /// When the report was written, in milliseconds since 1970 by the node's clock.
    pub at_unix_ms: u64,
    /// The end of what all operations have printed so far; bytes that are not UTF-8 are replaced.
    pub log: String,
    /// The number of bytes that they have printed so far.
    pub printed_bytes: u64,
    /// How often the node has restarted the operations, because they ended by themselves.
    #[serde(default)]
    pub restarts: u32,
    /// The exposed ports that can be used, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ready_ports: Vec<u16>,
    /// The definition's salt, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
}

impl ServiceReport {
    /// A report in the version of this crate.
    pub fn new(
        definition: ContentId,
        at_unix_ms: u64,
        log: &[u8],
        printed_bytes: u64,
        restarts: u32,
    ) -> Self {
        Self {
            version: SERVICE_REPORT_VERSION.to_owned(),
            definition,
            at_unix_ms,
            log: String::from_utf8_lossy(log).into_owned(),
            printed_bytes,
            restarts,
            ready_ports: Vec::new(),
            salt: None,
        }
    }

    /// The report with the exposed ports that can be used.
    pub fn with_ready_ports(self, ready_ports: Vec<u16>) -> Self {
        Self { ready_ports, ..self }
    }

    /// The report with the salt of its definition.
    pub fn with_salt(self, salt: Option<Salt>) -> Self {
        Self { salt, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_fixed() {
        let id = ContentId::from_digest([7; 32]);
        let report = ServiceReport::new(id, 5, b"up\n\xff", 9, 2);
        let expected = format!(
            "{{\"version\":\"nosana-service/1\",\"definition\":\"{id}\",\"at_unix_ms\":5,\
             \"log\":\"up\\n\u{fffd}\",\"printed_bytes\":9,\"restarts\":2}}"
        );
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
        assert_eq!(serde_json::from_str::<ServiceReport>(&expected).unwrap(), report);

        // Nodes of an earlier version do not count.
        let earlier = expected.replace(",\"restarts\":2", "");
        assert_eq!(serde_json::from_str::<ServiceReport>(&earlier).unwrap().restarts, 0);

        let ready = serde_json::to_string(&report.with_ready_ports(vec![80, 8080])).unwrap();
        assert!(ready.ends_with(",\"restarts\":2,\"ready_ports\":[80,8080]}"), "{ready}");
    }
}
