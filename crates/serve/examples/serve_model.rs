//! Serves a known model on the loopback address until Ctrl-C:
//! `cargo run --example serve_model -- SmolLM2-135M-Instruct 8080`. Port 0 is any free port.

use std::{env, sync::Arc};

use anyhow::{Context, Result, bail};
use nosana_engine::{Device, Embedder, Generator, MODELS, Model, ModelStore};
use nosana_job_spec::Task;
use nosana_serve::{ModelServer, Served, ServedModel};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, port] = arguments.as_slice() else {
        bail!("usage: serve_model MODEL PORT; models: {}", known_names());
    };
    let model = MODELS.iter().find(|model| model.name == name);
    let model = model
        .with_context(|| format!("the model `{name}` is not known; known are {}", known_names()))?;
    let port: u16 = port.parse().with_context(|| format!("`{port}` is not a port"))?;

    let served = load_model(model)?;
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("cannot listen on port {port}; choose another one"))?;
    println!("listening on http://{}", listener.local_addr()?);

    let interrupted = async {
        // Without signals, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let usage = ModelServer::new(served, listener).run(interrupted).await;
    println!("{usage:?}");
    Ok(())
}

/// Fetches a model on its first use, and loads it.
fn load_model(model: &'static Model) -> Result<ServedModel> {
    let file = ModelStore::in_user_cache()?.ensure(model)?;
    let device = Device::open()?;

    let engine = match model.task {
        Task::Generation => Served::Generator(Arc::new(Generator::load(&file, &device)?)),
        Task::Embedding => Served::Embedder(Arc::new(Embedder::load(&file, &device)?)),
    };
    Ok(ServedModel { name: model.name.to_owned(), digest: model.digest(), engine })
}

fn known_names() -> String {
    MODELS.iter().map(|model| model.name).collect::<Vec<_>>().join(", ")
}
