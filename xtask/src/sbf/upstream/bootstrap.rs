//! Builds the toolchain: the linker, which takes minutes, and the sysroot, which takes seconds.
//! They are two folders in the cache, so that a changed edit of std does not rebuild the linker.

use std::fs;

use anyhow::Result;

use super::{Upstream, compiler, linker, pins, sysroot, target};
use crate::{
    cache::{self, Draft},
    progress::Steps,
};

/// Returns the toolchain, and builds it if the cache does not have it.
pub fn ensure_toolchain() -> Result<Upstream> {
    let key = pins::toolchain_key(&compiler::ensure_compiler()?);
    let linker = cache::make_folder(&pins::linker_name(), make_linker)?;
    let folder = cache::make_folder(&format!("sbf-{key}"), make_sysroot)?;

    Ok(Upstream { folder, linker: linker::binary_path(&linker), key })
}

/// Builds the linker, and removes what only its build needed.
fn make_linker(draft: &Draft) -> Result<()> {
    let mut steps = Steps::new(
        "building the linker for on-chain programs (once per machine, about five minutes)",
        2,
    );

    steps.run_step("LLVM from the Python package index", || linker::fetch_llvm(draft))?;
    steps.run_step("sbpf-linker, from source", || linker::build_linker(draft))?;

    linker::remove_leftovers(&draft.partial);
    Ok(())
}

/// Builds the compiler's sysroot, and writes its launcher and the target's specification.
fn make_sysroot(draft: &Draft) -> Result<()> {
    let mut steps = Steps::new("building the compiler for on-chain programs", 1);
    steps.run_step("standard library for Solana", || sysroot::build_sysroot(&draft.partial))?;

    sysroot::write_launcher(&draft.partial, &draft.target)?;
    Ok(fs::write(
        target::specification_path(&draft.partial),
        format!("{:#}\n", target::target_specification()),
    )?)
}
