//! The two ports of a network. The servers bind them a moment after they were found free, so
//! [`crate::Localnet`] tries another pair if another process has bound one in between.

use std::{io, net::TcpListener};

use anyhow::{Context, Result, bail};

/// The interface that a network listens on: this machine only.
pub(crate) const HOST: &str = "127.0.0.1";

/// How many pairs are tried.
const PAIR_TRIES: usize = 64;

/// A JSON-RPC port and the next port for the websocket, where every Solana client expects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub rpc: u16,
    pub websocket: u16,
}

impl Ports {
    /// Returns the pair that starts at `rpc`, or any free pair if it is 0.
    pub fn choose_pair(rpc: u16) -> Result<Self> {
        if rpc == 0 { Self::find_free_pair() } else { Self::check_pair(rpc) }
    }

    fn check_pair(rpc: u16) -> Result<Self> {
        let websocket =
            rpc.checked_add(1).context("port 65535 leaves none after it for the websocket")?;

        for (port, server) in [(rpc, "JSON-RPC"), (websocket, "websocket")] {
            match TcpListener::bind((HOST, port)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
                    "port {port} on {HOST}, for the {server} server of the local network, is \
                     already in use; choose another port, or 0 for any free pair"
                ),
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot use port {port} on {HOST} for {server}"));
                }
            }
        }
        Ok(Self { rpc, websocket })
    }

    fn find_free_pair() -> Result<Self> {
        for _ in 0..PAIR_TRIES {
            let first =
                TcpListener::bind((HOST, 0)).with_context(|| format!("no free port on {HOST}"))?;
            let Some(websocket) = first.local_addr()?.port().checked_add(1) else { continue };

            if TcpListener::bind((HOST, websocket)).is_ok() {
                return Ok(Self { rpc: websocket - 1, websocket });
            }
        }
        bail!("no two consecutive ports on {HOST} are free, in {PAIR_TRIES} tries")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_pair_is_consecutive_and_free() {
        let ports = Ports::choose_pair(0).expect("a pair");
        assert_eq!(ports.websocket, ports.rpc + 1);
        assert_eq!(Ports::choose_pair(ports.rpc).expect("still free"), ports);
    }

    #[test]
    fn an_error_names_the_port_in_use() {
        let ports = Ports::choose_pair(0).expect("a pair");
        let _websocket = TcpListener::bind((HOST, ports.websocket)).expect("bind");
        let error = Ports::choose_pair(ports.rpc).expect_err("in use").to_string();
        assert!(
            error.contains(&ports.websocket.to_string()) && error.contains("websocket"),
            "{error}"
        );
    }

    #[test]
    fn the_last_port_has_no_successor() {
        assert!(Ports::choose_pair(u16::MAX).is_err());
    }
}
