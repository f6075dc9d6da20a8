//! A container that has ended, and whose output is not packed yet.

use std::fmt;

use crate::{ContainerOutcome, KeptPath};

/// Packs the output of a container, which exists as long as this does.
type Pack<'a> = Box<dyn FnOnce() -> Result<KeptPath, String> + 'a>;

/// A container that has ended. Its output can be packed as long as this is held.
pub struct EndedContainer<'a> {
    outcome: ContainerOutcome,
    /// `None` if no output was requested.
    pack: Option<Pack<'a>>,
}

impl<'a> EndedContainer<'a> {
    /// A container that has ended so, and whose output `pack` packs.
    pub fn new(
        outcome: ContainerOutcome,
        pack: impl FnOnce() -> Result<KeptPath, String> + 'a,
    ) -> Self {
        Self { outcome, pack: Some(Box::new(pack)) }
    }

    /// How it ended, without its output.
    pub fn outcome(&self) -> &ContainerOutcome {
        &self.outcome
    }

    /// Packs the output, if one was requested, and removes the container.
    pub fn pack_output(self) -> ContainerOutcome {
        let kept = self.pack.map(|pack| pack()).or(self.outcome.kept);
        ContainerOutcome { kept, ..self.outcome }
    }

    /// Removes the container. If an output was requested, `reason` says why it is not kept.
    pub fn discard_output(self, reason: &str) -> ContainerOutcome {
        let kept = self.pack.map(|_| Err(reason.to_owned())).or(self.outcome.kept);
        ContainerOutcome { kept, ..self.outcome }
    }
}

impl From<ContainerOutcome> for EndedContainer<'_> {
    /// A container without an output to pack.
    fn from(outcome: ContainerOutcome) -> Self {
        Self { outcome, pack: None }
    }
}

impl fmt::Debug for EndedContainer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndedContainer").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        time::{Duration, SystemTime},
    };

    use super::*;

    fn outcome() -> ContainerOutcome {
        ContainerOutcome {
            exit_code: Some(3),
            limit: None,
            stopped: false,
            started: SystemTime::now(),
            elapsed: Duration::ZERO,
            log: Vec::new(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            log_truncated: false,
            kept: None,
        }
    }

    #[test]
    fn an_output_is_packed_only_if_it_is_kept() {
        let packed = &Cell::new(false);
        let end = || {
            EndedContainer::new(outcome(), move || {
                packed.set(true);
                Ok(KeptPath { archive: tempfile::tempfile().unwrap(), size_bytes: 7 })
            })
        };

        let discarded = end().discard_output("it began again");
        assert_eq!(discarded.kept.unwrap().unwrap_err(), "it began again");
        assert_eq!((discarded.exit_code, packed.get()), (Some(3), false));
        let kept = end().pack_output();
        assert_eq!((kept.kept.unwrap().unwrap().size_bytes, packed.get()), (7, true));
    }

    #[test]
    fn what_is_known_of_an_output_stays() {
        assert!(EndedContainer::from(outcome()).pack_output().kept.is_none());
        let lost = ContainerOutcome { kept: Some(Err("lost".to_owned())), ..outcome() };
        let again = EndedContainer::from(lost).discard_output("it began again");
        assert_eq!(EndedContainer::from(again).pack_output().kept.unwrap().unwrap_err(), "lost");
    }
}
