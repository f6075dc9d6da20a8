//! What is hashed, with sha2-256, in the commitments of node and panelists.
//!
//! A commitment names the one who made it and what it is about, so that nobody can use another's.
//! The salt keeps the few likely contents from being tried. The programs hash the parts with the
//! runtime's system call, clients with a library: here is only what the parts are.

use super::{sketch::Sketch, votes::Verdict};

/// First part of a node's commitment.
pub const TRACE_PREFIX: &[u8] = b"trace";
/// First part of a panelist's commitment.
pub const PANEL_PREFIX: &[u8] = b"panel";

/// Returns the parts of the commitment that a node makes with its result: `"trace" ‖ sketch ‖ salt
/// ‖ node ‖ job`, with the addresses of the two accounts.
pub const fn trace_parts<'a>(
    sketch: &'a Sketch,
    salt: &'a [u8; 32],
    node: &'a [u8; 32],
    job: &'a [u8; 32],
) -> [&'a [u8]; 5] {
    [TRACE_PREFIX, &sketch.0, salt, node, job]
}

/// Returns the parts of a panelist's commitment: `"panel" ‖ sketch ‖ verdict ‖ salt ‖ node ‖
/// dispute`. The verdict is hidden too, so that nobody waits to see what the others say.
pub const fn vote_parts<'a>(
    sketch: &'a Sketch,
    verdict: Verdict,
    salt: &'a [u8; 32],
    node: &'a [u8; 32],
    dispute: &'a [u8; 32],
) -> [&'a [u8]; 6] {
    [PANEL_PREFIX, &sketch.0, verdict.as_bytes(), salt, node, dispute]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn the_parts_are_joined_without_separators() {
        let sketch = Sketch([1; 32]);
        let trace: Vec<u8> = trace_parts(&sketch, &[2; 32], &[3; 32], &[4; 32]).concat();
        let expected = [&b"trace"[..], &[1; 32], &[2; 32], &[3; 32], &[4; 32]].concat();
        assert_eq!(trace, expected);

        let vote = vote_parts(&sketch, Verdict::Wrong, &[2; 32], &[3; 32], &[4; 32]).concat();
        let expected = [&b"panel"[..], &[1; 32], &[2], &[2; 32], &[3; 32], &[4; 32]].concat();
        assert_eq!(vote, expected);
    }

    #[test]
    fn no_commitment_of_a_node_is_one_of_a_panelist() {
        let sketch = Sketch([1; 32]);
        let trace = trace_parts(&sketch, &[2; 32], &[3; 32], &[4; 32]).concat();
        let vote = vote_parts(&sketch, Verdict::Right, &[2; 32], &[3; 32], &[4; 32]).concat();
        assert_ne!(trace.len(), vote.len());
        assert_ne!(TRACE_PREFIX, PANEL_PREFIX);
    }
}
