//! Doing the work on a case before a seat is taken. A panelist that cannot do it in time loses
//! collateral, and nobody can see from a dispute how much work it is.

use std::time::Instant;

use anyhow::{Result, ensure};
use nosana_sandbox::CancelToken;

use super::case::{Case, Rehearsal};
use crate::{execute::Claim, worker::Worker};

impl Worker {
    /// Does the work as if the answers were as long as they can be. Gives up `until` then, and when
    /// it is cancelled.
    ///
    /// # Errors
    /// If this node cannot do the work, or not in time.
    pub(super) async fn rehearse_case(
        &self,
        case: &Case,
        until: Instant,
        cancel: &CancelToken,
    ) -> Result<Rehearsal> {
        let limited = || cancel.ending_at(until);
        let alone = match case.depends_on_claim() {
            true => {
                let nothing = Claim::without_outputs("it was not read".to_owned());
                Some(self.examine_case(case, nothing, limited()).await?)
            }
            // With any result, the sketch is the same.
            false => None,
        };

        // The time in which a device is busy with this node's own jobs counts, too.
        let begun = Instant::now();
        let longest = Claim::longest(&case.definition);
        let longest = self.examine_case(case, longest, limited()).await?;
        ensure!(Instant::now() < until, "the work takes too long");
        Ok(Rehearsal { took: begun.elapsed(), sketch: alone.unwrap_or(longest).sketch.0 })
    }
}
