//! Inputs of a private job: they must be on this machine before the job is paid, because nodes get
//! them from this command alone, and must arrive while a node waits for them.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use nosana_job_spec::{ContentId, JobDefinition, MAX_COMMAND_INPUT_BYTES};
use nosana_store::Store;
use tokio::task::spawn_blocking;

use crate::commands::{context::CliContext, size::ByteSize};

/// A node waits for the inputs for this part of the time in which it has to start the job.
const START_SHARE: u32 = 2;
/// Uploads that are slower are common: above it, a warning is printed.
const SAFE_BITS_PER_SECOND: u64 = 20_000_000;

/// Collects the inputs that the definition names in the store of private jobs, and warns if they
/// may arrive too late.
///
/// # Errors
/// If an input is not on this machine: no node could start the job.
pub async fn collect_inputs(
    ctx: &CliContext,
    definition: &JobDefinition,
    start_seconds: u32,
) -> Result<()> {
    let inputs: BTreeSet<ContentId> =
        definition.ops.iter().flat_map(|operation| operation.input_contents()).collect();
    let (private, shared) = (ctx.store.clone(), ctx.shared_store.clone());

    let copying = spawn_blocking(move || copy_inputs(&private, shared.as_ref(), &inputs));
    let bytes = copying.await??;

    if let Some(warning) = describe_speed(bytes, start_seconds) {
        eprintln!("warning  {warning}");
    }
    Ok(())
}

/// Copies inputs that are only in the shared store, and returns the size of all.
fn copy_inputs(
    private: &Store,
    shared: Option<&Store>,
    inputs: &BTreeSet<ContentId>,
) -> Result<u64> {
    let mut bytes = 0_u64;

    for input in inputs {
        if !private.has_file(input) {
            let Some(shared) = shared else { bail!("{}", describe_missing(input)) };
            if let Err(error) = private.copy_file(shared, input, MAX_COMMAND_INPUT_BYTES) {
                bail!("{}; {error}", describe_missing(input));
            }
            eprintln!(
                "warning  the input {input} comes from the store at {}, where it stays: others may \
                 read it there; `nosana store put --private FILE` stores a file for private jobs \
                 alone",
                shared.folder().display()
            );
        }

        let size = private.content_size(input)?;
        ensure!(
            size <= MAX_COMMAND_INPUT_BYTES,
            "the input {input} has {size} bytes, and no node takes one of more than \
             {MAX_COMMAND_INPUT_BYTES}"
        );
        bytes = bytes.saturating_add(size);
    }
    Ok(bytes)
}

fn describe_missing(input: &ContentId) -> String {
    format!(
        "the definition names the input {input}, which is not on this machine, so that no node \
         could start the job; `nosana store put --private FILE` stores it"
    )
}

/// A warning if the inputs must arrive faster than many machines send.
fn describe_speed(bytes: u64, start_seconds: u32) -> Option<String> {
    let seconds = u64::from((start_seconds / START_SHARE).max(1));
    let bits_per_second = bytes.saturating_mul(8) / seconds;

    (bits_per_second > SAFE_BITS_PER_SECOND).then(|| {
        format!(
            "the inputs have {}, and a node that takes the job waits {seconds} s for them: an \
             upload of {} Mbit/s or more is required, or every node gives the job back",
            ByteSize(bytes),
            bits_per_second.div_ceil(1_000_000)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_must_be_on_this_machine() {
        let [private, shared] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [private, shared] = [&private, &shared].map(|path| Store::open(path.path()).unwrap());
        let known = private.put(b"known").unwrap();
        let copied = shared.put(b"copied").unwrap();

        let inputs = BTreeSet::from([known, copied]);
        assert_eq!(copy_inputs(&private, Some(&shared), &inputs).unwrap(), 11);
        assert!(private.has_file(&copied));

        let missing = BTreeSet::from([ContentId::from_digest([9; 32])]);
        for shared in [None, Some(&shared)] {
            let error = copy_inputs(&private, shared, &missing).unwrap_err().to_string();
            assert!(error.contains("nosana store put --private FILE"), "{error}");
        }
    }

    #[test]
    fn inputs_that_need_a_fast_upload_are_named() {
        assert_eq!(describe_speed(0, 0), None);
        assert_eq!(describe_speed(150_000_000, 120), None);
        let warning = describe_speed(301_000_000, 120).unwrap();
        assert!(warning.contains("301 MB") && warning.contains("waits 60 s"), "{warning}");
        assert!(warning.contains("41 Mbit/s"), "{warning}");
    }
}
