//! The code of the clients in Python and TypeScript that is generated from the IDLs. That of the Rust
//! client is generated when it is built.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{layout, npm, shell, wheels};

/// Generates the code of both clients from the files in `idl/`.
pub fn generate_clients() -> Result<()> {
    generate_python()
        .context("the IDLs are written, but not the Python client; --only-idl leaves it out")?;

    generate_typescript().context(
        "the IDLs and the Python client are written, but not the TypeScript client, which needs \
         Node.js and npm; --only-idl leaves it out, `npm ci && npm run generate` in clients/ts \
         writes it later",
    )
}

/// Generates the code of the Python client, which needs only Python's standard library.
fn generate_python() -> Result<()> {
    let mut python = Command::new(wheels::find_plain_python()?);
    python
        .arg("generate.py")
        .current_dir(layout::root_folder().join("clients/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");

    shell::run(&mut python)
}

/// Generates the code of the TypeScript client, after installing what that needs.
fn generate_typescript() -> Result<()> {
    let folder = layout::root_folder().join("clients/ts");

    npm::install_packages(&folder)?;
    npm::run_script(&folder, "generate")
}
