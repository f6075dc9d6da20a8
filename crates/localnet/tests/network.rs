//! A local network, used through the standard Solana clients.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use nosana_localnet::{Localnet, LocalnetConfig, ProgramFile};
use solana_account::Account;
use solana_address::{Address, address};
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_signer::Signer;
use solana_transaction::Transaction;
use tokio::time::timeout;

const SOL: u64 = 1_000_000_000;
const CLOCK: Address = address!("SysvarC1ock11111111111111111111111111111111");
const LOADER: Address = address!("BPFLoaderUpgradeab1e11111111111111111111111");
const TOKEN: Address = address!("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022: Address = address!("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const ASSOCIATED_TOKEN: Address = address!("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
const MEMO: Address = address!("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

fn fast_config() -> LocalnetConfig {
    LocalnetConfig { slot_ms: 50, ..LocalnetConfig::default() }
}

fn rpc_client(network: &Localnet) -> RpcClient {
    RpcClient::new_with_commitment(network.rpc_url(), CommitmentConfig::processed())
}

fn port_of(url: &str) -> u16 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

/// Returns slot and unix seconds of the Clock sysvar.
async fn read_clock(rpc: &RpcClient) -> (u64, i64) {
    let data = rpc.get_account_data(&CLOCK).await.expect("clock");
    let word = |at: usize| data[at..at + 8].try_into().expect("eight bytes");
    (u64::from_le_bytes(word(0)), i64::from_le_bytes(word(32)))
}

#[tokio::test]
async fn two_networks_at_once_are_two_chains() {
    let wallet = Address::new_unique();
    let funded = LocalnetConfig { airdrops: vec![(wallet, 7 * SOL)], ..fast_config() };
    let (one, two) = tokio::join!(Localnet::start(funded), Localnet::start(fast_config()));
    let (one, two) = (one.expect("one"), two.expect("two"));
    assert_ne!(one.rpc_url(), two.rpc_url());

    one.airdrop(wallet, SOL).await.expect("airdrop");
    one.airdrop(wallet, SOL).await.expect("a second time in the same block");
    assert_eq!(rpc_client(&one).get_balance(&wallet).await.expect("balance"), 9 * SOL);
    assert_eq!(rpc_client(&two).get_balance(&wallet).await.expect("balance"), 0);

    one.stop().await.expect("stop");
    assert_eq!(rpc_client(&two).get_balance(&wallet).await.expect("the other one continues"), 0);
}

#[tokio::test]
async fn token_programs_exist() {
    let network = Localnet::start(fast_config()).await.expect("start");
    for program in [TOKEN, TOKEN_2022, ASSOCIATED_TOKEN, MEMO] {
        assert!(
            rpc_client(&network).get_account(&program).await.expect("account").executable,
            "{program}"
        );
    }
}

#[tokio::test]
async fn slots_arrive_over_the_websocket() {
    let network = Localnet::start(fast_config()).await.expect("start");
    let pubsub = PubsubClient::new(network.ws_url()).await.expect("connect");
    let (mut slots, _unsubscribe) = pubsub.slot_subscribe().await.expect("subscribe");
    let mut next = async || {
        timeout(Duration::from_secs(10), slots.next()).await.expect("in time").expect("a slot")
    };
    let (first, second) = (next().await, next().await);
    assert!(second.slot > first.slot);
}

#[tokio::test]
async fn time_moves_only_forward_and_the_chain_continues() {
    let payer = Keypair::new();
    let config = LocalnetConfig { airdrops: vec![(payer.pubkey(), SOL)], ..fast_config() };
    let network = Localnet::start(config).await.expect("start");
    let rpc = rpc_client(&network);
    let blockhash = rpc.get_latest_blockhash().await.expect("block hash");
    let (slot, start) = read_clock(&rpc).await;

    let year = 365 * 24 * 3600;
    let reached = network.advance_seconds(year as u64).await.expect("advance");
    assert!(reached >= start + year);
    let (later_slot, later) = read_clock(&rpc).await;
    assert!(later >= reached && later <= reached + 60, "{later} is not {reached}");
    let slots = later_slot - slot;
    assert!(slots >= (year as u64 - 1) * 1000 / 50, "{slots} slots of 50 ms are not a year");

    let target = network.unix_time().await.expect("time") + 1000;
    let reached = network.warp_to(target).await.expect("warp");
    assert!(reached == target, "{reached} is not {target}");
    let unmoved = network.warp_to(start).await.expect("a time that has passed is not an error");
    assert!(unmoved >= reached);

    // Blocks continue from the new time, and earlier signatures are still valid.
    let transfer = Instruction::new_with_bytes(MEMO, b"still here", vec![]);
    let transaction = Transaction::new_signed_with_payer(
        &[transfer],
        Some(&payer.pubkey()),
        &[&payer],
        blockhash,
    );
    rpc.send_and_confirm_transaction(&transaction).await.expect("transaction from before");
    let (slot, _) = read_clock(&rpc).await;
    assert!(slot > later_slot);
}

#[tokio::test]
async fn accounts_can_be_set() {
    let network = Localnet::start(fast_config()).await.expect("start");
    let (address, owner) = (Address::new_unique(), Address::new_unique());
    let account = Account {
        lamports: SOL,
        data: vec![1, 2, 3],
        owner,
        executable: false,
        rent_epoch: u64::MAX,
    };
    network.set_account(address, account.clone()).await.expect("set");
    assert_eq!(rpc_client(&network).get_account(&address).await.expect("get"), account);
}

#[tokio::test]
async fn programs_run_at_their_addresses() {
    // Any ELF will do; the network has some.
    let first = Localnet::start(fast_config()).await.expect("start");
    let elf = rpc_client(&first).get_account_data(&MEMO).await.expect("memo");
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("memo.so");
    fs::write(&path, &elf).expect("write");

    let payer = Keypair::new();
    let address = Address::new_unique();
    let authority = Address::new_unique();
    let network = Localnet::start(LocalnetConfig {
        programs: vec![ProgramFile { address, path }],
        airdrops: vec![(payer.pubkey(), SOL)],
        upgrade_authority: Some(authority),
        ..fast_config()
    });
    let network = network.await.expect("start with a program");
    let rpc = rpc_client(&network);
    let code = Address::find_program_address(&[address.as_ref()], &LOADER).0;
    let code = rpc.get_account_data(&code).await.expect("code");
    assert_eq!(code[13..45], authority.to_bytes());
    assert_eq!(code[45..], elf);

    let hello = Instruction::new_with_bytes(address, b"hello", vec![]);
    let blockhash = rpc.get_latest_blockhash().await.expect("block hash");
    let transaction =
        Transaction::new_signed_with_payer(&[hello], Some(&payer.pubkey()), &[&payer], blockhash);
    let outcome = rpc.simulate_transaction(&transaction).await.expect("simulate").value;
    let loaded = outcome.loaded_accounts_data_size.expect("loaded bytes");
    assert!(usize::try_from(loaded).expect("a size") > elf.len(), "{loaded} bytes with the code");
    assert!(outcome.logs.expect("logs").iter().any(|line| line.contains("hello")));
    rpc.send_and_confirm_transaction(&transaction).await.expect("run");
}

#[tokio::test]
async fn an_error_for_a_missing_program_names_the_build_command() {
    let file =
        ProgramFile { address: Address::new_unique(), path: PathBuf::from("no/such/program.so") };
    let config = LocalnetConfig { programs: vec![file], ..fast_config() };
    let error = format!("{:#}", Localnet::start(config).await.expect_err("missing"));
    assert!(error.contains("no/such/program.so"), "{error}");
    assert!(error.contains("cargo xtask build-programs"), "{error}");
}

#[tokio::test]
async fn a_broken_program_is_named() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("broken.so");
    fs::write(&path, b"not an ELF").expect("write");
    let config = LocalnetConfig {
        programs: vec![ProgramFile { address: Address::new_unique(), path }],
        ..fast_config()
    };
    let error = format!("{:#}", Localnet::start(config).await.expect_err("broken"));
    assert!(error.contains("broken.so"), "{error}");
}

#[tokio::test]
async fn a_port_in_use_fails_at_once() {
    let network = Localnet::start(fast_config()).await.expect("start");
    let taken = port_of(&network.rpc_url());
    let started = Instant::now();
    let error = Localnet::start(LocalnetConfig { rpc_port: taken, ..fast_config() })
        .await
        .expect_err("taken");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let error = format!("{error:#}");
    assert!(error.contains(&taken.to_string()) && error.contains("in use"), "{error}");
}

#[tokio::test]
async fn ports_are_free_after_the_end() {
    let network = Localnet::start(fast_config()).await.expect("start");
    let (rpc, websocket) = (port_of(&network.rpc_url()), port_of(&network.ws_url()));
    assert_eq!(websocket, rpc + 1);
    let pubsub = PubsubClient::new(network.ws_url()).await.expect("connect");
    let _slots = pubsub.slot_subscribe().await.expect("subscribe");
    network.stop().await.expect("stop with a client connected");
    for port in [rpc, websocket] {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "port {port} still answers");
        TcpListener::bind(("127.0.0.1", port)).expect("free");
    }

    let network = Localnet::start(LocalnetConfig { rpc_port: rpc, ..fast_config() })
        .await
        .expect("again on the same port");
    drop(network);
    TcpListener::bind(("127.0.0.1", rpc)).expect("free after a drop as well");
}
