//! The target as rustc sees it, and the options that keep the output within what the chain accepts.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The target's name: of its specification, of cargo's output folder, and in cargo's variables.
const NAME: &str = "sbpfv3-solana";

/// Options for every crate of a program.
pub const FLAGS: &[&str] = &[
    // The virtual machine is single-threaded and has no atomic instructions: atomics become plain
    // loads and stores.
    "-Cpasses=lower-atomic",
    // BPF v4 would bring indirect jumps, which the linker cannot translate.
    "-Ctarget-cpu=v3",
    // Position-independent code would need relocations inside read-only data; v3 programs have
    // none.
    "-Crelocation-model=static",
    "-Clink-arg=--arch=v3",
    // By itself the linker also puts a copy into target/deploy of whatever folder it runs in.
    "-Clink-arg=--deploy=false",
    // The size of a stack frame on chain; LLVM assumes an eighth of it.
    "-Clink-arg=--llvm-args=--bpf-stack-size=4096",
    // Sign-extending moves and loads belong to BPF v4 and do not exist in sBPF.
    "-Clink-arg=--llvm-args=--disable-movsx",
    "-Clink-arg=--llvm-args=--disable-ldsx",
];

/// The target specification: LLVM's little-endian BPF, under the operating system name that Solana
/// crates test for.
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
        // Each function stays as it is written: merged ones become thunks, and loops must not turn
        // into calls of memcpy inside memcpy.
        "merge-functions": "disabled",
        "no-builtins": true,
    })
}

/// Where a toolchain keeps the specification.
pub fn specification_path(folder: &Path) -> PathBuf {
    folder.join(format!("{NAME}.json"))
}

/// The variable by which cargo takes a setting for this target alone.
pub fn cargo_variable(setting: &str) -> String {
    format!("CARGO_TARGET_{}_{setting}", NAME.to_uppercase().replace('-', "_"))
}
