//! The engine, without a market.

use std::time::Instant;

use anyhow::Result;
use nosana_engine::{Generator, Prompt};

use super::workload::{REQUESTS, Throughput, answer_options, choose_prompt};

/// Answers the prompts, `in_flight` at a time.
pub fn measure_direct(generator: &Generator, in_flight: usize) -> Result<Throughput> {
    let prompts: Vec<Prompt> = (0..REQUESTS).map(choose_prompt).map(Prompt::question).collect();
    let options = answer_options();

    let begun = Instant::now();
    let mut tokens = 0;
    for together in prompts.chunks(in_flight) {
        let answers = generator.generate(together, &options, || true)?;
        tokens += answers.iter().map(|answer| answer.token_ids.len()).sum::<usize>();
    }

    let seconds = begun.elapsed().as_secs_f64();
    Ok(Throughput { in_flight, requests: REQUESTS, tokens, seconds })
}
