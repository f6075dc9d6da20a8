//! Checks that go on after a port is ready.

use super::*;

/// An HTTP server whose `/health` fails as many times as the last `/fail/COUNT` says. `/state` says
/// whether it has succeeded since.
const FAILING_SERVER: &str = "
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    left = 0
    state = 'new'
    def do_GET(self):
        status = 200
        if self.path.startswith('/fail/'):
            Handler.left = int(self.path[6:])
            Handler.state = 'failing'
        elif self.path == '/health' and Handler.left > 0:
            Handler.left -= 1
            status = 503
        elif self.path == '/health':
            Handler.state = 'well'
        body = Handler.state.encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
class Server(http.server.HTTPServer):
    # A visitor may leave early, which the log does not need to say.
    def handle_error(self, *arguments):
        pass
Server(('0.0.0.0', 8080), Handler).serve_forever()
";

fn failing_service() -> CommandArgs {
    let check = HealthCheck::Http {
        path: "/health".to_owned(),
        method: HttpMethod::Get,
        headers: BTreeMap::new(),
        body: None,
        expected_status: 200,
        continuous: true,
    };
    let port = ExposedPort { health_checks: vec![check], ..ExposedPort::new(8080) };
    let server = ["python3", "-c", FAILING_SERVER].map(str::to_owned).to_vec();
    let serve = Step { run: StepCommand::Arguments(server), ..step("serve", "") };
    CommandArgs { steps: vec![serve], expose: vec![port], ..CommandArgs::default() }
}

async fn is_ready(link: &JobLink) -> bool {
    link.list_ports().await.unwrap()[0].is_ready
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_no_longer_ready_after_three_failures_in_a_row_and_ready_again() {
    let node = LiveNode::start().await;
    let cancel = CancelToken::default();
    let _stop = StopOnDrop(cancel.clone());
    let running = node.run(failing_service(), &cancel);
    let link = node.client_link().await;
    let mut follower = LogFollower::new(Arc::clone(&link), 0);
    read_until(&mut follower, "[node] port 8080 is ready\n").await;
    assert!(is_ready(&link).await);
    let listener = PortListener::bind(Arc::clone(&link), ANY_PORT, 8080).await.unwrap();
    let server = listener.local_addr();

    // Two failures and a success: it stays ready, and the next failures count from one.
    for _ in 0..2 {
        get(server, "/fail/2").await.unwrap();
        timeout(PATIENCE, async {
            while !get(server, "/state").await.unwrap().ends_with("well") {
                sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .expect("the checks go on");
        assert!(is_ready(&link).await);
    }

    get(server, "/fail/1000000").await.unwrap();
    let said = read_until(&mut follower, "instead of 200\n").await;
    let failed = "[node] port 8080 is no longer ready: GET /health has the status 503 instead of \
                  200\n";
    assert_eq!(said, failed, "once");
    assert!(!is_ready(&link).await);

    get(server, "/fail/0").await.unwrap();
    assert_eq!(read_until(&mut follower, "again\n").await, "[node] port 8080 is ready again\n");
    assert!(is_ready(&link).await);

    cancel.request_stop();
    running.await.unwrap();
}
