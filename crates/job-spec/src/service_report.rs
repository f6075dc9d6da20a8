//! What a node tells of a service while it runs: the checkpoint of a heartbeat names it.

use serde::{Deserialize, Serialize};

use crate::ContentId;

/// The version of the reports that this crate writes and reads.
pub const SERVICE_REPORT_VERSION: &str = "nosana-service/1";

/// A service that runs, by its node's account. Its canonical form is compact JSON with the fields
/// in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceReport {
    /// [`SERVICE_REPORT_VERSION`].
    pub version: String,
    /// The definition that runs.
    pub definition: ContentId,
    /// When this was written, in milliseconds since 1970 by the node's clock.
    pub at_unix_ms: u64,
    /// The end of what all operations have printed so far, bytes that are no UTF-8 replaced.
    pub log: String,
    /// How many bytes they have printed so far.
    pub printed_bytes: u64,
}

impl ServiceReport {
    /// A report in the version of this crate.
    pub fn new(definition: ContentId, at_unix_ms: u64, log: &[u8], printed_bytes: u64) -> Self {
        let (version, log) =
            (SERVICE_REPORT_VERSION.to_owned(), String::from_utf8_lossy(log).into_owned());
        Self { version, definition, at_unix_ms, log, printed_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_fixed() {
        let id = ContentId::from_digest([7; 32]);
        let report = ServiceReport::new(id, 5, b"up\n\xff", 9);
        let expected = format!(
            "{{\"version\":\"nosana-service/1\",\"definition\":\"{id}\",\"at_unix_ms\":5,\"log\":\"up\\n\u{fffd}\",\
             \"printed_bytes\":9}}"
        );
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
        assert_eq!(serde_json::from_str::<ServiceReport>(&expected).unwrap(), report);
    }
}
