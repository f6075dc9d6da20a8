//! HTTP by hand: bodies of requests, and answers.

use std::{io::Read, net::TcpStream};

pub const MIB: usize = 1 << 20;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A reset after the answer loses nothing of it.
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or_default();
        let body = bytes.get(end + 4..).unwrap_or_default().to_vec();
        Self { status, head: head.to_ascii_lowercase(), body }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The bytes of a body in chunks, after the head.
pub fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"Transfer-Encoding: chunked\r\n\r\n".to_vec();
    for part in body.chunks(10_000) {
        bytes.extend(format!("{:x}\r\n", part.len()).into_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

pub fn sized(body: &[u8]) -> Vec<u8> {
    [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}
