//! `clients/vectors/instructions.json`: calls of this client, byte by byte, for the tests of
//! clients in other languages. `NOSANA_WRITE_VECTORS=1` writes the file.

use std::{env, fs, path::PathBuf};

use nosana_client::{
    ProgramAccount,
    actions::{self, DelegationLimits, JobListing},
    jobs::{
        accounts::Job,
        types::{Endpoint, Hardware, SocketAddress},
    },
    pda,
};
use serde_json::{Value, json};
use solana_address::Address;
use solana_instruction::Instruction;

/// The definition of the jobs.
const DEFINITION: [u8; 32] = [21; 32];
/// The result of the jobs, and the checkpoint.
const RESULT: [u8; 32] = [22; 32];

/// A made-up address.
fn fake(number: u8) -> Address {
    Address::new_from_array([number; 32])
}

/// A wallet that acts in all calls.
fn wallet() -> Address {
    fake(1)
}

fn market() -> Address {
    fake(2)
}

fn mint() -> Address {
    fake(3)
}

fn job() -> Address {
    fake(4)
}

/// Another wallet: it owns the node of the job, pays for jobs, and delegates.
fn other() -> Address {
    fake(5)
}

/// Returns the data of a job that runs on the node of [`other`].
fn job_data() -> Vec<u8> {
    let mut data = Job::DISCRIMINATOR.to_vec();
    data.resize(Job::SIZE, 0);

    let fields = [
        (Job::CLIENT_OFFSET, wallet()),
        (Job::PAYER_OFFSET, fake(6)),
        (Job::PAYER_TOKEN_OFFSET, fake(7)),
        (Job::MARKET_OFFSET, market()),
        (Job::NODE_OFFSET, pda::jobs::node(&other())),
        (Job::NODE_TOKEN_OFFSET, fake(8)),
        (Job::DEFINITION_OFFSET, Address::new_from_array(DEFINITION)),
    ];
    for (offset, address) in fields {
        data[offset..offset + 32].copy_from_slice(address.as_ref());
    }
    data[Job::TIMEOUT_SECONDS_OFFSET] = 99;
    data[Job::ATTEMPT_ID_OFFSET] = 77;
    data
}

/// An endpoint with a relay and one address.
fn endpoint() -> Endpoint {
    let mut relay = [0; 64];
    relay[..9].copy_from_slice(b"https://r");

    let first = SocketAddress { ip: [9; 16], port: 4433 };
    let second = SocketAddress { ip: [0; 16], port: 0 };
    Endpoint { id: RESULT, relay, sockets: [first, second] }
}

fn hardware() -> Hardware {
    Hardware {
        digest: RESULT,
        vram_mib: 1,
        prompt_tokens_per_second: 2,
        capacity: 3,
        capabilities: 4,
        memory_mib: 5,
    }
}

/// Calls of clients, by their names in other languages.
fn client_calls(stored: &Job) -> Vec<(&'static str, Instruction)> {
    let listing = JobListing {
        nonce: u64::MAX,
        definition: DEFINITION,
        kind: 1,
        timeout_seconds: 600,
        max_price_per_second: 50,
        is_private: true,
    };

    vec![
        ("list", actions::list(wallet(), other(), market(), mint(), listing).into()),
        ("cancel", actions::cancel(job(), stored, 9).into()),
        ("extend", actions::extend(job(), stored, other(), mint(), 40).into()),
        ("top_up", actions::top_up(other(), job(), stored, mint(), 30).into()),
        ("stop", actions::stop(wallet(), job(), stored, other()).into()),
        ("accept", actions::accept(wallet(), job(), stored, other()).into()),
        ("reject", actions::reject(wallet(), job(), stored, other(), true).into()),
        ("settle", actions::settle(wallet(), job(), stored, other()).into()),
        ("clean", actions::clean(job(), stored).into()),
    ]
}

/// Calls of nodes; the wallet owns the node.
fn node_calls(stored: &Job) -> Vec<(&'static str, Instruction)> {
    vec![
        ("register_node", actions::register_node(wallet(), mint(), hardware()).into()),
        ("work", actions::work(wallet(), market(), 50).into()),
        ("leave", actions::leave(wallet(), market(), 9).into()),
        ("release_collateral", actions::release_collateral(wallet()).into()),
        ("start", actions::start(wallet(), job(), stored).into()),
        ("heartbeat", actions::heartbeat(wallet(), job(), stored.attempt_id, RESULT, 5_000).into()),
        ("finish", finish_own(stored)),
        ("quit", quit_own(stored)),
        ("set_draining", actions::set_draining(wallet(), true).into()),
        ("set_endpoint", actions::set_endpoint(wallet(), endpoint()).into()),
        ("update_hardware", actions::update_hardware(wallet(), hardware()).into()),
    ]
}

/// Submits a result from the node of [`other`].
fn finish_own(stored: &Job) -> Instruction {
    actions::finish(other(), job(), stored, other(), RESULT, actions::NO_TRACE).into()
}

/// Gives the job back from the node of [`other`], which is busy and says so.
fn quit_own(stored: &Job) -> Instruction {
    actions::quit(other(), job(), stored, other(), 6, DEFINITION).into()
}

/// Calls of stakers and delegators.
fn staker_calls() -> Vec<(&'static str, Instruction)> {
    let limits = DelegationLimits { commission_bps: 500, duration_seconds: 86_400 };

    vec![
        ("open_stake", actions::open_stake(wallet(), mint(), 10, 20).into()),
        ("top_up_stake", actions::top_up_stake(wallet(), mint(), 10).into()),
        ("extend_stake", actions::extend_stake(wallet(), 20).into()),
        ("unstake", actions::unstake(wallet()).into()),
        ("restake", actions::restake(wallet()).into()),
        ("withdraw", actions::withdraw(wallet(), mint()).into()),
        ("compound", actions::compound(wallet()).into()),
        ("enter", actions::enter(wallet()).into()),
        ("sync", actions::sync(wallet()).into()),
        ("claim", actions::claim(wallet(), mint()).into()),
        ("harvest", actions::harvest(wallet(), mint()).into()),
        ("exit", actions::exit(wallet(), mint()).into()),
        ("fund", actions::fund(wallet(), mint(), 10).into()),
        ("open_delegation", actions::open_delegation(other(), wallet()).into()),
        ("delegate", actions::delegate(other(), wallet(), mint(), 10, limits).into()),
    ]
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_json((name, call): &(&str, Instruction)) -> Value {
    let accounts: Vec<Value> = call
        .accounts
        .iter()
        .map(|meta| json!([meta.pubkey.to_string(), meta.is_signer, meta.is_writable]))
        .collect();

    json!({
        "name": name,
        "program": call.program_id.to_string(),
        "accounts": accounts,
        "data": to_hex(&call.data),
    })
}

#[test]
fn the_committed_vectors_are_the_calls_of_this_client() {
    let data = job_data();
    let stored = Job::from_data(&data).unwrap();
    let calls = [client_calls(&stored), node_calls(&stored), staker_calls()].concat();

    // One call a line, so that a difference is easy to see.
    let calls: Vec<String> = calls.iter().map(|call| to_json(call).to_string()).collect();
    let text =
        format!("{{\"job\": \"{}\",\n\"calls\": [\n{}\n]}}\n", to_hex(&data), calls.join(",\n"),);

    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../clients/vectors/instructions.json");
    if env::var_os("NOSANA_WRITE_VECTORS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "clients/vectors/instructions.json differs; write it with NOSANA_WRITE_VECTORS=1"
    );
}
