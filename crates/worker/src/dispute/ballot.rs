//! The votes of this node as a panelist. Each is on disk before its commitment is sent: a panelist
//! that cannot reveal loses collateral.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use nosana_job_spec::Digest;
use nosana_protocol::dispute::{commitment::vote_parts, sketch::Sketch, votes::Verdict};
use serde::{Deserialize, Serialize};
use solana_address::Address;

use super::secret::{hex_bytes, new_secret};
use crate::durable_file::write_json;

/// A vote, which its salt hides until it is revealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ballot {
    /// The sketch of this node's work.
    #[serde(with = "hex_bytes")]
    pub sketch: [u8; 32],
    /// Whether the result is right.
    pub is_right: bool,
    /// Keeps others from trying votes.
    #[serde(with = "hex_bytes")]
    pub salt: [u8; 32],
}

impl Ballot {
    /// A vote with a new salt.
    pub fn new(sketch: [u8; 32], is_right: bool) -> Self {
        Self { sketch, is_right, salt: new_secret() }
    }

    /// What the vote says about the result.
    pub const fn verdict(&self) -> Verdict {
        if self.is_right { Verdict::Right } else { Verdict::Wrong }
    }

    /// Returns the commitment of `node` in `dispute`.
    pub fn commit_to(&self, node: &Address, dispute: &Address) -> [u8; 32] {
        let sketch = Sketch(self.sketch);
        let verdict = self.verdict();
        let parts = vote_parts(&sketch, verdict, &self.salt, node.as_array(), dispute.as_array());
        Digest::of(&parts.concat()).0
    }
}

type Votes = BTreeMap<String, Ballot>;

/// The votes in disputes that are not over, by the dispute's address. Kept on disk if the node has
/// a state folder.
#[derive(Debug, Default)]
pub(crate) struct BallotBox {
    path: Option<PathBuf>,
    ballots: Mutex<Votes>,
}

impl BallotBox {
    /// Reads the file if it exists.
    ///
    /// # Errors
    /// If it cannot be read: it may hold votes that this node has to reveal.
    pub fn open(path: &Path) -> Result<Self> {
        let ballots = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!(
                    "cannot read the votes in {}: restore the file, or remove it and lose what \
                     absent panelists lose",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Votes::new(),
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot read the votes in {}", path.display()));
            }
        };
        Ok(Self { path: Some(path.to_owned()), ballots: Mutex::new(ballots) })
    }

    /// The vote in a dispute.
    pub fn find(&self, dispute: &Address) -> Option<Ballot> {
        self.lock_ballots().get(&dispute.to_string()).copied()
    }

    /// Writes the vote in a dispute, unless there is one. The disk has it when this returns.
    pub fn cast(&self, dispute: &Address, ballot: Ballot) -> Result<()> {
        self.change_ballots(|ballots| {
            ballots.entry(dispute.to_string()).or_insert(ballot);
        })
    }

    /// Removes the vote in a dispute that is over.
    pub fn remove(&self, dispute: &Address) -> Result<()> {
        match self.find(dispute) {
            Some(_) => self.change_ballots(|ballots| {
                ballots.remove(&dispute.to_string());
            }),
            None => Ok(()),
        }
    }

    /// Whether there are votes.
    pub fn has_votes(&self) -> bool {
        !self.lock_ballots().is_empty()
    }

    /// The disputes in which there are votes.
    pub fn list_disputes(&self) -> Vec<Address> {
        self.lock_ballots().keys().filter_map(|dispute| dispute.parse().ok()).collect()
    }

    fn change_ballots(&self, change: impl FnOnce(&mut Votes)) -> Result<()> {
        let mut ballots = self.lock_ballots();
        let mut changed = ballots.clone();
        change(&mut changed);

        if let Some(path) = &self.path {
            write_json(path, &changed)
                .with_context(|| format!("cannot write the votes to {}", path.display()))?;
        }
        *ballots = changed;
        Ok(())
    }

    /// A thread that panicked left the map intact: the map is replaced, never changed in place.
    fn lock_ballots(&self) -> MutexGuard<'_, Votes> {
        self.ballots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_outlive_their_process_and_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.ballots.json");
        let [one, other] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let ballot = Ballot::new([3; 32], false);
        BallotBox::open(&path).unwrap().cast(&one, ballot).unwrap();

        let again = BallotBox::open(&path).unwrap();
        assert_eq!((again.find(&one), again.find(&other)), (Some(ballot), None));
        again.cast(&one, Ballot::new([4; 32], true)).unwrap();
        assert_eq!(again.find(&one), Some(ballot), "another commitment could not be revealed");

        again.cast(&other, ballot).unwrap();
        again.remove(&one).unwrap();
        assert!(again.has_votes());
        assert_eq!(again.list_disputes(), [other]);
        let again = BallotBox::open(&path).unwrap();
        assert_eq!((again.find(&one), again.find(&other)), (None, Some(ballot)));

        fs::write(&path, b"{\"half").unwrap();
        assert!(BallotBox::open(&path).is_err());
    }

    #[test]
    fn a_commitment_names_node_dispute_and_verdict() {
        let [node, dispute] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let ballot = Ballot { sketch: [3; 32], is_right: true, salt: [4; 32] };
        let parts = [&b"panel"[..], &[3; 32], &[1], &[4; 32], &[1; 32], &[2; 32]].concat();
        assert_eq!(ballot.commit_to(&node, &dispute), Digest::of(&parts).0);
        let wrong = Ballot { is_right: false, ..ballot };
        assert_ne!(ballot.commit_to(&node, &dispute), wrong.commit_to(&node, &dispute));
    }
}
