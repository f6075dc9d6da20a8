//! The step that fetches resources from an S3 server of others.

use std::process::Command;

use anyhow::Result;

use super::cargo_checks::clippy_cargo;
use crate::{layout, python_packages::install_packages, shell, wheels};

/// Starts moto's server and runs `tests/s3`, which fetches its objects as nodes do.
pub fn test_buckets() -> Result<()> {
    let folder = layout::root_folder().join("tests/s3");
    let python = wheels::find_python()?;
    let packages = install_packages("moto-python", &folder.join("requirements.txt"))?;
    let build = ["build", "--locked", "--workspace", "--example", "fetch_resource"];
    shell::run(&mut clippy_cargo(&build)?)?;

    let program = layout::target_folder().join("debug/examples/fetch_resource");
    let mut test = Command::new(&python);
    test.args(["-m", "unittest", "test_s3"]).current_dir(&folder);
    test.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1");
    shell::run(test.env("NOSANA_FETCH_RESOURCE", program))
}
