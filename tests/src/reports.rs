//! Where benchmarks write their reports.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the folder of reports, which it creates.
pub fn report_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    fs::create_dir_all(&folder).expect("the folder is writable");

    folder
}
