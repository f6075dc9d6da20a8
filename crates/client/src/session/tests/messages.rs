//! The bytes of transactions: signatures, limits, and what fits into a packet.

use solana_compute_budget_interface::ID as COMPUTE_BUDGET;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use solana_transaction::versioned::VersionedTransaction;

use crate::{
    error::ClientError,
    session::{
        SendOptions,
        message::{Limits, TransactionRequest},
    },
};

const LIMITS: Limits = Limits { units: 1_000, loaded_bytes: Some(98_304) };
const NO_LOADED: Limits = Limits { loaded_bytes: None, ..LIMITS };

/// The data of the compute budget's instructions, which precede all others.
fn list_requests(transaction: &VersionedTransaction) -> Vec<&[u8]> {
    let keys = transaction.message.static_account_keys();
    let all = transaction.message.instructions().iter();
    all.take_while(|it| keys[usize::from(it.program_id_index)] == COMPUTE_BUDGET)
        .map(|it| it.data.as_slice())
        .collect()
}

#[test]
fn every_required_signer_signs() {
    let [payer, other] = std::array::from_fn(|_| Keypair::new());
    let instructions = [transfer(&other.pubkey(), &payer.pubkey(), 1)];
    let options = SendOptions::default();
    let request = TransactionRequest {
        instructions: &instructions,
        payer: &payer,
        signers: &[&other],
        options: &options,
    };

    let (transaction, first) = request.build_signed(LIMITS, Hash::default()).unwrap();
    assert_eq!(transaction.verify_with_results(), [true, true]);
    assert_eq!(transaction.signatures.first(), Some(&first));

    let request = TransactionRequest { signers: &[], ..request };
    let missing = request.build_signed(LIMITS, Hash::default()).unwrap_err();
    assert!(
        matches!(missing, ClientError::MissingSigner { address } if address == other.pubkey()),
        "{missing}"
    );
}

#[test]
fn the_instructions_before_the_callers_are_counted() {
    let payer = Keypair::new();
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];
    let units: &[u8] = &[2, 232, 3, 0, 0];
    let loaded: &[u8] = &[4, 0, 128, 1, 0];
    let price: &[u8] = &[3, 7, 0, 0, 0, 0, 0, 0, 0];

    for (micro_lamports, limits, expected) in [
        (0, NO_LOADED, vec![units]),
        (7, NO_LOADED, vec![units, price]),
        (0, LIMITS, vec![units, loaded]),
        (7, LIMITS, vec![units, loaded, price]),
    ] {
        let options =
            SendOptions { priority_micro_lamports: micro_lamports, ..SendOptions::default() };
        let request = TransactionRequest {
            instructions: &instructions,
            payer: &payer,
            signers: &[],
            options: &options,
        };

        let (transaction, _) = request.build_signed(limits, Hash::default()).unwrap();
        assert_eq!(list_requests(&transaction), expected);
        assert_eq!(request.prefix_len(limits), expected.len());
    }
}

/// Builds a transaction whose only instruction has this number of bytes.
fn build_sized(data_bytes: usize) -> Result<(VersionedTransaction, Limits), ClientError> {
    let [payer, program] = std::array::from_fn(|_| Keypair::new());
    let data = vec![7; data_bytes];
    let instructions = [Instruction { program_id: program.pubkey(), accounts: vec![], data }];
    let options = SendOptions::default();
    TransactionRequest {
        instructions: &instructions,
        payer: &payer,
        signers: &[],
        options: &options,
    }
    .build_unsigned()
}

#[test]
fn too_large_transactions_lose_the_limit_of_loaded_bytes_and_are_then_rejected() {
    let outcomes: Vec<_> = (1_000..1_232).map(build_sized).collect();
    let has_limit = |limits: &Limits| limits.loaded_bytes.is_some();
    let with = outcomes.iter().flatten().filter(|(_, limits)| has_limit(limits)).count();
    let without = outcomes.iter().flatten().filter(|(_, limits)| !has_limit(limits)).count();

    assert!(with > 0, "the smallest of them have room for both limits");
    assert_eq!(without, 8, "the limit takes eight bytes");
    let rejected = outcomes.into_iter().find_map(Result::err);
    let rejected = rejected.expect("the largest do not fit");
    assert!(matches!(rejected, ClientError::TooLarge { bytes: 1233, limit: 1232 }), "{rejected}");
}
