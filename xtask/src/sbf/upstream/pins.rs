//! The pinned parts of the toolchain, and the key that identifies them.

use sha2::{Digest, Sha256};

use super::{patch, target};
use crate::wheels::Wheel;

/// The Rust release whose std the edits are written for. Other releases may work too: every edit
/// checks that its text exists.
pub const RUST: &str = "1.96";

/// Version of the linker in the crate registry.
pub const LINKER: &str = "0.2.6";

/// LLVM 23 as static libraries. The second package has the BPF target.
pub const LLVM: &[Wheel] = &[
    Wheel {
        package: "mlc-llvm-static",
        version: "23.1.1.post0",
        x86_64: "dcfec888abfaa418be77d41af585805f31463584cf9c90582992c00f392c1ac5",
        aarch64: "3d4b1b30cea531ffa5956fa14ff4ffb0b1ed61284bf31eac3ebb752fb308b71d",
    },
    Wheel {
        package: "mlc-llvm-static-extra-targets",
        version: "23.1.1.post0",
        x86_64: "c36e834d9a4e9cf9759f27fece65711ece7a2fc2b5a96dbb15d66f5e9e787929",
        aarch64: "b1ddc694cf75bb1502b64c1898b15915362450453b637534886519e20e3d5522",
    },
];

/// Returns the name of the linker's folder. The versions identify its content: the hashes behind
/// them are pinned here or in the linker's lock file.
pub fn linker_name() -> String {
    let llvm = LLVM.first().map_or("", |wheel| wheel.version);
    format!("sbpf-linker-{LINKER}-llvm-{llvm}")
}

/// Returns a hash of everything that affects the toolchain's output. A changed pin, edit or
/// compiler makes a new toolchain, and the old one stays usable for other checkouts.
pub fn toolchain_key(compiler: &str) -> String {
    let mut parts =
        vec![compiler.to_owned(), linker_name(), target::target_specification().to_string()];
    parts.extend(patch::all_edits().flat_map(|edit| edit.fingerprint()));

    let mut hash = Sha256::new();
    for part in &parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
