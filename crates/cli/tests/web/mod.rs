//! A web server with a few files.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

pub struct WebServer {
    port: u16,
    /// The paths that were requested.
    requests: Arc<Mutex<Vec<String>>>,
}

impl WebServer {
    /// Serves these files until the end of the process.
    pub fn start(files: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<String>>>::default();

        let made = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let path = read_path(&stream);
                let content = &files[file_index(&path)];
                made.lock().unwrap().push(path);
                // The client may go before it has everything.
                let _ = send_file(stream, content);
            }
        });
        Self { port, requests }
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn url(&self, index: usize) -> String {
        format!("{}/{index}.gguf", self.origin())
    }

    pub fn paths(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn count_requests(&self, index: usize) -> usize {
        self.paths().iter().filter(|path| file_index(path) == index).count()
    }
}

/// The number of a file: its name without the ending.
fn file_index(path: &str) -> usize {
    path.rsplit('/').next().unwrap().trim_end_matches(".gguf").parse().unwrap()
}

fn read_path(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    lines[0].split(' ').nth(1).unwrap().to_owned()
}

fn send_file(mut stream: TcpStream, content: &[u8]) -> std::io::Result<()> {
    let length = content.len();
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")?;
    stream.write_all(content)
}
