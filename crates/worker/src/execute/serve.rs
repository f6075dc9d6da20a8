//! `inference/serve`: a model that answers requests over HTTP until its service ends. It runs beside
//! other jobs, and holds its memory.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_engine::{Device, EngineError, find_model};
use nosana_job_spec::{ContentId, ExposedPort, SERVE_PORT, ServeArgs, ServingOutput};
use nosana_sandbox::{CancelToken, Observer, PortAccess};
use nosana_serve::{ModelServer, Served, ServedModel};
use tokio::{net::TcpListener, runtime::Handle, time::sleep};

use super::{
    Executor,
    context::JobContext,
    device_pool::DevicePool,
    loaded_models::Runner,
    models::{BYTES_PER_MIB, ModelUse},
    reservation::ModelClaim,
};

/// How often a served model checks whether its service ended.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

impl Executor {
    /// Gets the model of a service, and holds memory for it.
    ///
    /// # Errors
    /// If it does not fit beside the models of other services.
    pub(super) fn claim_served_model(
        &self,
        args: &ServeArgs,
        until: Instant,
    ) -> Result<ModelClaim> {
        let memory = self.devices.freest_device()?.memory();
        let wanted = ModelUse::of_serving(args);
        let prepared = self.models.prepare_model(&wanted, memory, until, || Ok(()))?;

        let model = prepared.file.digest();
        let in_use = || EngineError::MemoryInUse {
            model,
            needed_mib: prepared.needed_bytes.div_ceil(BYTES_PER_MIB),
            device: memory.device.clone(),
            usable_mib: memory.usable_bytes() / BYTES_PER_MIB,
        };
        let held = memory.hold(model, prepared.needed_bytes).ok_or_else(in_use)?;
        Ok(ModelClaim::new(prepared.file, Some(held)))
    }
}

impl DevicePool {
    /// Serves the model on a port of this machine until the service ends, and stores what it did.
    /// Returns the output and the device.
    pub(super) fn serve_model(
        &self,
        id: &str,
        args: &ServeArgs,
        context: JobContext<'_>,
    ) -> Result<(ContentId, &Device)> {
        ensure!(context.is_service(), "only a service can serve a model");

        let device = self.holding_device(&args.model.digest())?;
        let runner = device.load_model(ModelUse::of_serving(args), context.cancel)?;
        let runtime = Handle::try_current().context("a served model needs a runtime")?;
        let output = runtime.block_on(answer_requests(&runner, id, args, context))?;

        ensure!(!context.cancel.is_cancelled(), "it was cancelled");
        Ok((context.put_json(&output)?, device.gpu()))
    }
}

/// Answers requests until the service ends.
async fn answer_requests(
    runner: &Runner,
    id: &str,
    args: &ServeArgs,
    context: JobContext<'_>,
) -> Result<ServingOutput> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = listener.await.context("cannot listen on a port of this machine")?;
    let address = listener.local_addr()?;
    let served = served_model(runner, args);

    let source = context.run.observe_source(id.to_owned(), &[ExposedPort::new(SERVE_PORT)]);
    source.on_start();
    context.run.report_note(format_args!("serves {} at http://{address}/v1", served.name));
    source.on_network(Ok(PortAccess::Published(BTreeMap::from([(SERVE_PORT, address)]))));
    let usage = ModelServer::new(served, listener).run(wait_for_end(context.cancel)).await;

    Ok(ServingOutput {
        requests: usage.requests,
        failed_requests: usage.failed_requests,
        prompt_tokens: usage.prompt_tokens,
        generated_tokens: usage.generated_tokens,
    })
}

/// The model with the name by which requests choose it.
fn served_model(runner: &Runner, args: &ServeArgs) -> ServedModel {
    let digest = args.model.digest();
    let name = find_model(&digest).map_or_else(|_| digest.to_string(), |known| known.name.into());

    let engine = match runner {
        Runner::Embedder(embedder) => Served::Embedder(Arc::clone(embedder)),
        Runner::Generator(generator) => {
            generator.expect_tokens(args.context_tokens() as usize);
            Served::Generator(Arc::clone(generator))
        }
    };
    ServedModel { name, digest, engine }
}

async fn wait_for_end(cancel: &CancelToken) {
    while !cancel.is_ending() && !cancel.is_cancelled() {
        sleep(POLL_INTERVAL).await;
    }
}
