//! A server for one test, and a client.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    thread::JoinHandle,
};

use nosana_engine::{
    ALL_MINILM_L6_V2, Device, Embedder, Generator, Model, ModelStore, SMOLLM2_135M_INSTRUCT,
};
use nosana_serve::{ModelServer, Served, ServedModel, ServerUsage};
use serde_json::Value;
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot};
use ureq::{Agent, http::Response};

/// The name of the model for prompts.
pub const CHAT_MODEL: &str = "SmolLM2-135M-Instruct";
/// The name of the embedding model.
pub const EMBEDDING_MODEL: &str = "all-MiniLM-L6-v2";

/// A server on a thread of its own. The models are loaded once for all tests.
pub struct TestServer {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<ServerUsage>>,
}

impl TestServer {
    /// Serves the model for prompts.
    pub fn for_chats() -> Self {
        Self::start(&SMOLLM2_135M_INSTRUCT, Served::Generator(Arc::clone(generator())))
    }

    /// Serves the model for prompts with a batch of its own, which no other test delays.
    pub fn for_chats_alone() -> Self {
        Self::start(&SMOLLM2_135M_INSTRUCT, Served::Generator(Arc::new(load_generator())))
    }

    /// Serves the embedding model.
    pub fn for_embeddings() -> Self {
        static EMBEDDER: OnceLock<Arc<Embedder>> = OnceLock::new();
        let embedder = EMBEDDER.get_or_init(|| {
            let file = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
            Arc::new(Embedder::load(&file, &Device::open().unwrap()).unwrap())
        });
        Self::start(&ALL_MINILM_L6_V2, Served::Embedder(Arc::clone(embedder)))
    }

    fn start(model: &Model, engine: Served) -> Self {
        let model = ServedModel { name: model.name.to_owned(), digest: model.digest(), engine };
        let (stop, stopped) = oneshot::channel();
        let (ready, bound) = std::sync::mpsc::channel();

        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let shutdown = async {
                    let _ = stopped.await;
                };
                ModelServer::new(model, listener).run(shutdown).await
            })
        });
        let address = bound.recv().unwrap();
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Shuts the server down and returns what was used.
    pub fn stop(mut self) -> ServerUsage {
        self.begin_stop();
        self.join()
    }

    /// Waits for a server that was shut down.
    pub fn join(mut self) -> ServerUsage {
        self.thread.take().unwrap().join().unwrap()
    }

    /// Shuts the server down, and does not wait.
    pub fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Sends a request and returns its response.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, "application/json", &body.to_string())
    }

    /// Sends a request with any body.
    pub fn post_text(&self, path: &str, content_type: &str, body: &str) -> Reply {
        let request = client().post(self.url(path)).header("content-type", content_type);
        Reply::read(request.send(body.as_bytes()).unwrap())
    }

    /// Reads a path.
    pub fn get(&self, path: &str) -> Reply {
        Reply::read(client().get(self.url(path)).call().unwrap())
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A number of `GET /health`.
    pub fn count(&self, name: &str) -> i64 {
        self.get("/health").json()[name].as_i64().unwrap()
    }
}

/// A response.
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Reply {
    fn read(mut response: Response<ureq::Body>) -> Self {
        let text = response.body_mut().read_to_string().unwrap();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }

    /// The body of a response.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The body of a success.
    pub fn success(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }
}

/// A client that returns errors as responses.
pub fn client() -> &'static Agent {
    static CLIENT: OnceLock<Agent> = OnceLock::new();
    CLIENT.get_or_init(|| Agent::config_builder().http_status_as_error(false).build().new_agent())
}

/// The model for prompts. The first run on a machine fetches 93 MB.
pub fn generator() -> &'static Arc<Generator> {
    static GENERATOR: OnceLock<Arc<Generator>> = OnceLock::new();
    GENERATOR.get_or_init(|| Arc::new(load_generator()))
}

fn load_generator() -> Generator {
    let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
    Generator::load(&file, &Device::open().unwrap()).unwrap()
}
