//! The engine, without a market.

use std::time::Instant;

use anyhow::Result;
use nosana_engine::{Generator, Prompt};

use super::workload::{Throughput, answer_options, choose_prompt, count_requests};

/// Answers the prompts, `in_flight` at a time.
pub fn measure_direct(generator: &Generator, in_flight: usize) -> Result<Throughput> {
    let requests = count_requests(in_flight);
    let prompts: Vec<Prompt> = (0..requests).map(choose_prompt).map(Prompt::question).collect();
    let options = answer_options();

    let begun = Instant::now();
    let mut tokens = 0;
    for together in prompts.chunks(in_flight) {
        let answers = generator.generate(together, &options, || true)?;
        tokens += answers.iter().map(|answer| answer.token_ids.len()).sum::<usize>();
    }

    let seconds = begun.elapsed().as_secs_f64();
    Ok(Throughput { in_flight, requests, tokens, seconds })
}
