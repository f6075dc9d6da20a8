//! Writes the clients of the three programs from their committed IDLs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anchor_lang_idl_spec::Idl;
use anyhow::{Context, Result};

#[path = "codegen/mod.rs"]
mod codegen;

/// Modules, each with the account types of others that its program reads. The modules are named
/// like the files in `idl/`.
const PROGRAMS: [(&str, codegen::Foreign); 3] =
    [("jobs", &[("Stake", "staking")]), ("staking", &[]), ("rewards", &[("Stake", "staking")])];
/// A small program of every shape, for the generator's own tests.
const FIXTURE: &str = "tests/fixtures/tiny/idl.json";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=codegen");
    let here =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").context("cargo sets CARGO_MANIFEST_DIR")?);
    let committed = |program: &str| here.join("../../idl").join(program).with_extension("json");
    for (program, foreign) in PROGRAMS {
        let idl = read(&committed(program))?;
        for (account, owner) in foreign {
            codegen::same_account(account, &idl, &read(&committed(owner))?)?;
        }
        write(program, &idl, foreign)?;
    }
    write("tiny", &read(&here.join(FIXTURE))?, &[])
}

fn read(path: &Path) -> Result<Idl> {
    println!("cargo::rerun-if-changed={}", path.display());
    let json = fs::read_to_string(path).with_context(|| {
        format!("cannot read {}: `cargo xtask idl` writes it from the programs", path.display())
    })?;
    codegen::parse(&json).with_context(|| format!("cannot use {}", path.display()))
}

/// Writes one program's module into the build's folder.
fn write(module: &str, idl: &Idl, foreign: codegen::Foreign) -> Result<()> {
    let source = codegen::source(idl, foreign)
        .with_context(|| format!("no client can be made of {module}"))?;
    let out = PathBuf::from(env::var("OUT_DIR").context("cargo sets OUT_DIR")?)
        .join(module)
        .with_extension("rs");
    fs::write(&out, source).with_context(|| format!("cannot write {}", out.display()))
}
