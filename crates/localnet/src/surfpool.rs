//! Surfpool's run loop and its configuration.

use surfpool_core::{
    runloops::start_local_surfnet_runloop,
    surfnet::{GeyserEvent, locker::SurfnetSvmLocker},
};
use surfpool_types::{
    BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SurfpoolConfig,
    channel::{Receiver, Sender},
};

use crate::ports::{HOST, Ports};

/// Produces blocks until it is terminated. Blocks the calling thread until then.
pub(crate) fn run(
    vm: SurfnetSvmLocker,
    config: SurfpoolConfig,
    commands: Sender<SimnetCommand>,
    inbox: Receiver<SimnetCommand>,
    geyser: Receiver<GeyserEvent>,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;

    runtime
        .block_on(start_local_surfnet_runloop(vm, config, commands, inbox, geyser))
        .map_err(|error| error.to_string())
}

/// Returns the configuration of one chain without another cluster, with blocks by the clock: if
/// only transactions produced blocks, time would stop without them, and block hashes of signed
/// transactions would expire with every other transaction.
pub(crate) fn surfpool_config(ports: Ports, slot_ms: u64) -> SurfpoolConfig {
    SurfpoolConfig {
        simnets: vec![SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            slot_time: slot_ms,
            block_production_mode: BlockProductionMode::Clock,
            instruction_profiling_enabled: false,
            max_profiles: 1,
            ..SimnetConfig::default()
        }],
        rpc: RpcConfig {
            bind_host: HOST.to_owned(),
            bind_port: ports.rpc,
            ws_port: ports.websocket,
            ..RpcConfig::default()
        },
        ..SurfpoolConfig::default()
    }
}
