//! The target's specification for rustc, and the options that restrict the output to what the chain
//! accepts.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Name of the target: in its specification's file, cargo's output folder and cargo's variables.
const NAME: &str = "sbpfv3-solana";

/// Options for every crate of a program.
pub const FLAGS: &[&str] = &[
    // The virtual machine is single-threaded and has no atomic instructions: atomics become plain
    // loads and stores.
    "-Cpasses=lower-atomic",
    // BPF v4 has indirect jumps, which the linker cannot translate.
    "-Ctarget-cpu=v3",
    // Position-independent code needs relocations inside read-only data, which v3 programs do not
    // have.
    "-Crelocation-model=static",
    "-Clink-arg=--arch=v3",
    // By default the linker also copies the program into target/deploy of its working folder.
    "-Clink-arg=--deploy=false",
    // Size of a stack frame on chain; LLVM assumes an eighth of it.
    "-Clink-arg=--llvm-args=--bpf-stack-size=4096",
    // Sign-extending moves and loads are part of BPF v4 and do not exist in sBPF.
    "-Clink-arg=--llvm-args=--disable-movsx",
    "-Clink-arg=--llvm-args=--disable-ldsx",
];

/// Returns the target specification: LLVM's little-endian BPF, with the operating system name that
/// Solana crates check.
pub fn target_specification() -> Value {
    json!({
        "llvm-target": "bpfel",
        "arch": "bpf",
        "os": "solana",
        "vendor": "solana",
        "features": "+allows-misaligned-mem-access",
        "data-layout": "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128",
        "target-pointer-width": 64,
        "min-atomic-width": 8,
        "max-atomic-width": 64,
        "atomic-cas": true,
        "singlethread": true,
        "panic-strategy": "abort",
        "linker-flavor": "bpf",
        "linker-is-gnu": false,
        "obj-is-bitcode": true,
        "crt-objects-fallback": "false",
        "executables": true,
        "dynamic-linking": true,
        "position-independent-executables": true,
        // Keep each function as it is written: merged functions become thunks, and LLVM must not
        // replace a loop inside memcpy with a call of memcpy.
        "merge-functions": "disabled",
        "no-builtins": true,
    })
}

/// Returns the path of the specification in a toolchain's folder.
pub fn specification_path(folder: &Path) -> PathBuf {
    folder.join(format!("{NAME}.json"))
}

/// Returns the name of the variable that sets a cargo option for this target only.
pub fn cargo_variable(setting: &str) -> String {
    format!("CARGO_TARGET_{}_{setting}", NAME.to_uppercase().replace('-', "_"))
}
