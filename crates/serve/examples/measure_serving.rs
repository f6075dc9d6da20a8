//! Measures how many tokens a second a model generates, called directly and over HTTP, for 1 and 16
//! answers at the same time: `cargo run --example measure_serving`.

use std::{
    fmt, fs,
    io::{BufRead, BufReader},
    sync::{Arc, mpsc},
    thread,
    time::Instant,
};

use anyhow::{Context, Result};
use nosana_engine::{
    AnswerEvent, Device, GenerationOptions, Generator, ModelStore, Prompt, SMOLLM2_135M_INSTRUCT,
};
use nosana_serve::{ModelServer, Served, ServedModel};
use serde_json::json;
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};

/// The tokens of an answer.
const TOKENS: usize = 32;
/// The rounds of each measurement; the fastest one counts.
const ROUNDS: usize = 2;
/// The requests of each caller that generate nothing.
const SMALL_REQUESTS: usize = 50;
/// A question whose answer has more tokens than are generated.
const QUESTION: &str = "Write a long story about a river and its people.";

fn main() -> Result<()> {
    let file = ModelStore::in_user_cache()?.ensure(&SMOLLM2_135M_INSTRUCT)?;
    let generator = Arc::new(Generator::load(&file, &Device::open()?)?);

    let runtime = Runtime::new()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let url = format!("http://{}/v1/chat/completions", listener.local_addr()?);
    let model = ServedModel {
        name: SMOLLM2_135M_INSTRUCT.name.to_owned(),
        digest: SMOLLM2_135M_INSTRUCT.digest(),
        engine: Served::Generator(Arc::clone(&generator)),
    };
    let (stop, stopped) = oneshot::channel();
    let server = runtime.spawn(ModelServer::new(model, listener).run(async {
        let _ = stopped.await;
    }));

    println!(
        "{TOKENS} tokens an answer, greedy; in a second, and CPU time of each with its client"
    );
    for callers in [1, 16] {
        let [mut direct, mut whole, mut streamed] = [Speed::default(); 3];
        // In turn, so that other programs of the machine disturb all of them.
        for _ in 0..ROUNDS {
            direct.keep_best(measure_speed(callers, || generate_directly(&generator))?);
            whole.keep_best(measure_speed(callers, || request_answer(&url, false))?);
            streamed.keep_best(measure_speed(callers, || request_answer(&url, true))?);
        }
        println!(
            "{callers:2} at the same time: direct {direct}, HTTP {whole}, streamed {streamed}"
        );
    }

    let models = url.replace("/chat/completions", "/models");
    let small = measure_speed(16, || {
        for _ in 0..SMALL_REQUESTS {
            ureq::get(&models).call()?.body_mut().read_to_vec()?;
        }
        Ok(SMALL_REQUESTS)
    })?;
    println!("GET /v1/models, a connection each: {small}");
    stop.send(()).ok();
    println!("{:?}", runtime.block_on(server)?);
    Ok(())
}

/// How fast something was done.
#[derive(Clone, Copy)]
struct Speed {
    per_second: f64,
    /// The processor's time for each, in milliseconds. Other programs disturb it less.
    cpu_milliseconds: f64,
}

impl Default for Speed {
    fn default() -> Self {
        Self { per_second: 0.0, cpu_milliseconds: f64::INFINITY }
    }
}

impl Speed {
    fn keep_best(&mut self, other: Self) {
        self.per_second = self.per_second.max(other.per_second);
        self.cpu_milliseconds = self.cpu_milliseconds.min(other.cpu_milliseconds);
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ({:.2} ms)", self.per_second, self.cpu_milliseconds)
    }
}

/// The processor's time that this process used, in milliseconds. Linux counts it in steps of ten.
fn used_cpu() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has another form")?;

    let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? * 10.0)
}

/// Lets so many callers call at the same time.
fn measure_speed(callers: usize, call: impl Fn() -> Result<usize> + Sync) -> Result<Speed> {
    let start = Instant::now();
    let cpu = used_cpu()?;

    let count = thread::scope(|scope| {
        let running: Vec<_> = (0..callers).map(|_| scope.spawn(&call)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Result<usize>>| {
            thread.join().ok().context("a caller panicked")?
        };
        running.into_iter().map(join).sum::<Result<usize>>()
    })?;
    Ok(Speed {
        per_second: count as f64 / start.elapsed().as_secs_f64(),
        cpu_milliseconds: (used_cpu()? - cpu) / count as f64,
    })
}

/// Generates an answer without HTTP. Returns the number of its tokens.
fn generate_directly(generator: &Generator) -> Result<usize> {
    let (sender, events) = mpsc::channel();
    let options = GenerationOptions { max_tokens: TOKENS, ..GenerationOptions::default() };
    let sink = move |event| matches!(event, AnswerEvent::Progress(_)) || sender.send(event).is_ok();

    let _running = generator.stream(&Prompt::question(QUESTION), options, Box::new(sink))?;
    match events.recv()? {
        AnswerEvent::End(answer) => Ok(answer.token_ids.len()),
        AnswerEvent::Failed(error) => Err(error.into()),
        AnswerEvent::Progress(_) => Ok(0),
    }
}

/// Generates an answer over HTTP. Returns the number of its tokens.
fn request_answer(url: &str, is_streamed: bool) -> Result<usize> {
    let mut body = json!({
        "model": SMOLLM2_135M_INSTRUCT.name,
        "messages": [{ "role": "user", "content": QUESTION }],
        "max_tokens": TOKENS,
        "temperature": 0,
        "stream": is_streamed,
    });
    if is_streamed {
        body["stream_options"] = json!({ "include_usage": true });
    }

    let request = ureq::post(url).header("content-type", "application/json");
    let response = request.send(body.to_string().as_bytes())?;
    let lines = BufReader::new(response.into_body().into_reader()).lines();
    let mut tokens = 0;
    for line in lines {
        let line = line?;
        let json = line.strip_prefix("data: ").unwrap_or(&line);
        let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        if let Some(count) = value["usage"]["completion_tokens"].as_u64() {
            tokens = usize::try_from(count)?;
        }
    }
    Ok(tokens)
}
