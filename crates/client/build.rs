//! Writes the clients of the three programs from their committed IDLs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anchor_lang_idl_spec::Idl;
use anyhow::{Context, Result};

#[path = "codegen/mod.rs"]
mod codegen;

/// Modules, named after the files in `idl/`.
const PROGRAMS: [&str; 3] = ["jobs", "staking", "rewards"];
/// A small program with every shape that an IDL can have, for the tests of the generator.
const FIXTURE: &str = "tests/fixtures/tiny/idl.json";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=codegen");

    let manifest_dir = env::var("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is not set")?;
    let manifest_dir = PathBuf::from(manifest_dir);
    let idl_path =
        |program: &str| manifest_dir.join("../../idl").join(program).with_extension("json");

    for program in PROGRAMS {
        let mut idl = read_idl(&idl_path(program))?;
        codegen::keep_rust_forms(&mut idl);
        write_module(program, &idl)?;
    }

    write_module("tiny", &read_idl(&manifest_dir.join(FIXTURE))?)
}

fn read_idl(path: &Path) -> Result<Idl> {
    println!("cargo::rerun-if-changed={}", path.display());

    let json = fs::read_to_string(path).with_context(|| {
        format!("cannot read {}; `cargo xtask idl` writes it from the programs", path.display())
    })?;

    codegen::parse_idl(&json).with_context(|| format!("cannot use {}", path.display()))
}

/// Writes the module of one program into the build's output folder.
fn write_module(module: &str, idl: &Idl) -> Result<()> {
    let source = codegen::generate_source(idl)
        .with_context(|| format!("cannot generate a client for `{module}`"))?;

    let out_dir = PathBuf::from(env::var("OUT_DIR").context("OUT_DIR is not set")?);
    let path = out_dir.join(module).with_extension("rs");

    fs::write(&path, source).with_context(|| format!("cannot write {}", path.display()))
}
