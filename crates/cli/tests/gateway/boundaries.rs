//! What a gateway does not lead to, what it refuses, and what it answers when a job fails.

use std::time::Duration;

use nosana_client::{actions, pda};
use serde_json::{Value, json};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    fixture::{DOMAIN, GatewaySite, start_node},
    http::{MIB, chunked, sized},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_leads_to_public_ports_of_running_jobs_and_nowhere_else() {
    let mut fixture = GatewaySite::start(&[]).await;
    let host = fixture.host_of(8080);

    // Not public, not exposed, no job, no name of a job.
    let unknown = Address::new_from_array([9; 32]);
    for (name, words) in [
        (fixture.host_of(9000), "no public port 9000"),
        (fixture.host_of(22), "no public port 22"),
        (host.replace(&host[..52], &"a".repeat(52)), "does not exist: it was never listed"),
        ("example.com".to_owned(), "not one of a job and a port"),
        (DOMAIN.to_owned(), "not one of a job and a port"),
        (format!("{unknown}-8080.{DOMAIN}"), "not one of a job and a port"),
        (fixture.address.to_string(), "not one of a job and a port"),
    ] {
        let answer = fixture.get_from(&name, "/");
        assert_eq!(answer.status, 404, "{name}: {answer:?}");
        assert!(answer.text().contains(words), "{name}: {answer:?}");
    }
    assert_eq!(fixture.get_from(DOMAIN, "/health").text(), "ok\n");

    // An account that is not a job.
    let market = fixture.site.world.market;
    let not_a_job = nosana_gateway::JobHost { job: market, port: 8080 };
    assert_eq!(fixture.get_from(&format!("{not_a_job}.{DOMAIN}"), "/").status, 404);

    let public = json!([{ "port": 8080, "url": format!("https://{host}/") }]);
    assert_eq!(fixture.shown_urls(&["--gateway", DOMAIN]), public);
    assert_eq!(fixture.shown_urls(&[]), Value::Null, "no gateway is known");

    // No proxy, and no two readings of one request.
    let two_hosts = format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n");
    let elsewhere = format!("GET http://example.com/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for (request, status) in [
        ("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        (&two_hosts, 400),
        (&elsewhere, 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, x\r\n\r\n", 400),
    ] {
        let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let answer = fixture.exchange(request.as_bytes());
        assert_eq!(answer.status, status, "{request}: {answer:?}");
    }
    // Two lengths: the chunks count, and what follows is not a request.
    let inner = format!("GET /inner HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\
         \r\n0\r\n\r\n{inner}",
        5 + inner.len()
    );
    let answer = fixture.exchange(request.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.text().contains("inner"), "{answer:?}");

    // Larger than the bound, as announced and as it comes.
    let large = vec![0; 4 * MIB];
    assert_eq!(fixture.request("POST /", &sized(&large)).status, 413);
    assert_eq!(fixture.request("POST /", &chunked(&large)).status, 413);

    // What the job does wrong.
    assert_eq!(fixture.get("/garbage").status, 502);
    // The connection breaks, maybe before its first bytes are sent: never a complete answer.
    let broken = fixture.get("/broken");
    let text = broken.text();
    assert!(text.is_empty() || text == "half", "it ends before its length: {broken:?}");
    let slow = fixture.get("/slow");
    assert_eq!(slow.status, 504, "{slow:?}");

    // A node that vanished, and came back.
    fixture.node.signal("-KILL");
    fixture.node.killed().await;
    let gone = fixture.get("/");
    assert!([502, 504].contains(&gone.status), "{gone:?}");
    fixture.node = start_node(&fixture.site).await;
    fixture.wait_until_ready().await;

    fixture.stop_job().await;
    let ended = fixture.wait_for(404).await;
    assert!(ended.text().contains("has ended"), "{ended:?}");
    let metrics = fixture.metrics();
    for outcome in ["not_public", "unknown_job", "unknown_host", "too_large", "timed_out", "ended"]
    {
        let line = format!("nosana_gateway_requests_total{{outcome=\"{outcome}\"}}");
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_is_asked_for_later() {
    let fixture = GatewaySite::start(&[]).await;
    let world = &fixture.site.world;
    let drain = actions::set_draining(world.node.pubkey(), true);
    world.session.send_transaction(&[drain.into()], &world.node, &[]).await.unwrap();
    while !world.session.fetch_queue(&world.market).await.unwrap().waiting.is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let listed = fixture.site.list(77, "waits").await;
    assert_eq!(listed, pda::jobs::job(&world.client.pubkey(), 77));
    let host = nosana_gateway::JobHost { job: listed, port: 8080 };
    let answer = fixture.get_from(&format!("{host}.{DOMAIN}"), "/");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.head.contains("retry-after: ") && answer.text().contains("does not run yet"));
    fixture.end().await;
}
