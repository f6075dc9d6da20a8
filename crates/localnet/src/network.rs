//! The network as its users see it.

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
    genesis::{self, Genesis},
    ports::{HOST, Ports},
    program::Program,
    runloop::RunLoop,
};

/// How often another pair of ports is tried when somebody else took the free one that was found.
const PORT_TRIES: usize = 4;
/// How long the servers may take to answer after they have said that they listen.
const ANSWER: Duration = Duration::from_secs(10);

/// One start at a time in this process: a port is found free first and bound later.
static STARTING: Mutex<()> = Mutex::const_new(());

/// A running network. Several may run in one process and beside those of other processes.
///
/// Dropping it ends it and waits until the ports are free, which takes about a slot;
/// [`Localnet::stop`] does the same without blocking the thread, and says if something went wrong.
pub struct Localnet {
    ports: Ports,
    pub(crate) run_loop: RunLoop,
}

impl Localnet {
    /// Starts a network and returns when it answers on both ports.
    ///
    /// Fails at once where a program file is missing or a port is taken.
    pub async fn start(config: LocalnetConfig) -> Result<Self> {
        config.check()?;
        let programs =
            config.programs.iter().cloned().map(Program::read).collect::<Result<Vec<_>>>()?;
        let start = Arc::new((config, programs));
        let (config, _) = start.as_ref();

        let _turn = STARTING.lock().await;
        let mut tries = if config.rpc_port == 0 { PORT_TRIES } else { 1 };
        loop {
            let ports = Ports::choose(config.rpc_port)?;
            let genesis = {
                let start = start.clone();
                spawn_blocking(move || Genesis::build(&start.0, &start.1)).await??
            };
            let this = Self { ports, run_loop: RunLoop::spawn(genesis, ports, config.slot_ms)? };
            tries -= 1;
            match this.ready().await {
                Ok(()) => return Ok(this),
                Err(error) if tries > 0 => tracing::debug!("{error:#}: trying other ports"),
                Err(error) => {
                    return Err(error
                        .context(format!("cannot start a local network on port {}", ports.rpc)));
                }
            }
        }
    }

    /// Where JSON-RPC answers: `http://127.0.0.1:<port>`.
    pub fn rpc_url(&self) -> String {
        format!("http://{HOST}:{}", self.ports.rpc)
    }

    /// Where subscriptions are taken: `ws://127.0.0.1:<port + 1>`.
    pub fn ws_url(&self) -> String {
        format!("ws://{HOST}:{}", self.ports.websocket)
    }

    /// Adds lamports to an account. It is there when this returns; no transaction stands for it.
    pub async fn airdrop(&self, address: Address, lamports: u64) -> Result<()> {
        self.run_loop.with_vm(move |vm| genesis::credit(vm, &address, lamports)).await?
    }

    /// Puts an account into the state, over whatever is there. Subscribers hear of it.
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

    async fn ready(&self) -> Result<()> {
        self.run_loop.ready().await?;
        let rpc = RpcClient::new(self.rpc_url());
        let healthy = async {
            while let Err(error) = rpc.get_health().await {
                tracing::trace!(%error, "not yet healthy");
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(ANSWER, healthy)
            .await
            .with_context(|| format!("{} does not answer", self.rpc_url()))?;
        let port = self.ports.websocket;
        let deadline = Instant::now() + ANSWER;
        while let Err(error) = TcpStream::connect((HOST, port)) {
            if Instant::now() > deadline {
                return Err(error).with_context(|| format!("{} does not answer", self.ws_url()));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl fmt::Debug for Localnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Localnet").field("ports", &self.ports).finish_non_exhaustive()
    }
}
