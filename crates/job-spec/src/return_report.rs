//! What a node says about a job that it gives back. The `detail` of `quit` is the report's digest.

use serde::{Deserialize, Serialize};

use crate::ContentId;

/// The version of the reports that this crate writes and reads.
pub const RETURN_REPORT_VERSION: &str = "nosana-return/1";
/// The longest text of a report that a node of this version writes, in bytes.
pub const MAX_RETURN_TEXT_BYTES: usize = 1_024;
/// The largest report that a client reads, in bytes: the text and the end of a log, escaped.
pub const MAX_RETURN_REPORT_BYTES: u64 = 256 << 10;

/// Why a node gave a job back, in its own words. The canonical form is compact JSON with the fields
/// in this order.
///
/// It has no time, so that a node that refuses a job again says it with the same file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnReport {
    /// [`RETURN_REPORT_VERSION`].
    pub version: String,
    /// The definition of the job.
    pub definition: ContentId,
    /// Why the node gave the job back.
    pub text: String,
    /// The end of what the operations of a service printed; bytes that are not UTF-8 are replaced.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub log: String,
    /// The number of bytes that they printed.
    #[serde(default)]
    pub printed_bytes: u64,
}

impl ReturnReport {
    /// A report in the version of this crate, without a log.
    pub fn new(definition: ContentId, text: String) -> Self {
        Self {
            version: RETURN_REPORT_VERSION.to_owned(),
            definition,
            text,
            log: String::new(),
            printed_bytes: 0,
        }
    }

    /// The report with the end of what the operations printed.
    #[must_use]
    pub fn with_log(self, log: &[u8], printed_bytes: u64) -> Self {
        Self { log: String::from_utf8_lossy(log).into_owned(), printed_bytes, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_fixed() {
        let id = ContentId::from_digest([7; 32]);
        let report = ReturnReport::new(id, "no image".to_owned());
        let expected = format!(
            "{{\"version\":\"nosana-return/1\",\"definition\":\"{id}\",\"text\":\"no image\",\
             \"printed_bytes\":0}}"
        );
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
        assert_eq!(serde_json::from_str::<ReturnReport>(&expected).unwrap(), report);

        let with_log = report.with_log(b"up\n\xff", 9);
        let written = serde_json::to_string(&with_log).unwrap();
        assert!(written.ends_with(",\"log\":\"up\\n\u{fffd}\",\"printed_bytes\":9}"), "{written}");
        assert_eq!(serde_json::from_str::<ReturnReport>(&written).unwrap(), with_log);
    }
}
