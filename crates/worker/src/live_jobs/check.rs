//! One health check of a port.

use std::{io, time::Duration};

use nosana_job_spec::HealthCheck;
use nosana_net::job::PortUser;
use nosana_sandbox::PortAccess;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::spawn_blocking,
    time::timeout,
};

use super::{check_request::CheckRequest, dials::RunDials};

/// The longest time of a check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time of a check that sends a body, until its port is ready: the first answer of a
/// language model may take minutes, since the server loads the model for it, and stops to do so when
/// its client leaves.
const WORK_TIMEOUT: Duration = Duration::from_secs(300);
/// The longest first line of a response, in bytes.
const MAX_STATUS_LINE_BYTES: u64 = 256;

/// Connects to a port of a job, when there is a turn.
pub(super) async fn connect_port(
    access: PortAccess,
    port: u16,
    dials: &RunDials,
    user: PortUser,
) -> io::Result<TcpStream> {
    let turn = dials.take_turn(user).await?;

    let connected = spawn_blocking(move || {
        // Given back when the thread is free, also if the caller has left.
        let _turn = turn;
        let stream = access.connect(port)?;
        stream.set_nonblocking(true)?;
        Ok::<_, io::Error>(stream)
    });
    TcpStream::from_std(connected.await.map_err(io::Error::other)??)
}

/// Runs a check once, for at most this time. The error says what is wrong.
pub(super) async fn run_check(
    access: &PortAccess,
    port: u16,
    check: &HealthCheck,
    dials: &RunDials,
    limit: Duration,
) -> Result<(), String> {
    let checking = async {
        let connected = connect_port(access.clone(), port, dials, PortUser::Party).await;
        let stream = connected.map_err(|error| error.to_string())?;
        match check {
            HealthCheck::Tcp { .. } => Ok(()),
            HealthCheck::Http { path, method, headers, body, expected_status, .. } => {
                let body = body.as_ref();
                let request = CheckRequest { method: *method, path, headers, body };
                match request_status(stream, &request.write_bytes(port)).await {
                    Ok(status) if status == *expected_status => Ok(()),
                    Ok(status) => Err(format!(
                        "{} {path} has the status {status} instead of {expected_status}",
                        method.as_str()
                    )),
                    Err(error) => Err(format!("{} {path} fails: {error}", method.as_str())),
                }
            }
        }
    };

    timeout(limit, checking)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())))
}

/// The longest time of this check. `was_ready`: whether its port has been ready since it is reached.
pub(super) const fn find_time_limit(check: &HealthCheck, was_ready: bool) -> Duration {
    match check {
        HealthCheck::Http { body: Some(_), .. } if !was_ready => WORK_TIMEOUT,
        HealthCheck::Http { .. } | HealthCheck::Tcp { .. } => CHECK_TIMEOUT,
    }
}

/// Sends a request and returns the status of the response. Follows nothing.
async fn request_status(mut stream: TcpStream, request: &[u8]) -> io::Result<u16> {
    stream.write_all(request).await?;

    let mut line = Vec::new();
    let mut reader = stream.take(MAX_STATUS_LINE_BYTES);
    while !line.contains(&b'\n') && reader.read_buf(&mut line).await? > 0 {}

    parse_status(&line).ok_or_else(|| io::Error::other("the answer is not HTTP"))
}

fn parse_status(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = text.split(' ');
    let is_http = words.next()?.starts_with("HTTP/1.");
    words.next()?.parse().ok().filter(|_| is_http)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

    use nosana_job_spec::HttpMethod;
    use serde_json::json;
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    async fn run_once(access: &PortAccess, port: u16, check: &HealthCheck) -> Result<(), String> {
        run_check(access, port, check, &RunDials::default(), CHECK_TIMEOUT).await
    }

    /// A server that gives this answer to each request; returns what it was sent.
    async fn serve(answer: &'static str) -> (PortAccess, tokio::sync::mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let (sender, requests) = tokio::sync::mpsc::channel(9);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                let _ = sender.send(text).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (PortAccess::Published(BTreeMap::from([(80, address)])), requests)
    }

    fn http(path: &str, expected_status: u16) -> HealthCheck {
        HealthCheck::Http {
            path: path.to_owned(),
            method: HttpMethod::Get,
            headers: BTreeMap::new(),
            body: None,
            expected_status,
            continuous: false,
        }
    }

    #[tokio::test]
    async fn a_request_gets_the_expected_status_or_the_reason_is_named() {
        let (access, mut requests) = serve("HTTP/1.1 204 No Content\r\n\r\n").await;
        assert_eq!(run_once(&access, 80, &http("/up?x=1", 204)).await, Ok(()));
        let request = requests.recv().await.unwrap();
        assert!(request.starts_with("GET /up?x=1 HTTP/1.1\r\nHost: localhost:80\r\n"), "{request}");
        let failed = run_once(&access, 80, &http("/", 200)).await.unwrap_err();
        assert_eq!(failed, "GET / has the status 204 instead of 200");

        let tcp = HealthCheck::Tcp { continuous: false };
        assert_eq!(run_once(&access, 80, &tcp).await, Ok(()));
        assert!(run_once(&access, 81, &tcp).await.is_err());
    }

    #[tokio::test]
    async fn headers_and_a_body_are_sent_and_given_more_time_at_first() {
        let (access, mut requests) = serve("HTTP/1.1 200 OK\r\n\r\n").await;
        let check = HealthCheck::Http {
            path: "/v1/chat/completions".to_owned(),
            method: HttpMethod::Post,
            headers: BTreeMap::from([("X-Key".to_owned(), "a".to_owned())]),
            body: Some(json!({ "stream": false })),
            expected_status: 200,
            continuous: false,
        };
        assert_eq!(run_once(&access, 80, &check).await, Ok(()));

        let request = requests.recv().await.unwrap();
        assert!(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("\r\nX-Key: a\r\nContent-Length: 16\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"stream\":false}"), "{request}");
        assert_eq!(find_time_limit(&check, false), WORK_TIMEOUT);
        assert_eq!(find_time_limit(&check, true), CHECK_TIMEOUT, "its port was ready");
        assert_eq!(find_time_limit(&http("/", 200), false), CHECK_TIMEOUT);
    }

    #[tokio::test]
    async fn a_redirection_is_a_status_and_nothing_else() {
        let answer = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n";
        let (access, _requests) = serve(answer).await;
        assert_eq!(run_once(&access, 80, &http("/", 302)).await, Ok(()));
        let failed = run_once(&access, 80, &http("/", 200)).await.unwrap_err();
        assert!(failed.contains("302"), "{failed}");
    }

    #[tokio::test]
    async fn endless_and_other_answers_are_refused() {
        for answer in ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 ok\r\n", ""] {
            let (access, _requests) = serve(answer).await;
            let failed = run_once(&access, 80, &http("/", 200)).await.unwrap_err();
            assert!(failed.contains("not HTTP"), "{failed}");
        }
        assert_eq!(parse_status(b"HTTP/1.0 200\r\n"), Some(200));
        assert_eq!(parse_status(b"HTTP/2 200 OK\r\n"), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn connections_that_hang_leave_threads_to_others() {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        // Once the queue of a server that accepts nothing is full, further connections hang.
        let dial = || timeout(Duration::from_millis(300), TcpStream::connect(address));
        let mut queued = Vec::new();
        while let Ok(Ok(stream)) = dial().await {
            queued.push(stream);
        }

        let access = PortAccess::Published(BTreeMap::from([(80, address)]));
        let dials = Arc::new(RunDials::default());
        for number in 0..600 {
            let (access, dials) = (access.clone(), Arc::clone(&dials));
            let user = if number % 2 == 0 { PortUser::Party } else { PortUser::Visitor };
            tokio::spawn(async move {
                // The caller leaves early; the thread does not.
                timeout(Duration::from_millis(50), connect_port(access, 80, &dials, user)).await
            });
        }
        tokio::time::sleep(Duration::from_millis(300)).await;

        let other_work = timeout(Duration::from_secs(2), spawn_blocking(|| ()));
        other_work.await.expect("a thread is free").unwrap();
    }
}
