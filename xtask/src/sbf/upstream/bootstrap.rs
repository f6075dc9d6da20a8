//! Making the toolchain: the linker, which takes minutes, and beside it the sysroot, which takes
//! seconds. They are two folders in the cache, so that an edit of std does not cost anyone another
//! linker.

use std::fs;

use anyhow::Result;

use super::{Upstream, compiler, linker, pins, sysroot, target};
use crate::{
    cache::{self, Draft},
    progress::Steps,
};

/// Finds the toolchain or makes it.
pub fn ensure_toolchain() -> Result<Upstream> {
    let key = pins::toolchain_key(&compiler::ensure_compiler()?);
    let linker = cache::make_folder(&pins::linker_name(), make_linker)?;
    let folder = cache::make_folder(&format!("sbf-{key}"), make_sysroot)?;
    Ok(Upstream { folder, linker: linker::binary_path(&linker), key })
}

/// The linker, and nothing of what it was built from.
fn make_linker(draft: &Draft) -> Result<()> {
    let mut steps = Steps::new(
        "making the linker for on-chain programs (once per machine, about five minutes)",
        2,
    );
    steps.run_step("LLVM from the Python package index", || linker::fetch_llvm(draft))?;
    steps.run_step("sbpf-linker, from source", || linker::build_linker(draft))?;
    linker::remove_leftovers(&draft.now);
    Ok(())
}

/// The compiler's sysroot, its launcher and the target's specification.
fn make_sysroot(draft: &Draft) -> Result<()> {
    let mut steps = Steps::new("making the compiler for on-chain programs", 1);
    steps.run_step("a standard library for Solana", || sysroot::build_sysroot(&draft.now))?;
    sysroot::write_launcher(&draft.now, &draft.finally)?;
    Ok(fs::write(
        target::specification_path(&draft.now),
        format!("{:#}\n", target::target_specification()),
    )?)
}
