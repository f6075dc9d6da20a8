//! The definition of a deployment's replicas: one for all, which anybody may read, or one for each.

use anyhow::{Result, ensure};
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_net::exchange::list_input_content;
use nosana_store::{Store, StoreError};

use super::salt::SaltKey;
use crate::commands::context::CliContext;

/// What the replicas run.
pub enum ReplicaContent {
    /// Public jobs of one definition.
    Public(ContentId),
    /// Private jobs.
    Private(Box<PrivateContent>),
}

/// What private replicas run.
pub struct PrivateContent {
    /// The store of private jobs.
    store: Store,
    /// The definition, without a salt.
    definition: JobDefinition,
    key: SaltKey,
}

impl ReplicaContent {
    /// Prepares a definition to be listed. The context's store is that of private jobs for them.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub fn prepare(ctx: &CliContext, definition: JobDefinition, is_private: bool) -> Result<Self> {
        if !is_private {
            return Ok(Self::Public(ctx.store.put_json(&definition)?));
        }

        let (store, key) = (ctx.store.clone(), SaltKey::of_wallet(&ctx.keypair));
        Ok(Self::Private(Box::new(PrivateContent { store, definition, key })))
    }

    /// Returns the definition of the replica with this nonce, which the store has then.
    ///
    /// # Errors
    /// If it cannot be stored, or if this machine has lost an input: no node could start the job.
    pub fn define_replica(&self, nonce: u64) -> Result<ContentId> {
        match self {
            Self::Public(definition) => Ok(*definition),
            Self::Private(content) => content.define_replica(nonce),
        }
    }

    /// Whether the replicas are private jobs.
    pub const fn is_private(&self) -> bool {
        match self {
            Self::Public(_) => false,
            Self::Private(_) => true,
        }
    }
}

impl PrivateContent {
    /// The store in which the content is.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    fn define_replica(&self, nonce: u64) -> Result<ContentId> {
        let definition = self.store_replica(nonce)?;
        ensure!(
            self.has_content(&definition)?,
            "an input of the definition is missing on this machine, and without it no node can \
             start a replica; `nosana store put --private FILE` stores it"
        );
        Ok(definition)
    }

    /// Whether this machine can bring a replica's content to a node. A definition that the store
    /// has lost is computed again; it is the replica's unless the file has changed since.
    ///
    /// # Errors
    /// If the store cannot be read or written: that says nothing about the content.
    pub fn recover(&self, nonce: u64, definition: &ContentId) -> Result<bool> {
        if self.has_content(definition)? {
            return Ok(true);
        }

        Ok(self.store_replica(nonce)? == *definition && self.has_content(definition)?)
    }

    /// Whether the store has the definition and its inputs.
    fn has_content(&self, definition: &ContentId) -> Result<bool> {
        let contents = match list_input_content(&self.store, definition) {
            Ok(contents) => contents,
            Err(StoreError::NotFound { .. } | StoreError::Corrupted { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };

        for content in &contents {
            if !self.store.look_for_file(content)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn store_replica(&self, nonce: u64) -> Result<ContentId> {
        let salt = Some(self.key.derive_salt(nonce));
        let salted = JobDefinition { salt, ..self.definition.clone() };
        Ok(self.store.put_json(&salted)?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use solana_keypair::Keypair;

    use super::*;

    fn definition(run: &str, inputs: Value) -> JobDefinition {
        let args = json!({ "steps": [{ "name": "serve", "run": run }], "inputs": inputs });
        let ops = json!([{ "id": "web", "type": "command/run", "args": args }]);
        serde_json::from_value(json!({ "version": "nosana/1", "ops": ops })).unwrap()
    }

    fn content(folder: &tempfile::TempDir, definition: JobDefinition) -> PrivateContent {
        let key = SaltKey::of_wallet(&Keypair::new_from_array([5; 32]));
        PrivateContent { store: Store::open(folder.path()).unwrap(), definition, key }
    }

    #[test]
    fn replicas_have_nothing_in_common() {
        let folder = tempfile::tempdir().unwrap();
        let content = content(&folder, definition("serve", json!([])));
        let content = ReplicaContent::Private(Box::new(content));
        assert_ne!(content.define_replica(1).unwrap(), content.define_replica(2).unwrap());

        let public = ReplicaContent::Public(ContentId::from_digest([1; 32]));
        assert_eq!(public.define_replica(1).unwrap(), public.define_replica(2).unwrap());
    }

    #[test]
    fn a_lost_store_is_recovered_from_the_same_file() {
        let [old, new] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [first, second] = ["first", "second"].map(|run| definition(run, json!([])));
        let listed = content(&old, first.clone()).store_replica(7).unwrap();

        assert!(!content(&new, second.clone()).recover(7, &listed).unwrap(), "another file");
        assert!(!content(&new, first.clone()).recover(8, &listed).unwrap(), "another replica");
        assert!(content(&new, first).recover(7, &listed).unwrap());
        assert!(content(&new, second).recover(7, &listed).unwrap(), "the store has it now");
    }

    #[test]
    fn a_replica_without_its_inputs_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let other = tempfile::tempdir().unwrap();
        let input = Store::open(other.path()).unwrap().put(b"input").unwrap();
        let inputs = json!([{ "path": "in.txt", "content": input }]);
        let content = content(&folder, definition("cat in.txt", inputs));

        let listed = content.store_replica(1).unwrap();
        assert!(!content.recover(1, &listed).unwrap());
        let refused = content.define_replica(2).unwrap_err().to_string();
        assert!(refused.contains("nosana store put --private"), "{refused}");

        assert_eq!(store.put(b"input").unwrap(), input);
        assert!(content.recover(1, &listed).unwrap());
        content.define_replica(2).unwrap();
    }

    #[test]
    fn a_store_that_cannot_be_read_has_lost_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let content = content(&folder, definition("serve", json!([])));
        let listed = content.store_replica(1).unwrap();

        // A file in place of the folder: the reads fail, also those of root.
        std::fs::remove_dir_all(folder.path()).unwrap();
        std::fs::write(folder.path(), "").unwrap();
        assert!(content.recover(1, &listed).is_err());
        std::fs::remove_file(folder.path()).unwrap();
        std::fs::create_dir(folder.path()).unwrap();
    }
}
