//! These programs as another program declares them: from their IDLs alone, by Anchor's
//! `declare_program!`. It compiles, and its calls have the bytes of the client library's.

// Anchor's macro allows what it generates only in part.
#![allow(dead_code, unused_imports, clippy::all)]

use anchor_lang::prelude::*;

declare_program!(jobs);
declare_program!(staking);
declare_program!(rewards);

#[cfg(test)]
mod tests {
    use anchor_lang::InstructionData;

    use super::{jobs, rewards, staking};

    /// `list` of `clients/vectors/instructions.json`.
    const LIST: &str = "36aec14311298426ffffffffffffffff151515151515151515151515151515151515151515\
                        1515151515151515151515005802000000000000320000000000000001";

    #[test]
    fn a_call_has_the_bytes_of_the_client_library() {
        let list = jobs::instruction::List {
            nonce: u64::MAX,
            definition: [0x15; 32],
            kind: jobs::types::JobKind::Batch,
            timeout_seconds: 600,
            max_price_per_second: 50,
            is_private: true,
        };

        let hex: String = list.data().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, LIST);
    }

    #[test]
    fn each_program_has_an_address_of_its_own() {
        assert!(jobs::ID != staking::ID && staking::ID != rewards::ID && rewards::ID != jobs::ID);
    }
}
