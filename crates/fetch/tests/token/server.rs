//! A web server that remembers who shows a token.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What a path leads to.
#[derive(Clone)]
enum Answer {
    Content(Vec<u8>),
    Redirection(String),
}

/// The paths of a server, and the requests that it got, with their `Authorization`.
#[derive(Default)]
struct State {
    answers: BTreeMap<String, Answer>,
    requests: Vec<(String, Option<String>)>,
}

/// A web server, until the end of the process.
pub struct Server {
    pub origin: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();

        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (path, authorization) = read_request(&stream);
                let answer = {
                    let mut state = served.lock().unwrap();
                    state.requests.push((path.clone(), authorization));
                    state.answers.get(&path).cloned()
                };
                // The client may go before it has everything.
                let _ = send_answer(stream, answer);
            }
        });
        Self { origin, state }
    }

    pub fn put(&self, path: &str, content: &[u8]) {
        self.answer(path, Answer::Content(content.to_vec()));
    }

    pub fn redirect(&self, path: &str, url: String) {
        self.answer(path, Answer::Redirection(url));
    }

    fn answer(&self, path: &str, answer: Answer) {
        self.state.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    /// The different values of `Authorization` with which a path was requested.
    pub fn list_authorizations(&self, path: &str) -> BTreeSet<Option<String>> {
        let state = self.state.lock().unwrap();
        let made = state.requests.iter().filter(|(requested, _)| requested == path);
        made.map(|(_, authorization)| authorization.clone()).collect()
    }
}

fn read_request(stream: &TcpStream) -> (String, Option<String>) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();

    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let authorization = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("authorization").then(|| value.trim().to_owned())
    });
    (path.to_owned(), authorization)
}

fn send_answer(mut stream: TcpStream, answer: Option<Answer>) -> io::Result<()> {
    let (status, content) = match answer {
        Some(Answer::Content(content)) => ("200 OK".to_owned(), content),
        Some(Answer::Redirection(url)) => (format!("302 Found\r\nLocation: {url}"), Vec::new()),
        None => ("404 Not Found".to_owned(), Vec::new()),
    };
    let length = content.len();
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")?;
    stream.write_all(&content)
}
