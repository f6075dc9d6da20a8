//! What chooses the directions of a job's sketches.

use nosana_job_spec::Digest;

/// First part of what is hashed.
const SKETCH_PREFIX: &[u8] = b"sketch";

/// Returns the seed of the sketches of a job: the sha2-256 of `"sketch" ‖ job ‖ result`, with
/// the job's address and the digest of its result.
///
/// Nobody can sketch the work on one job and use it for another. A client chooses the address of
/// its job by a nonce: it could search for directions in which two honest devices differ in many
/// bits. It does not know the result then.
pub fn sketch_seed(job: &[u8; 32], result: &[u8; 32]) -> [u8; 32] {
    Digest::of(&[SKETCH_PREFIX, job, result].concat()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_depends_on_the_job_and_on_its_result() {
        let expected = [&b"sketch"[..], &[1; 32], &[2; 32]].concat();
        assert_eq!(sketch_seed(&[1; 32], &[2; 32]), Digest::of(&expected).0);

        let seeds = [([1; 32], [2; 32]), ([2; 32], [1; 32]), ([1; 32], [3; 32])]
            .map(|(job, result)| sketch_seed(&job, &result));
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2] && seeds[1] != seeds[2]);
    }
}
