//! What visitors use a public port for: requests and answers of all kinds, events, WebSockets.

use crate::{
    fixture::GatewaySite,
    http::{MIB, chunked, sized},
    streams::{assert_events, open_echo},
};

#[tokio::test(flavor = "multi_thread")]
async fn visitors_use_a_public_port_by_http_websockets_and_events() {
    let fixture = GatewaySite::start(&[]).await;
    let host = fixture.host_of(8080);

    // A name in capitals, and the headers that the job sees.
    let answer = fixture.get_from(&format!("{}:8088", host.to_ascii_uppercase()), "/a?b=c");
    assert_eq!((answer.status, answer.text().as_str()), (200, "the path is /a?b=c"));
    assert!(answer.head.contains("x-service: yes"), "{}", answer.head);
    let claimed = "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nKeep-Alive: x\r\n\
                   X_Forwarded_For: 6.6.6.6\r\nX_Real_IP: 6.6.6.6\r\n\r\n";
    let seen = fixture.request("GET /headers", claimed.as_bytes());
    assert!(!seen.text().contains("6.6.6.6"), "{}", seen.text());
    let seen: Vec<(String, String)> = serde_json::from_slice(&seen.body).unwrap();
    let value = |name: &str| {
        let mut found = seen.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| value.clone());
        assert!(found.next().is_none(), "{name} is there twice");
        first
    };
    assert_eq!(value("x-forwarded-for").unwrap(), "127.0.0.1");
    assert_eq!(value("x-forwarded-proto").unwrap(), "http");
    assert_eq!(value("host").unwrap(), host);
    assert_eq!((value("x-real-ip"), value("keep-alive")), (None, None));

    // Both ways, with a length and in chunks.
    let answer = fixture.get(&format!("/bytes/{MIB}"));
    assert!(answer.status == 200 && answer.body == vec![b'x'; MIB], "{}", answer.head);
    let body: Vec<u8> = (0..MIB).map(|index| (index % 251) as u8).collect();
    let digest = "POST /";
    let by_length = fixture.request(digest, &sized(&body));
    let by_chunks = fixture.request(digest, &chunked(&body));
    assert_eq!((by_length.status, by_length.body.len()), (200, 64), "{by_length:?}");
    assert_eq!(by_length.text(), by_chunks.text());
    // A search that is a GET with a body.
    assert_eq!(fixture.request("GET /body", &chunked(&body)).text(), by_chunks.text());
    assert_eq!(fixture.request("GET /body", &sized(&body)).text(), by_chunks.text());
    // The service answers before it has read the body, and closes.
    let refused = fixture.request("POST /refuse", &sized(&body));
    assert_eq!((refused.status, refused.text().as_str()), (413, "no!"), "{refused:?}");
    assert!(refused.head.contains("x-service: yes"), "{refused:?}");

    assert_events(fixture.connect(), &host);

    let mut socket = open_echo(fixture.address, &host).await;
    let open = fixture.metrics();
    assert!(open.contains("nosana_gateway_websockets 1"), "{open}");
    socket.close(None).await.unwrap();

    fixture.end().await;
}
