//! The catalogue against the IDLs, the files of this suite against the catalogue, and the tables
//! against both.

use std::path::Path;

use nosana_client::{jobs, rewards, staking};
use nosana_tests::{
    Refusal,
    catalogue::{self, Suite},
};

#[test]
fn the_catalogue_has_every_instruction_of_the_idls() {
    let missing = catalogue::missing_entries();
    assert!(missing.is_empty(), "the catalogue and the IDLs differ:\n{}", missing.join("\n"));
}

#[test]
fn every_instruction_has_a_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/instructions");
    let has_file = |entry: &&catalogue::Entry| {
        folder.join(entry.program.name()).join(entry.name).with_extension("rs").is_file()
    };
    catalogue::check(Suite::Instructions, catalogue::entries().filter(has_file));
}

/// Runs all tables once more, for both comparisons.
#[tokio::test]
async fn every_error_is_tripped_and_every_instruction_is_refused() {
    let mut refused = crate::jobs::run_tables().await;
    refused.extend(crate::staking::run_tables().await);
    refused.extend(crate::rewards::run_tables().await);
    refused.extend(crate::rules::run_tables().await);

    let tripped = |refusal: &Refusal| refused.iter().any(|(_, found)| found == refusal);
    let missing: Vec<String> = (jobs::Error::ALL.iter().map(|error| (*error).into()))
        .chain(staking::Error::ALL.iter().map(|error| (*error).into()))
        .chain(rewards::Error::ALL.iter().map(|error| (*error).into()))
        .filter(|refusal: &Refusal| !tripped(refusal))
        .map(|refusal| refusal.to_string())
        .collect();
    assert!(
        missing.is_empty(),
        "no table trips {missing:#?}; add a case in tests/tests/instructions/, in the file of the \
         instruction that returns the error"
    );

    catalogue::check(Suite::Instructions, refused.iter().filter_map(|(entry, _)| *entry));
}
