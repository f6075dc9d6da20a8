//! Clients that leave, many clients, and the end of a server.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    events::post_stream,
    server::{CHAT_MODEL, TestServer},
};

const PATH: &str = "/v1/chat/completions";

/// A chat whose answer takes long: most words repeat without an end.
fn long_chat(max_tokens: usize, is_streamed: bool) -> Value {
    json!({
        "model": CHAT_MODEL,
        "messages": [{ "role": "user", "content": "Count from one to ten thousand in words." }],
        "max_tokens": max_tokens,
        "temperature": 0,
        "stop": [],
        "stream": is_streamed,
    })
}

/// Sends a request on a connection of its own, which a test can leave.
fn send_request(server: &TestServer, body: &Value) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    let body = body.to_string();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    stream
}

/// Waits until a condition holds.
fn wait_until(what: &str, is_met: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_met() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_client_that_leaves_frees_its_sequence() {
    let server = TestServer::for_chats();
    for is_streamed in [true, false] {
        let left = send_request(&server, &long_chat(4_000, is_streamed));
        wait_until("the answer runs", || server.count("running") == 1);
        drop(left);
        wait_until("the answer ended", || server.count("running") == 0);
    }

    let metrics = server.get("/metrics").text;
    let line = "nosana_serve_requests_total{endpoint=\"chat\",status=\"499\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    let usage = server.stop();
    assert!(usage.generated_tokens > 0 && usage.generated_tokens < 4_000, "{usage:?}");
    assert_eq!((usage.requests, usage.failed_requests), (2, 0));
}

#[test]
fn twenty_chats_at_once_have_the_answers_that_they_have_alone() {
    let server = TestServer::for_chats();
    let ask = |number: usize| {
        let question = format!("Describe the number {number}.");
        let body = json!({
            "model": CHAT_MODEL, "messages": [{ "role": "user", "content": question }],
            "max_tokens": 12, "temperature": 0,
        });
        server.post(PATH, &body).success()["choices"][0]["message"]["content"].clone()
    };
    let alone = [0, 7, 19].map(|number| (number, ask(number)));

    let together: Vec<Value> = thread::scope(|scope| {
        let clients: Vec<_> = (0..20).map(|number| scope.spawn(move || ask(number))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    for (number, answer) in alone {
        assert_eq!(together[number], answer);
    }
    assert_eq!(server.stop().requests, 23);
}

#[test]
fn more_requests_than_may_wait_are_refused_for_a_while() {
    let server = TestServer::for_chats();
    let prompts = vec!["Once upon a time"; 64];
    let body = json!({
        "model": CHAT_MODEL, "prompt": prompts, "max_tokens": 2_000, "temperature": 0,
        "stream": true,
    });
    let body = &body;

    thread::scope(|scope| {
        let mut running = Vec::new();
        for _ in 0..5 {
            running.push(post_stream(&server, "/v1/completions", body).take(1));
            if server.count("waiting") + 64 > 256 {
                break;
            }
        }
        let refused = scope.spawn(|| server.post("/v1/completions", body)).join().unwrap();
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert_eq!(refused.headers["retry-after"], "5");
        assert_eq!(refused.json()["error"]["code"], "rate_limit_exceeded");
    });
    wait_until("nothing waits", || server.count("waiting") == 0);
    assert_eq!(server.stop().failed_requests, 1);
}

#[test]
fn a_server_that_ends_ends_running_streams() {
    let mut server = TestServer::for_chats();
    let mut events = post_stream(&server, PATH, &long_chat(6_000, true));
    events.next().unwrap();
    let whole = send_request(&server, &long_chat(6_000, false));
    let idle = TcpStream::connect(server.address).unwrap();
    wait_until("both run", || server.count("running") == 2);

    let start = Instant::now();
    server.begin_stop();
    let last = events.last().unwrap();
    assert_eq!(last["error"]["code"], "shutting_down", "{last}");
    for (mut stream, expected) in [(whole, "HTTP/1.1 503"), (idle, "")] {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with(expected), "{text}");
    }
    let usage = server.join();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!((usage.requests, usage.failed_requests), (2, 2));
    assert!(usage.generated_tokens > 0);
}

#[test]
fn a_server_that_ends_lets_short_requests_end() {
    let mut server = TestServer::for_chats_alone();
    let mut events = post_stream(&server, PATH, &long_chat(2, true));
    // The opening part, then the first of two tokens.
    events.nth(1).unwrap();
    server.begin_stop();
    assert!(events.last().unwrap().is_null(), "it ends with [DONE]");
    assert_eq!(server.join().failed_requests, 0);
}
