//! `nosana store ls`: what a definition or a result names.

use anyhow::Result;
use clap::Args;
use nosana_job_spec::{ContentId, JobResult};
use nosana_net::exchange::{list_input_content, list_result_content};
use nosana_store::Store;

use super::folder::StoreOptions;

/// A definition or a result.
#[derive(Debug, Args)]
pub struct LsOptions {
    /// Its identifier, a CIDv0; any other file is listed alone
    id: ContentId,
    #[command(flatten)]
    store: StoreOptions,
}

/// Prints each identifier with the size of its content, or that it is missing.
pub fn list_content(options: &LsOptions) -> Result<()> {
    let store = options.store.open()?;

    for id in list_named(&store, &options.id)? {
        match store.content_size(&id) {
            Ok(bytes) => println!("{id}  {bytes:>12} bytes"),
            Err(_) => println!("{id}  {:>12}", "missing"),
        }
    }
    Ok(())
}

fn list_named(store: &Store, id: &ContentId) -> Result<Vec<ContentId>> {
    // The root must be there.
    store.content_size(id)?;

    if let Ok(inputs) = list_input_content(store, id) {
        return Ok(inputs);
    }
    match store.get_json::<JobResult>(id) {
        Ok(_) => Ok(list_result_content(store, id)?),
        Err(_) => Ok(vec![*id]),
    }
}
