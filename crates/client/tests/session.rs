//! Sends, reads and follows on a real local network.

use std::time::Duration;

use nosana_client::{
    ClientError, SendOptions, Session, pda,
    session::Filter,
    staking::{self, accounts::Stake},
    token::{
        self, associated_address, create_associated_account, create_mint, mint_to, transfer_tokens,
    },
};
use nosana_localnet::{Localnet, LocalnetConfig};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer as transfer_lamports;
use tokio::time::timeout;

const SOL: u64 = 1_000_000_000;
const FEE: u64 = 5_000;
const WAIT_LIMIT: Duration = Duration::from_secs(20);

/// Starts a network, and returns it with a session and a wallet that has ten SOL.
async fn start_network() -> (Localnet, Session, Keypair) {
    let wallet = Keypair::new();
    let airdrops = vec![(wallet.pubkey(), 10 * SOL)];
    let network =
        Localnet::start(LocalnetConfig { slot_ms: 50, airdrops, ..LocalnetConfig::default() })
            .await
            .unwrap();
    let session = Session::connect(&network.rpc_url(), &network.ws_url()).await.unwrap();
    (network, session, wallet)
}

/// Creates a mint whose authority is the wallet, and the wallet's token account with `amount`.
async fn create_test_mint(session: &Session, wallet: &Keypair, amount: u64) -> (Address, Address) {
    let mint = Keypair::new();
    let owner = wallet.pubkey();
    let rent = session.fetch_rent(token::MINT_SIZE).await.unwrap();
    let account = associated_address(&owner, &mint.pubkey());
    let [create, initialize] = create_mint(&owner, &mint.pubkey(), &owner, rent).unwrap();
    let mint_to = mint_to(&mint.pubkey(), &account, &owner, amount).unwrap();
    let instructions =
        [create, initialize, create_associated_account(&owner, &owner, &mint.pubkey()), mint_to];
    session.send_transaction(&instructions, wallet, &[&mint]).await.unwrap();

    (mint.pubkey(), account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_has_the_details_of_the_transaction() {
    let (network, session, wallet) = start_network().await;
    let to = Address::new_unique();
    let receipt = session
        .send_transaction(&[transfer_lamports(&wallet.pubkey(), &to, SOL)], &wallet, &[])
        .await
        .unwrap();
    assert_eq!(receipt.fee_lamports, FEE);
    // 150 for each of the transfer, the compute limit and the limit of loaded bytes.
    assert!((450..1_000).contains(&receipt.compute_units), "{} units", receipt.compute_units);
    assert!(receipt.slot > 0 && receipt.latency < WAIT_LIMIT);
    assert!(receipt.logs.iter().any(|line| line.ends_with("success")));
    assert_eq!(session.fetch_raw_account(&to).await.unwrap().unwrap().lamports, SOL);

    // Sending the instructions again is another transaction.
    let again = session
        .send_transaction(&[transfer_lamports(&wallet.pubkey(), &to, SOL)], &wallet, &[])
        .await
        .unwrap();
    assert_ne!(again.signature, receipt.signature);
    network.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_transactions_share_a_session() {
    let (network, session, wallet) = start_network().await;
    let to: Vec<Address> = (0..12).map(|_| Address::new_unique()).collect();
    let sends = to.iter().map(|to| {
        let session = session.clone();
        let wallet = wallet.insecure_clone();
        let instruction = transfer_lamports(&wallet.pubkey(), to, SOL / 10);
        tokio::spawn(async move {
            session.send_and_confirm(&[instruction], &wallet, &[], &SendOptions::default()).await
        })
    });
    for send in futures_util::future::join_all(sends).await {
        send.unwrap().unwrap();
    }
    network.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_transferred_and_errors_are_named() {
    let (network, session, wallet) = start_network().await;
    let owner = wallet.pubkey();
    let other = Address::new_unique();
    let (mint, account) = create_test_mint(&session, &wallet, 100).await;
    let theirs = associated_address(&other, &mint);
    let pay = |amount| -> [Instruction; 2] {
        [
            create_associated_account(&owner, &other, &mint),
            transfer_tokens(&account, &theirs, &mint, &owner, amount).unwrap(),
        ]
    };
    session.send_transaction(&pay(40), &wallet, &[]).await.unwrap();
    assert_eq!(session.fetch_token_balance(&account).await.unwrap(), 60);
    assert_eq!(session.fetch_token_balance(&theirs).await.unwrap(), 40);

    let refused = session.send_transaction(&pay(61), &wallet, &[]).await.unwrap_err();
    let error = refused.program().unwrap_or_else(|| panic!("{refused}"));
    assert_eq!(
        (error.program, error.code, error.name.as_str()),
        (token::PROGRAM, 1, "InsufficientFunds")
    );
    assert_eq!((error.instruction, error.signature), (1, None));
    assert!(!error.logs.is_empty());

    // Without a simulation the transaction lands, fails and costs its fee, with an equal error.
    let options = SendOptions { compute_units: Some(100_000), ..SendOptions::default() };
    let landed = session.send_with_options(&pay(61), &wallet, &[], &options).await.unwrap_err();
    let landed = landed.program().unwrap_or_else(|| panic!("{landed}"));
    assert_eq!((landed.name.as_str(), landed.instruction), ("InsufficientFunds", 1));
    assert!(landed.signature.is_some() && !landed.logs.is_empty());
    network.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_advise_what_to_do() {
    let (network, session, wallet) = start_network().await;
    let poor = Keypair::new();
    let to = Address::new_unique();
    let unfunded = session
        .send_transaction(&[transfer_lamports(&poor.pubkey(), &to, 1)], &poor, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(&unfunded, ClientError::Transaction { advice, .. } if advice.contains("fund")),
        "{unfunded}"
    );

    let two =
        [transfer_lamports(&wallet.pubkey(), &to, SOL), transfer_lamports(&poor.pubkey(), &to, 0)];
    let unsigned = session.send_transaction(&two, &wallet, &[]).await.unwrap_err();
    assert!(
        matches!(unsigned, ClientError::MissingSigner { address } if address == poor.pubkey()),
        "{unsigned}"
    );

    let too_much = session
        .send_transaction(&[transfer_lamports(&wallet.pubkey(), &to, 11 * SOL)], &wallet, &[])
        .await
        .unwrap_err();
    assert!(too_much.to_string().contains("fund the payer"), "{too_much}");

    let gone = Session::connect("http://127.0.0.1:1", "ws://127.0.0.1:2").await.unwrap_err();
    assert!(matches!(gone, ClientError::Unreachable { .. }), "{gone}");
    network.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmation_works_without_the_websocket() {
    let (network, _, wallet) = start_network().await;
    let session = Session::connect(&network.rpc_url(), "ws://127.0.0.1:1").await.unwrap();
    let to = Address::new_unique();
    session
        .send_transaction(&[transfer_lamports(&wallet.pubkey(), &to, SOL)], &wallet, &[])
        .await
        .unwrap();
    network.stop().await.unwrap();
}

fn stake_account(owner: Address, amount: u64) -> Stake {
    Stake {
        owner,
        position: pda::rewards::position(&owner),
        amount,
        withdrawn: 0,
        locked: 0,
        xnos: amount,
        duration_seconds: 1_209_600,
        unstaked_at: 0,
        slashed: 0,
        delegated_position: Address::default(),
        delegated_acc: 0,
        delegated_remainder: 0,
        delegated: 0,
        delegated_shares: 0,
        delegated_earning: 0,
        delegated_xnos: 0,
        delegated_duration_seconds: 0,
        commission_owed: 0,
        delegation_count: 0,
        commission_bps: 0,
        accepts_delegation: 0,
        version: 1,
        bump: 255,
        is_settling: 0,
        padding: [0; 2],
        settling_xnos: 0,
        reserved: [0; 48],
    }
}

async fn set_stake(network: &Localnet, address: Address, stake: &Stake) {
    use nosana_client::ProgramAccount;
    let account =
        Account { lamports: SOL, data: stake.to_data(), owner: staking::ID, ..Account::default() };
    network.set_account(address, account).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_read_by_type() {
    let (network, session, wallet) = start_network().await;
    let owners = [Address::new_unique(), Address::new_unique()];
    for (owner, amount) in owners.iter().zip([10, 20]) {
        set_stake(&network, pda::staking::stake(owner), &stake_account(*owner, amount)).await;
    }
    let [one, two] = owners.map(|owner| pda::staking::stake(&owner));
    assert_eq!(session.fetch_account::<Stake>(&one).await.unwrap(), stake_account(owners[0], 10));
    let mut all = session.list_accounts::<Stake>(&[]).await.unwrap();
    all.sort_by_key(|(_, stake)| stake.amount);
    assert_eq!(all, [(one, stake_account(owners[0], 10)), (two, stake_account(owners[1], 20))]);
    let of_two = session
        .list_accounts::<Stake>(&[Filter::new(Stake::OWNER_OFFSET, owners[1])])
        .await
        .unwrap();
    assert_eq!(of_two, [(two, stake_account(owners[1], 20))]);

    let missing = session.fetch_account::<Stake>(&Address::new_unique()).await.unwrap_err();
    assert!(matches!(missing, ClientError::NoAccount { what: "Stake", .. }), "{missing}");
    assert_eq!(session.find_account::<Stake>(&Address::new_unique()).await.unwrap(), None);

    let (mint, _) = create_test_mint(&session, &wallet, 1).await;
    let foreign = session.fetch_account::<Stake>(&mint).await.unwrap_err();
    assert!(
        matches!(foreign, ClientError::WrongOwner { owner, .. } if owner == token::PROGRAM),
        "{foreign}"
    );
    let other = session.fetch_account::<staking::accounts::Config>(&one).await.unwrap_err();
    assert!(matches!(other, ClientError::Decode { what: "Config", .. }), "{other}");

    let clock = session.fetch_clock().await.unwrap();
    assert!(clock.slot > 0);
    assert_eq!(clock.unix_timestamp / 100, network.unix_time().await.unwrap() / 100);
    network.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_logs_are_followed() {
    let (network, session, wallet) = start_network().await;
    let owner = Address::new_unique();
    let address = pda::staking::stake(&owner);
    let mut updates = session.subscribe_account::<Stake>(address);
    assert_eq!(timeout(WAIT_LIMIT, updates.next()).await.unwrap().unwrap().unwrap().account, None);
    set_stake(&network, address, &stake_account(owner, 7)).await;
    assert_eq!(
        timeout(WAIT_LIMIT, updates.next()).await.unwrap().unwrap().unwrap().account,
        Some(stake_account(owner, 7))
    );
    set_stake(&network, address, &stake_account(owner, 8)).await;
    assert_eq!(
        timeout(WAIT_LIMIT, updates.next()).await.unwrap().unwrap().unwrap().account,
        Some(stake_account(owner, 8))
    );

    // While the websocket is away or silent, the account is read at an interval.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("ws://{}", silent.local_addr().unwrap());
    for (websocket, amount) in [("ws://127.0.0.1:1", 9), (&*silent_url, 10)] {
        let polling = Session::connect(&network.rpc_url(), websocket).await.unwrap();
        let mut updates = polling.subscribe_account::<Stake>(address);
        let first = timeout(WAIT_LIMIT, updates.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(first.account, Some(stake_account(owner, amount - 1)));
        set_stake(&network, address, &stake_account(owner, amount)).await;
        let next = timeout(WAIT_LIMIT, updates.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(next.account, Some(stake_account(owner, amount)), "each state comes once");
    }

    let mut logged = session.subscribe_logs(token::PROGRAM);
    // Subscribing takes time, and transactions before it are not reported: send until one arrives.
    let (receipt, mut received) = loop {
        let (mint, _) = create_test_mint(&session, &wallet, 1).await;
        let account = associated_address(&wallet.pubkey(), &mint);
        let more = mint_to(&mint, &account, &wallet.pubkey(), 1).unwrap();
        let receipt = session.send_transaction(&[more], &wallet, &[]).await.unwrap();
        if let Ok(Some(first)) = timeout(Duration::from_secs(2), logged.next()).await {
            break (receipt, first);
        }
    };

    while received.signature != receipt.signature {
        received = timeout(WAIT_LIMIT, logged.next()).await.unwrap().unwrap();
    }
    assert!(!received.failed && received.events.is_empty());
    assert_eq!(received.logs, receipt.logs);
    network.stop().await.unwrap();
}
