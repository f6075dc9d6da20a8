//! How much one visitor can use, how much all of them, and who counts as one.

use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    fixture::{GatewaySite, MAX_PER_VISITOR},
    http::Answer,
};

/// The gateway's own bound.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_cannot_take_everything() {
    let bounds = ["--max-connections", "20", "--max-per-job", "4", "--max-wait", "1"];
    let fixture = GatewaySite::start(&bounds).await;
    let host = fixture.host_of(8080);
    let get = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

    // Heads that never end: while a visitor has as many as it may, another connection of its is
    // refused. The gateway closes them after a while, and serves others meanwhile.
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..MAX_PER_VISITOR).map(|_| fixture.connect()).collect();
    for stream in &mut slow {
        write!(stream, "GET / HTTP/1.1\r\nHost: ").unwrap();
    }
    let refused = Answer::read(fixture.connect());
    assert_eq!(refused.status, 429, "{refused:?} after {:?}", begun.elapsed());
    assert!(refused.head.contains("retry-after"), "{refused:?}");
    let other = fixture.connect_from(2).await;
    assert_eq!(fixture.exchange_on(other, get.as_bytes()).status, 200);

    while begun.elapsed() < HEAD_TIMEOUT - Duration::from_secs(3) {
        slow.iter_mut().for_each(|stream| _ = stream.write_all(b"x"));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for stream in slow {
        let _ = Answer::read(stream);
    }
    assert!(begun.elapsed() < HEAD_TIMEOUT * 2, "{:?}", begun.elapsed());

    // One visitor has a quarter of a job, and all of them have all of it.
    let request = format!("GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut busy = vec![fixture.connect_from(2).await];
    busy[0].write_all(request.as_bytes()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut second = fixture.connect_from(2).await;
    second.write_all(request.as_bytes()).unwrap();
    assert_eq!(Answer::read(second).status, 429);
    for last in 3..6 {
        let mut stream = fixture.connect_from(last).await;
        stream.write_all(request.as_bytes()).unwrap();
        busy.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let full = fixture.get("/");
    assert!(full.status == 503 && full.text().contains("this job"), "{full:?}");
    for stream in busy {
        let _ = Answer::read(stream);
    }
    fixture.wait_until_ready().await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_says_who_its_visitor_is() {
    let fixture = GatewaySite::start(&["--trust-proxy", "127.0.0.1", "--max-wait", "3"]).await;
    let forwarded = "X-Forwarded-For: 6.6.6.6, 198.51.100.7\r\nX-Forwarded-Proto: https\r\n\r\n";
    let seen = fixture.request("GET /headers", forwarded.as_bytes());
    let seen: Value = serde_json::from_slice(&seen.body).unwrap();
    let seen = seen.to_string().to_ascii_lowercase();
    assert!(seen.contains("[\"x-forwarded-for\",\"198.51.100.7\"]"), "{seen}");
    assert!(seen.contains("[\"x-forwarded-proto\",\"https\"]"), "{seen}");

    // Its connections are not those of one visitor, but each visitor has a bound.
    let proxy: Vec<TcpStream> = (0..=MAX_PER_VISITOR).map(|_| fixture.connect()).collect();
    assert_eq!(fixture.get("/").status, 200);
    drop(proxy);
    let host = fixture.host_of(8080);
    let ask = |visitor: &str| {
        let mut stream = fixture.connect();
        let head = format!("GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        write!(stream, "{head}X-Forwarded-For: {visitor}\r\n\r\n").unwrap();
        stream
    };
    let busy: Vec<TcpStream> = (0..MAX_PER_VISITOR).map(|_| ask("198.51.100.7")).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let other = ask("198.51.100.8");
    assert_eq!(Answer::read(ask("198.51.100.7")).status, 429);
    // A request that is not served at once waits for its turn.
    assert_eq!(Answer::read(ask("198.51.100.7")).status, 200);
    assert_eq!(Answer::read(other).status, 200);
    drop(busy);
    fixture.end().await;
}
