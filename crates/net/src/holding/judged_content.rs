//! What a node has read of a disputed job that it judges. It lets others read it until the dispute
//! has ended: the node of the result may show it to a part of the panel only, so that the others
//! call it wrong and lose collateral.

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use solana_address::Address;
use tracing::warn;

use super::ChainAdmission;
use crate::{Clock, SystemClock};

impl ChainAdmission {
    /// Lets others read content of a disputed job that this node judges.
    pub fn publish_judged(&self, job: Address, contents: &[ContentId]) {
        let now = SystemClock.unix_seconds();

        // The size counts for what is kept for others only.
        let objects = contents.iter().map(|object| (*object, 0));
        if let Err(error) = self.shared.judged.add_objects(job, objects, now) {
            warn!(%job, %error, "others cannot read content of a job that this node judges");
        }
    }
}

/// Whether the result of a job can be in dispute. An RPC server may not know the challenge yet.
pub(super) fn may_be_disputed(job: &Job) -> bool {
    [State::Submitted, State::Challenged].iter().any(|state| job.state == *state as u8)
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;
    use nosana_client::codec::ProgramAccount;
    use nosana_store::Store;

    use super::*;
    use crate::access::Peers;
    use crate::content::{Admission, Requester};
    use crate::holding::tests::{TestAccount, new_admission, start_chain};

    fn job(state: State) -> Job {
        let data = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        Job { state: state as u8, retention_seconds: u32::MAX, ..Job::from_data(&data).unwrap() }
    }

    async fn is_readable(admission: &ChainAdmission, object: ContentId) -> bool {
        let [node, client] = [1, 2].map(|byte| SecretKey::from_bytes(&[byte; 32]).public());
        let requester = Requester::new(Peers { node, client }, None, SystemClock.unix_seconds());
        admission.find_readable(&requester, object).await.is_ok()
    }

    #[tokio::test]
    async fn what_a_panelist_has_read_is_shown_until_the_dispute_has_ended() {
        let states = [State::Submitted, State::Challenged, State::Settled];
        let addresses = [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
        let known = addresses.iter().zip(states);
        let accounts = known.map(|(address, state)| TestAccount::of_job(*address, &job(state)));
        let chain = start_chain(accounts.collect());
        let folder = tempfile::tempdir().unwrap();
        let admission = new_admission(folder.path(), &chain);
        let store = Store::open(folder.path().join("own")).unwrap();

        let contents = [1u8, 2, 3, 4].map(|byte| store.put(&[byte; 9]).unwrap());
        for (address, content) in addresses.iter().zip(contents) {
            assert!(!is_readable(&admission, content).await, "nobody has published it");
            admission.publish_judged(*address, &[content]);
            assert!(is_readable(&admission, content).await);
        }

        // The last job is closed.
        admission.sweep().await.unwrap();
        for (content, is_shown) in contents.iter().zip([true, true, false, false]) {
            assert_eq!(is_readable(&admission, *content).await, is_shown);
            assert!(store.has_file(content), "the node's own store is not swept");
        }
    }
}
