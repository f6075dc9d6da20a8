//! What a leader charges for each transaction, by Agave's own cost model.

use std::collections::HashSet;

use litesvm::LiteSVM;
use nosana_client::session::{MAX_LOADED_BYTES, choose_loaded_limit};
use nosana_tests::{Footprint, Lite, World};
use solana_address::Address;
use solana_cost_model::cost_model::CostModel;
use solana_message::{Message, SimpleAddressLoader};
use solana_runtime_transaction::runtime_transaction::RuntimeTransaction;
use solana_signer::Signer;
use solana_transaction::{
    Transaction,
    sanitized::{MessageHash, SanitizedTransaction},
    versioned::VersionedTransaction,
};

use crate::{
    job::{MAX_UNITS, Request, Role, Step},
    loaded::count_loaded_bytes,
};

/// The parts of a cost, in the order of [`Charge::parts`].
pub const PARTS: [&str; 5] =
    ["signatures", "write locks", "instruction data", "execution", "loaded accounts"];

/// What a leader charges for a transaction, in compute units of a block.
pub struct Charge {
    pub step: Step,
    /// Each of [`PARTS`].
    pub parts: [u64; 5],
    /// The sum of the parts, as the cost model returns it.
    pub total: u64,
    /// What the leader sets aside before it executes the transaction without a limit of loaded
    /// bytes: it may load 64 MiB.
    pub reserved: u64,
    /// What the leader sets aside with the limit that the client requests.
    pub reserved_with_limit: u64,
    /// Compute units that the transaction uses.
    pub units: u64,
    /// Bytes of all accounts that the transaction loads.
    pub loaded_bytes: u32,
    pub footprint: Footprint,
    /// The accounts that it locks for writing.
    pub writable: Vec<Address>,
}

impl Charge {
    /// The part for accounts that are loaded.
    pub const fn loaded_units(&self) -> u64 {
        let [.., loaded] = self.parts;
        loaded
    }
}

/// Runs a whole job, and returns what each of its transactions costs.
pub async fn charge_job(world: &World<Lite>, role: &Role<'_>, nonce: u64) -> Vec<Charge> {
    let mut charges = Vec::new();
    for step in Step::ALL {
        let request = role.prepare(world, step, nonce).await;
        charges.push(charge_request(world, &request).await);
        request.send(world).await;
    }

    charges
}

/// The cost of a whole job.
pub fn sum_charges(charges: &[Charge]) -> u64 {
    charges.iter().map(|charge| charge.total).sum()
}

/// Simulates a transaction, and returns what it would cost.
pub async fn charge_request(world: &World<Lite>, request: &Request<'_>) -> Charge {
    let units = simulate_units(world, request, Some(MAX_LOADED_BYTES));
    let unlimited = build_transaction(request, simulate_units(world, request, None), None);
    let loaded_bytes = count_loaded_bytes(world, &unlimited.message.account_keys).await;
    let transaction = build_transaction(request, units, Some(choose_loaded_limit(loaded_bytes)));
    let footprint = Footprint::of(&transaction);

    let features = LiteSVM::mainnet_feature_set();
    let unlimited = to_runtime(unlimited);
    let transaction = to_runtime(transaction);
    let reserved = CostModel::calculate_cost(&unlimited, &features).sum();
    let reserved_with_limit = CostModel::calculate_cost(&transaction, &features).sum();
    let cost = CostModel::calculate_cost_for_executed_transaction(
        &transaction,
        units,
        loaded_bytes,
        &features,
    );
    let parts = [
        cost.signature_cost(),
        cost.write_lock_cost(),
        cost.data_bytes_cost().into(),
        cost.programs_execution_cost(),
        cost.loaded_accounts_data_size_cost(),
    ];

    Charge {
        step: request.step,
        parts,
        total: cost.sum(),
        reserved,
        reserved_with_limit,
        units,
        loaded_bytes,
        footprint,
        writable: cost.writable_accounts().copied().collect(),
    }
}

/// Builds a transaction that requests exactly the compute units that it uses.
fn build_transaction(request: &Request<'_>, units: u64, loaded_bytes: Option<u32>) -> Transaction {
    let units = u32::try_from(units).expect("the units are below the limit");
    let payer = request.payer.pubkey();
    Transaction::new_unsigned(Message::new(&request.with_limits(units, loaded_bytes), Some(&payer)))
}

/// Returns the transaction in the form that the runtime and the cost model read.
fn to_runtime(transaction: Transaction) -> RuntimeTransaction<SanitizedTransaction> {
    let is_vote = Some(false);
    let has_accounts_limit = true;

    RuntimeTransaction::try_create(
        VersionedTransaction::from(transaction),
        MessageHash::Compute,
        is_vote,
        SimpleAddressLoader::Disabled,
        &HashSet::new(),
        has_accounts_limit,
    )
    .expect("the transaction is valid")
}

/// Returns the compute units that a transaction with this limit of loaded bytes uses.
fn simulate_units(world: &World<Lite>, request: &Request<'_>, loaded_bytes: Option<u32>) -> u64 {
    let payer = request.payer.pubkey();
    match world.chain.simulate(&request.with_limits(MAX_UNITS, loaded_bytes), &payer) {
        Ok(done) => done.compute_units,
        Err(failure) => panic!("{}: {}", request.step.name(), failure.refusal()),
    }
}
