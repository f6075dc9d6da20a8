//! Whom a node asks by the accounts that it reads.

use super::*;

fn zeroed<T: ProgramAccount>(size: usize) -> T {
    T::from_data(&[T::DISCRIMINATOR, &vec![0; size - 8]].concat()).unwrap()
}

/// Twenty nodes in the order of a job. The last four are its own node and those with a seat in the
/// dispute about its result, of which one asks. Returns the order, and who is asked in this state.
async fn find_asked(state: State) -> (Vec<Address>, Vec<Address>) {
    let job = Address::new_from_array([99; 32]);
    let nodes = (1..=20).map(|number| Address::new_from_array([number; 32]));
    let order = rank_holders(&job, nodes);

    let attempt_id = 7;
    let account = Job { state: state as u8, node: order[16], attempt_id, ..zeroed(Job::SIZE) };
    let mut dispute: Dispute = zeroed(Dispute::SIZE);
    for (seat, node) in dispute.seats.iter_mut().zip(&order[17..]) {
        seat.node = *node;
        seat.state = SeatState::Claimed as u8;
    }
    let accounts = vec![
        TestAccount::of_job(job, &account),
        TestAccount::of_dispute(pda::jobs::dispute(&job, attempt_id), &dispute),
    ];

    let session = Session::new(&start_chain(accounts), "ws://127.0.0.1:1");
    let endpoint = loopback_endpoint().await;
    let address = endpoint.address().unwrap();
    let entries =
        order.iter().map(|node| NodeEntry { node: *node, address: address.clone() }).collect();
    let mut exchange = ContentExchange::new(endpoint, session.clone(), Some(order[18]));
    exchange.directory = NodeDirectory::of_nodes(session, entries);
    let asked = exchange.find_candidates(&job, Duration::MAX).await.unwrap();
    (order, asked.into_iter().map(|entry| entry.node).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_lacks_an_object_does_not_end_the_search() {
    let lacking = start_holder(1, 0).await;
    let preferred = PreferredPeers::default();
    let bounds = ContentBounds { transfers: 0, ..ContentBounds::default() };
    let own = start_bounded(2, 0, bounds, preferred.clone()).await;

    let job = Address::new_from_array([99; 32]);
    let state = State::Submitted as u8;
    let account = Job { state, node: own.entry.node, ..zeroed(Job::SIZE) };
    let chain = start_chain(vec![TestAccount::of_job(job, &account)]);
    let session = Session::new(&chain, "ws://127.0.0.1:1");
    let endpoint = loopback_endpoint().await;
    let mut exchange = ContentExchange::new(endpoint.clone(), session.clone(), None);
    let entries = vec![lacking.entry.clone(), own.entry.clone()];
    exchange.directory = NodeDirectory::of_nodes(session, entries);

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = own.store.put(CONTENT).unwrap();
    tokio::spawn(async move {
        sleep(Duration::from_secs(1)).await;
        preferred.set_peers([endpoint.id()]);
    });
    let until = Instant::now() + Duration::from_secs(10);
    exchange.fetch_content(&job, (&store, None), id, 1_000, until).await.unwrap();
    assert_eq!(store.get(&id, 1_000).unwrap(), CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_does_not_stretch_the_time_of_a_search() {
    // Connections are accepted, and nobody reads from them.
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    let session = Session::new(&url, "ws://127.0.0.1:1");
    let exchange = ContentExchange::new(loopback_endpoint().await, session, None);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    let (job, missing) = (Address::new_from_array([99; 32]), ContentId::from_digest([9; 32]));
    let begun = Instant::now();
    let until = begun + Duration::from_secs(2);
    let fetched = exchange.fetch_content(&job, (&store, None), missing, 1_000, until).await;
    assert!(matches!(fetched, Err(ExchangeError::ChainSilent)), "{fetched:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panelist_asks_the_others_of_its_panel() {
    let (order, asked) = find_asked(State::Challenged).await;
    assert_eq!(asked[..3], [order[16], order[17], order[19]]);
    assert_eq!(asked[3..], order[..ASKED_HOLDERS]);

    let (order, asked) = find_asked(State::Submitted).await;
    assert_eq!(asked[0], order[16]);
    assert_eq!(asked[1..], order[..ASKED_HOLDERS], "nobody has a seat");
}
