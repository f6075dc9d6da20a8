//! A web server with files at certain paths.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The files by path, and the paths that were requested.
#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
}

pub struct WebFiles {
    pub origin: String,
    state: Arc<Mutex<State>>,
}

impl WebFiles {
    /// Serves until the end of the process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();

        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let path = read_path(&stream);
                let content = {
                    let mut state = served.lock().unwrap();
                    state.requests.push(path.clone());
                    state.files.get(&path).cloned()
                };
                // The client may go before it has everything.
                let _ = answer(stream, content);
            }
        });
        Self { origin, state }
    }

    pub fn put(&self, path: &str, content: &[u8]) {
        self.state.lock().unwrap().files.insert(path.to_owned(), content.to_vec());
    }

    pub fn count_requests(&self, path: &str) -> usize {
        self.state.lock().unwrap().requests.iter().filter(|made| *made == path).count()
    }
}

fn read_path(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = lines.first().and_then(|line| line.split(' ').nth(1));
    path.unwrap_or_default().to_owned()
}

fn answer(mut stream: TcpStream, content: Option<Vec<u8>>) -> std::io::Result<()> {
    let Some(content) = content else {
        return write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    let length = content.len();
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")?;
    stream.write_all(&content)
}
