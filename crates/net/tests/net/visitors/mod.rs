//! Visitors of public ports, who have no wallet.
//!
//! | module | purpose |
//! | --- | --- |
//! | `admission` | what visitors may use |
//! | `bounds` | how much, and for how long |
//! | `stalled_streams` | bytes that nobody reads |

mod admission;
mod bounds;
mod stalled_streams;

use std::time::Duration;

use nosana_net::forward::PortStream;
use nosana_net::job::{JobBounds, JobError, RefusalReason, VisitorBounds};
use nosana_net::logs::{LogBounds, LogBuffer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{ADMISSION_TIMEOUT, JobNode, loopback_endpoint};

const PATIENCE: Duration = Duration::from_secs(10);

/// A node whose job has a server of echoes at the public port 9000, and at 8080, which is not.
async fn start_node() -> JobNode {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = tcp.split();
                if tokio::io::copy(&mut read, &mut write).await.is_ok() {
                    let _ = write.shutdown().await;
                }
            });
        }
    });

    let node = JobNode::start(new_log()).await;
    [9000, 8080].iter().for_each(|port| node.expose(*port, address));
    node
}

fn new_log() -> LogBuffer {
    let log = LogBuffer::new(LogBounds::default());
    log.append(b"secret");
    log
}

fn refusal(result: Result<PortStream, JobError>) -> RefusalReason {
    match result {
        Err(JobError::Refused { reason, .. }) => reason,
        other => panic!("{other:?} is not refused"),
    }
}

/// A node whose job runs `serve` for each connection to the public port 9000.
async fn start_serving<F, Fut>(visitors: VisitorBounds, serve: F) -> JobNode
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(serve(tcp));
        }
    });

    let bounds =
        JobBounds { visitors, admission_timeout: ADMISSION_TIMEOUT, ..JobBounds::default() };
    let node = JobNode::start_bounded(loopback_endpoint().await, new_log(), bounds);
    node.expose(9000, address);
    node
}

/// Ends when the other side breaks or ends.
async fn wait_until_cut(stream: &mut PortStream) {
    let mut bytes = [0; 1_000];
    while let Ok(1..) = stream.read(&mut bytes).await {}
}

async fn hold(tcp: TcpStream) {
    let _tcp = tcp;
    std::future::pending::<()>().await;
}
