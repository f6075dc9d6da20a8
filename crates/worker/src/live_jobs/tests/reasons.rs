//! What the log says of a port that does not become ready.

use super::*;

/// An HTTP server whose `/health` has the status that the last `/set/STATUS` names, 503 at first.
/// It redirects to a file.
const STUBBORN_SERVER: &str = "
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    health = 503
    def do_GET(self):
        if self.path.startswith('/set/'):
            Handler.health = int(self.path[5:])
        self.send_response(Handler.health if self.path == '/health' else 200)
        self.send_header('Location', 'file:///etc/passwd')
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(('0.0.0.0', 8080), Handler).serve_forever()
";

/// Reads on until the log has `mark`.
async fn extend_until(log: &mut String, follower: &mut LogFollower, mark: &str) {
    while !log.contains(mark) {
        match timeout(PATIENCE, follower.next_part()).await.unwrap().unwrap() {
            LogPart::Bytes(bytes) => log.push_str(&String::from_utf8(bytes).unwrap()),
            other => panic!("{other:?} after {log}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_why_a_port_is_not_ready() {
    let node = LiveNode::start().await;
    let check = HealthCheck::Http {
        path: "/health".to_owned(),
        method: HttpMethod::Get,
        headers: BTreeMap::new(),
        body: None,
        expected_status: 200,
        continuous: false,
    };
    let server = ["python3", "-c", STUBBORN_SERVER].map(str::to_owned).to_vec();
    let serve = Step { run: StepCommand::Arguments(server), ..step("serve", "") };
    let checked = ExposedPort { health_checks: vec![check], ..ExposedPort::new(8080) };
    let args = CommandArgs {
        steps: vec![serve],
        expose: vec![checked, ExposedPort::new(9000)],
        ..CommandArgs::default()
    };
    let cancel = CancelToken::default();
    let _stop = StopOnDrop(cancel.clone());
    let running = node.run(args, &cancel);
    let link = node.client_link().await;
    let mut follower = LogFollower::new(Arc::clone(&link), 0);
    let mut log = String::new();
    let listener = PortListener::bind(Arc::clone(&link), ANY_PORT, 8080).await.unwrap();
    let server = listener.local_addr();

    let not_ready = "[node] port 8080 is not ready yet: GET /health has the status";
    let unavailable = format!("{not_ready} 503 instead of 200\n");
    extend_until(&mut log, &mut follower, &unavailable).await;

    // A redirection is followed nowhere: the log has its status.
    get(server, "/set/302").await.unwrap();
    let redirected = format!("{not_ready} 302 instead of 200\n");
    extend_until(&mut log, &mut follower, &redirected).await;
    assert!(!link.list_ports().await.unwrap()[0].is_ready);

    get(server, "/set/200").await.unwrap();
    extend_until(&mut log, &mut follower, "[node] port 8080 is ready\n").await;
    for note in [&unavailable, &redirected] {
        assert_eq!(log.matches(note.as_str()).count(), 1, "{log}");
    }

    // Nothing listens there, which the log says once.
    let closed = "[node] port 9000 is not ready yet: ";
    extend_until(&mut log, &mut follower, closed).await;
    assert_eq!(log.matches(closed).count(), 1, "{log}");

    cancel.request_stop();
    running.await.unwrap();
}
