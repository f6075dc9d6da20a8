//! The two ports of a network. The servers bind them a moment after they were found free, so
//! [`crate::Localnet`] tries another pair when somebody else was faster.

use std::{io, net::TcpListener};

use anyhow::{Context, Result, bail};

/// The interface that a network listens on: this machine only.
pub(crate) const HOST: &str = "127.0.0.1";

/// How many pairs are tried before giving up.
const TRIES: usize = 64;

/// A JSON-RPC port and the websocket's port right after it, where every Solana client expects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub rpc: u16,
    pub websocket: u16,
}

impl Ports {
    /// The pair that starts at `rpc`, or any free pair when it is 0.
    pub fn choose(rpc: u16) -> Result<Self> {
        if rpc == 0 { Self::any() } else { Self::at(rpc) }
    }

    fn at(rpc: u16) -> Result<Self> {
        let websocket =
            rpc.checked_add(1).context("port 65535 leaves none after it for the websocket")?;
        for (port, what) in [(rpc, "JSON-RPC"), (websocket, "websocket")] {
            match TcpListener::bind((HOST, port)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
                    "port {port} on {HOST}, for the {what} server of the local network, is already in use: choose \
                     another port, or 0 for any free pair"
                ),
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot use port {port} on {HOST} for {what}"));
                }
            }
        }
        Ok(Self { rpc, websocket })
    }

    fn any() -> Result<Self> {
        for _ in 0..TRIES {
            let first =
                TcpListener::bind((HOST, 0)).with_context(|| format!("no free port on {HOST}"))?;
            let Some(websocket) = first.local_addr()?.port().checked_add(1) else { continue };
            if TcpListener::bind((HOST, websocket)).is_ok() {
                return Ok(Self { rpc: websocket - 1, websocket });
            }
        }
        bail!("no two free ports in a row on {HOST} in {TRIES} tries")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_pair_is_consecutive_and_free() {
        let ports = Ports::choose(0).expect("a pair");
        assert_eq!(ports.websocket, ports.rpc + 1);
        assert_eq!(Ports::choose(ports.rpc).expect("still free"), ports);
    }

    #[test]
    fn names_whichever_port_is_taken() {
        let ports = Ports::choose(0).expect("a pair");
        let _websocket = TcpListener::bind((HOST, ports.websocket)).expect("bind");
        let error = Ports::choose(ports.rpc).expect_err("taken").to_string();
        assert!(
            error.contains(&ports.websocket.to_string()) && error.contains("websocket"),
            "{error}"
        );
    }

    #[test]
    fn the_last_port_has_no_successor() {
        assert!(Ports::choose(u16::MAX).is_err());
    }
}
