//! A web server that answers a few requests in a given way.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// One answer. The last one is given to all further requests, too.
#[derive(Clone)]
pub struct Served {
    content: Option<Vec<u8>>,
    cut_after: Option<usize>,
    has_ranges: bool,
    has_length: bool,
}

/// A request that was made.
#[derive(Clone)]
pub struct Request {
    pub target: String,
    /// The first requested byte.
    pub range: Option<usize>,
}

pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Served {
    pub fn new(content: &[u8]) -> Self {
        Self {
            content: Some(content.to_vec()),
            cut_after: None,
            has_ranges: true,
            has_length: true,
        }
    }

    pub fn missing() -> Self {
        Self { content: None, ..Self::new(b"") }
    }

    /// Closes the connection after so many bytes.
    pub fn cut_after(self, bytes: usize) -> Self {
        Self { cut_after: Some(bytes), ..self }
    }

    pub fn without_ranges(self) -> Self {
        Self { has_ranges: false, ..self }
    }

    pub fn without_length(self) -> Self {
        Self { has_length: false, ..self }
    }

    fn answer(&self, stream: &mut TcpStream, range: Option<usize>) -> std::io::Result<()> {
        let Some(content) = &self.content else {
            return write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        };
        let start = range.filter(|_| self.has_ranges).unwrap_or(0);
        if start > 0 && start >= content.len() {
            let status = "416 Range Not Satisfiable";
            return write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        }

        let rest = &content[start..];
        let status = if start > 0 { "206 Partial Content" } else { "200 OK" };
        write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n")?;
        if start > 0 {
            let (last, total) = (content.len() - 1, content.len());
            write!(stream, "Content-Range: bytes {start}-{last}/{total}\r\n")?;
        }
        if self.has_length {
            write!(stream, "Content-Length: {}\r\n", rest.len())?;
        }
        write!(stream, "\r\n")?;
        stream.write_all(&rest[..self.cut_after.unwrap_or(rest.len()).min(rest.len())])
    }
}

impl Server {
    pub fn start(answers: Vec<Served>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<Request>>>::default();

        let made = Arc::clone(&requests);
        thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { continue };
                let request = read_request(&stream);
                let range = request.range;
                made.lock().unwrap().push(request);
                // The client may have gone.
                let _ = answers[index.min(answers.len() - 1)].answer(&mut stream, range);
            }
        });
        Self { port, requests }
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("{}/model.gguf", self.origin())
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Request {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    // Everything is read: closing a connection with unread bytes resets it.
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();

    let target = lines.first().and_then(|first| first.split(' ').nth(1)).unwrap_or_default();
    let range = lines.iter().find_map(|line| {
        line.to_lowercase().strip_prefix("range: bytes=")?.trim_end_matches('-').parse().ok()
    });
    Request { target: target.to_owned(), range }
}
