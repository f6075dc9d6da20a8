//! Clients that wait: what they give the node of their job, and how soon they have its result.

use nosana_client::jobs::accounts::Job;
use tokio::time::{sleep, timeout};

use super::*;

/// Longest time from a result on the chain to the client who waits for it.
const MAX_RESULT_DELAY: Duration = Duration::from_secs(1);
/// What a client says that has found no holder.
const NO_HOLDER: &str = "keeps the definition: ";

/// The job that this client has listed.
pub async fn find_listed(client: &NodeProcess) -> Address {
    let begun = Instant::now();

    loop {
        let address = client.log().lines().find_map(|line| line.trim().parse::<Address>().ok());
        if let Some(address) = address {
            return address;
        }
        assert!(begun.elapsed() < EVENT_TIMEOUT, "it lists no job:\n{}", client.log());
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the client has what the job printed, and checks that no node gave the job back.
pub async fn assert_served(site: &Site, mut client: NodeProcess, address: Address, printed: &str) {
    assert!(client.ended().await.success(), "{}", client.log());
    assert!(client.log().contains(printed), "{}", client.log());

    let job = site.settled(address).await;
    assert_eq!(job.refusals, 0, "a node gave the job back: {}", client.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_gives_the_node_what_no_holder_keeps() {
    let site = Site::start(60, 0).await;
    let [other, third] = [site.another_owner().await, site.another_owner().await];
    let _holder = start_holder(&site, &other, &["--hold", "0"]).await;

    // The node comes later, and has no room for others either.
    let input = site.machine("client.txt");
    fs::write(&input, "brought by its client\n").unwrap();
    let input = format!("{}:in.txt", input.display());
    let run = job(&site, "run", &["--yes", "--wait", "--input", &input, "--", "cat in.txt"]);
    let client = site.start_node(run);
    client.says(NO_HOLDER).await;
    let address = find_listed(&client).await;
    let mut node = start_node_with(&site, "node", &site.world.node, &["--hold", "0"]).await;
    assert_served(&site, client, address, "brought by its client").await;
    node.leaves().await;

    // So does a client who went away and waits again.
    let listed = done(job(&site, "run", &["--yes", "--", "echo $((40 + 2)) again"]));
    let address: Address = listed.trim().parse().unwrap();
    let client = site.start_node(job(&site, "wait", &[&address.to_string()]));
    client.says(NO_HOLDER).await;
    let mut node = start_node(&site, "third", &third).await;
    assert_served(&site, client, address, "42 again").await;
    node.leaves().await;

    site.world.stop().await.unwrap();
}

/// How long a client who waits gets a result after the chain has it.
async fn measure_result(site: &Site, number: u32) -> Duration {
    // The command itself does not contain what it prints.
    let line = format!("echo \"the result is $(({number} + 1000))\"");
    let result = format!("the result is {}", number + 1_000);
    let mut client = site.start_node(job(site, "run", &["--yes", "--wait", "--", &line]));
    let address = find_listed(&client).await;

    let mut updates = site.world.session.subscribe_account::<Job>(address);
    let finishing = async {
        loop {
            let update = updates.next().await.unwrap().unwrap();
            if update.account.is_some_and(|job| job.result != [0; 32]) {
                return Instant::now();
            }
        }
    };
    let printing = async {
        while !client.log().contains(&result) {
            sleep(Duration::from_millis(5)).await;
        }
        Instant::now()
    };
    let measuring = async { tokio::join!(finishing, printing) };
    let (finished, printed) = timeout(EVENT_TIMEOUT, measuring).await.unwrap();

    assert!(client.ended().await.success(), "{}", client.log());
    printed.saturating_duration_since(finished)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_at_a_live_client_within_a_second() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site, "node", &site.world.node).await;

    // The one in the middle: other tests use the same processors.
    let mut delays = Vec::new();
    for number in 0..3 {
        delays.push(measure_result(&site, number).await);
    }
    delays.sort_unstable();
    assert!(delays[1] <= MAX_RESULT_DELAY, "results came so long after `finish`: {delays:?}");

    node.leaves().await;
    site.world.stop().await.unwrap();
}
