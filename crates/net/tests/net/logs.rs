//! Logs of jobs over real connections.

use std::time::Duration;

use nosana_net::access::{PortRights, Rights};
use nosana_net::job::{JobError, RefusalReason};
use nosana_net::logs::{LogBounds, LogBuffer, LogFollower, LogPart};
use tokio::time::{sleep, timeout};

use crate::fixture::{JobNode, sample_bytes};

async fn read_to_end(mut follower: LogFollower) -> (Vec<u8>, u64) {
    let mut bytes = Vec::new();
    let mut lost = 0;

    loop {
        match follower.next_part().await.unwrap() {
            LogPart::Bytes(part) => bytes.extend(part),
            LogPart::Gap(count) => lost += count,
            LogPart::End => return (bytes, lost),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_readers_follow_a_log_from_its_start() {
    let log = LogBuffer::new(LogBounds::default());
    let node = JobNode::start(log.clone()).await;
    log.append(b"before; ");

    let mut readers = Vec::new();
    for _ in 0..5 {
        let follower = LogFollower::new(node.link().await, 0);
        readers.push(tokio::spawn(read_to_end(follower)));
    }
    for i in 0..20 {
        sleep(Duration::from_millis(10)).await;
        log.append(format!("line {i}; ").as_bytes());
    }
    log.complete();

    let lines: String = (0..20).map(|i| format!("line {i}; ")).collect();
    for reader in readers {
        let (bytes, lost) = timeout(Duration::from_secs(10), reader).await.unwrap().unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), format!("before; {lines}"));
        assert_eq!(lost, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_loses_the_middle_and_stops_nobody() {
    let bounds = LogBounds { head_bytes: 100_000, tail_bytes: 200_000 };
    let log = LogBuffer::new(bounds);
    let node = JobNode::start(log.clone()).await;
    let mut follower = LogFollower::new(node.link().await, 0);
    log.append(b"0");
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b"0".to_vec()));

    // More than all windows between them, while the reader reads nothing.
    let content = sample_bytes(40_000_000);
    for chunk in content.chunks(10_000) {
        log.append(chunk);
        tokio::task::yield_now().await;
    }
    sleep(Duration::from_millis(300)).await;
    log.append(&content);
    log.complete();

    let (bytes, lost) = timeout(Duration::from_secs(30), read_to_end(follower)).await.unwrap();
    assert!(lost > 20_000_000, "{lost}");
    assert_eq!(1 + bytes.len() as u64 + lost, log.written_bytes());
    assert!(bytes.starts_with(&content[..90_000]), "the beginning is whole");
    assert!(bytes.ends_with(&content[content.len() - 200_000..]), "the end is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_continues_after_its_line_was_cut() {
    let log = LogBuffer::new(LogBounds::default());
    let mut node = JobNode::start(log.clone()).await;
    let mut follower = LogFollower::new(node.link().await, 0);
    log.append(b"one ");
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b"one ".to_vec()));

    node.listener = None;
    log.append(b"two ");
    sleep(Duration::from_millis(200)).await;
    node.accept_connections();
    log.append(b"three");
    log.complete();

    let read = timeout(Duration::from_secs(15), read_to_end(follower)).await.unwrap();
    assert_eq!(read, (b"two three".to_vec(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_opens_the_logs_until_it_expires() {
    let log = LogBuffer::new(LogBounds::default());
    let node = JobNode::start(log.clone()).await;
    log.append(b"shared");
    let rights = Rights::new(true, PortRights::Only(vec![])).unwrap();

    let link = node.link_as(std::sync::Arc::new(node.grant(rights, 3))).await;
    let mut follower = LogFollower::new(link, 0);
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b"shared".to_vec()));

    // The stream is cut, and the next opening is refused.
    let next = timeout(Duration::from_secs(8), follower.next_part()).await.unwrap();
    match next {
        Err(JobError::Refused { reason: RefusalReason::Credential, detail }) => {
            assert!(detail.contains("expired"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_again_is_followed_from_the_beginning_of_its_new_log() {
    let mut node = JobNode::start(LogBuffer::new(LogBounds::default())).await;
    let mut follower = LogFollower::new(node.link().await, 0);
    node.host.log.append(b"first run, which is longer");
    let LogPart::Bytes(first) = follower.next_part().await.unwrap() else { panic!() };
    assert_eq!(first, b"first run, which is longer");

    node.listener = None;
    node.host.log = LogBuffer::new(LogBounds::default());
    node.host.log.append(b"second run");
    node.host.log.complete();
    node.accept_connections();

    let next = timeout(Duration::from_secs(15), follower.next_part()).await.unwrap().unwrap();
    assert_eq!(next, LogPart::Bytes(b"second run".to_vec()));
    assert_eq!((follower.restarts(), follower.position()), (1, 10));
    let read = timeout(Duration::from_secs(15), read_to_end(follower)).await.unwrap();
    assert_eq!(read, (Vec::new(), 0));
}
