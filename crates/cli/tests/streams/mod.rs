//! What needs an open connection to the service of `service.py`: events, and a WebSocket.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// Reads the service's events. The first one arrives long before the response ends.
pub fn assert_events(mut stream: TcpStream, host: &str) {
    let begun = Instant::now();
    write!(stream, "GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();

    let mut seen = String::new();
    let mut part = [0; 1_000];
    while !seen.contains("data: 0") {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());

    let mut rest = Vec::new();
    // A reset after the answer loses nothing of it.
    let _ = stream.read_to_end(&mut rest);
    let rest = String::from_utf8_lossy(&rest).into_owned();
    assert!(rest.contains("data: 2"), "{rest}");
}

/// Opens a WebSocket to the service, by a client that others wrote, and gets back what it sends.
pub async fn open_echo(address: SocketAddr, host: &str) -> WebSocketStream<tokio::net::TcpStream> {
    let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = client_async(format!("ws://{host}/socket"), tcp).await.unwrap();

    for text in ["hello".to_owned(), "long ".repeat(1_000)] {
        socket.send(Message::text(text.clone())).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(text));
    }
    socket
}
