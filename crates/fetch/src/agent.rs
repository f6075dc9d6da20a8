//! The settings of requests: how long they may take, and which addresses they may reach.

use std::time::Duration;

use ureq::{Agent, config::ConfigBuilder, typestate::AgentScope, unversioned::transport};

use crate::addresses::PublicResolver;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest time without a byte.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest time until an answer begins. An IPFS node searches the network.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest time of a whole text. Without it, a byte a minute would be enough.
const TEXT_TIMEOUT: Duration = Duration::from_secs(120);

/// Which addresses requests may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those in the public internet.
    Public,
    /// All.
    All,
}

/// Returns what makes requests for files.
pub(crate) fn file_agent(reach: Reach) -> Agent {
    new_agent(new_config(), reach)
}

/// Returns what makes requests for short texts.
pub(crate) fn text_agent(reach: Reach) -> Agent {
    new_agent(new_config().timeout_global(Some(TEXT_TIMEOUT)), reach)
}

/// A proxy of the owner decides for itself which addresses it serves. Those for which `NO_PROXY`
/// makes an exception are checked here.
fn new_agent(config: ConfigBuilder<AgentScope>, reach: Reach) -> Agent {
    let config = config.build();
    match reach {
        Reach::All => Agent::new_with_config(config),
        Reach::Public => {
            let connector = transport::DefaultConnector::default();
            Agent::with_parts(config, connector, PublicResolver::default())
        }
    }
}

fn new_config() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(ANSWER_TIMEOUT))
        .timeout_per_read(Some(READ_TIMEOUT))
        .http_status_as_error(false)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        sync::mpsc::{Receiver, channel},
        thread,
    };

    use ureq::Proxy;

    use super::*;

    /// Starts a server that refuses everything. Returns its port, and the first lines of requests.
    fn start_proxy() -> (u16, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let _ = sender.send(lines.next().unwrap_or_default());
                let _ = lines.take_while(|line| !line.is_empty()).count();
                let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            }
        });
        (port, requests)
    }

    #[test]
    fn a_proxy_on_this_machine_is_asked_and_its_exceptions_are_checked() {
        let (port, requests) = start_proxy();
        let proxy = Proxy::builder(ureq::ProxyProtocol::Http)
            .host("127.0.0.1")
            .port(port)
            .no_proxy("169.254.169.254")
            .no_proxy("localhost")
            .build()
            .unwrap();
        let agent = new_agent(new_config().proxy(Some(proxy)), Reach::Public);

        let error = agent.get("https://example.org/a").call().unwrap_err().to_string();
        assert!(!error.contains("--private-sources"), "the proxy decides: {error}");
        assert_eq!(requests.recv().unwrap(), "CONNECT example.org:443 HTTP/1.1");

        let local = format!("http://localhost:{port}/a");
        for url in ["http://169.254.169.254/latest/meta-data/", &local] {
            let error = agent.get(url).call().unwrap_err().to_string();
            assert!(error.contains("--private-sources"), "{url}: {error}");
        }
        assert!(requests.try_recv().is_err(), "nothing was asked");
    }
}
