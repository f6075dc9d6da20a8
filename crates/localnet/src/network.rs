//! The interface of a running network.

use std::{
    fmt,
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use solana_account::Account;
use solana_address::Address;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use tokio::{
    sync::Mutex,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    config::LocalnetConfig,
    genesis::{Genesis, credit_account},
    ports::{HOST, Ports},
    program::LoadedProgram,
    run_loop::RunLoop,
};

/// How often a start is tried with another free pair of ports if another process has bound the pair
/// in between.
const START_TRIES: usize = 4;
/// How long the servers may take to respond after they have reported that they listen.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the servers are checked until they respond.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Serializes starts within this process: a port is found free first and bound later.
static START_LOCK: Mutex<()> = Mutex::const_new(());

/// A running network. Several can run in one process and beside those of other processes.
///
/// Dropping it ends it and waits until the ports are free, which takes about a slot;
/// [`Localnet::stop`] does so without blocking the thread, and returns errors.
pub struct Localnet {
    ports: Ports,
    pub(crate) run_loop: RunLoop,
}

impl Localnet {
    /// Starts a network and returns when both servers respond.
    ///
    /// Fails at once if a program file is missing or a port is in use.
    pub async fn start(config: LocalnetConfig) -> Result<Self> {
        config.check_slot_time()?;
        let programs = config
            .programs
            .iter()
            .cloned()
            .map(LoadedProgram::read_file)
            .collect::<Result<Vec<_>>>()?;
        let config = Arc::new(config);
        let programs = Arc::new(programs);

        let _start_lock = START_LOCK.lock().await;
        let mut tries = if config.rpc_port == 0 { START_TRIES } else { 1 };
        loop {
            let ports = Ports::choose_pair(config.rpc_port)?;
            let genesis = {
                let config = Arc::clone(&config);
                let programs = Arc::clone(&programs);
                spawn_blocking(move || Genesis::new(&config, &programs)).await??
            };

            let run_loop = RunLoop::spawn_threads(genesis, ports, config.slot_ms)?;
            let network = Self { ports, run_loop };
            tries -= 1;
            match network.wait_until_ready().await {
                Ok(()) => return Ok(network),
                Err(error) if tries > 0 => tracing::debug!("{error:#}: trying other ports"),
                Err(error) => {
                    return Err(error
                        .context(format!("cannot start a local network on port {}", ports.rpc)));
                }
            }
        }
    }

    /// Returns the URL of the JSON-RPC server: `http://127.0.0.1:<port>`.
    pub fn rpc_url(&self) -> String {
        format!("http://{HOST}:{}", self.ports.rpc)
    }

    /// Returns the URL of the websocket server: `ws://127.0.0.1:<port + 1>`.
    pub fn ws_url(&self) -> String {
        format!("ws://{HOST}:{}", self.ports.websocket)
    }

    /// Adds lamports to an account, effective when this returns and without a transaction.
    pub async fn airdrop(&self, address: Address, lamports: u64) -> Result<()> {
        self.run_loop.with_vm(move |vm| credit_account(vm, &address, lamports)).await?
    }

    /// Writes an account, and replaces an existing one. Subscribers are notified.
    pub async fn set_account(&self, address: Address, account: Account) -> Result<()> {
        self.run_loop
            .with_vm(move |vm| vm.set_account(&address, account))
            .await?
            .map_err(|error| anyhow!("{error}"))
            .with_context(|| format!("cannot set account {address}"))
    }

    /// Ends the network. When this returns, its ports are free.
    pub async fn stop(self) -> Result<()> {
        self.run_loop.stop().await
    }

    async fn wait_until_ready(&self) -> Result<()> {
        self.run_loop.wait_until_ready().await?;

        let rpc = RpcClient::new(self.rpc_url());
        let healthy = async {
            while let Err(error) = rpc.get_health().await {
                tracing::trace!(%error, "not yet healthy");
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(RESPONSE_TIMEOUT, healthy)
            .await
            .with_context(|| format!("{} does not respond", self.rpc_url()))?;

        let deadline = Instant::now() + RESPONSE_TIMEOUT;
        while let Err(error) = TcpStream::connect((HOST, self.ports.websocket)) {
            if Instant::now() > deadline {
                return Err(error).with_context(|| format!("{} does not respond", self.ws_url()));
            }
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }
}

impl fmt::Debug for Localnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Localnet").field("ports", &self.ports).finish_non_exhaustive()
    }
}
