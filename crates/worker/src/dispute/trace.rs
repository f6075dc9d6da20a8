//! The trace of a job: the sketch of its work, and the salt that hides it until a dispute.

use nosana_engine::Sketch;
use nosana_job_spec::Digest;
use nosana_protocol::dispute::{commitment::trace_parts, sketch};
use serde::{Deserialize, Serialize};
use solana_address::Address;

use super::secret::{hex_bytes, new_secret};

/// What a node commits to with the result of a verified job, and opens if that is disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trace {
    /// The sketch of the work.
    #[serde(with = "hex_bytes")]
    pub sketch: [u8; 32],
    /// Keeps others from trying sketches.
    #[serde(with = "hex_bytes")]
    pub salt: [u8; 32],
}

impl Trace {
    /// A trace with a new salt.
    pub fn new(sketch: Sketch) -> Self {
        Self::with_salt(sketch.0, new_secret())
    }

    /// A trace with this salt.
    pub fn with_salt(sketch: [u8; 32], salt: [u8; 32]) -> Self {
        Self { sketch, salt }
    }

    /// Returns the commitment of `node` for `job`.
    pub fn commit_to(&self, node: &Address, job: &Address) -> [u8; 32] {
        let sketch = sketch::Sketch(self.sketch);
        let parts = trace_parts(&sketch, &self.salt, node.as_array(), job.as_array());
        Digest::of(&parts.concat()).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_names_node_and_job() {
        let [node, job] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let trace = Trace::with_salt([3; 32], [4; 32]);
        let expected = [&b"trace"[..], &[3; 32], &[4; 32], &[1; 32], &[2; 32]].concat();
        assert_eq!(trace.commit_to(&node, &job), Digest::of(&expected).0);
        assert_ne!(trace.commit_to(&node, &job), trace.commit_to(&job, &node));
    }

    #[test]
    fn salts_differ() {
        let sketch = Sketch([3; 32]);
        assert_ne!(Trace::new(sketch).salt, Trace::new(sketch).salt);
    }
}
