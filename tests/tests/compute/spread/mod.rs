//! How far the cost of an instruction depends on addresses: the smallest, the median and the
//! largest number of compute units over [`LIVES`] jobs of different wallets, with random nonces.
//!
//! Nobody chooses these addresses, so some of their bumps are far below 255. Only the instructions
//! that create an account search for a bump; each step of a search costs at most
//! [`MAX_STEP_UNITS`]. `target/bench/spread.json` has the figures.
//!
//! | module | content |
//! | --- | --- |
//! | [`life`] | the life of a job, and of the stake and the node that it needs |
//! | [`challenge`] | a dispute about a result |
//! | [`row`] | the smallest, the median and the largest of an instruction's figures |

mod challenge;
mod life;
mod row;

use std::fs;

use nosana_tests::{
    reports::{read_compiler, report_folder},
    rng::Rng,
};
use serde_json::{Value, json};

use life::Lives;
use row::{SpreadRow, group_samples};

/// The lives that are measured.
const LIVES: u64 = 200;
/// The seed of the nonces. The wallets are those that every world makes, in order.
const SEED: u64 = 0x6e6f_7361_6e61;
/// The most that a step of the search for a bump costs: two hashes, and the check that the first is
/// no address of a program.
const MAX_STEP_UNITS: u64 = 700;
/// The most by which the figures of an instruction differ without a search: sums whose size depends
/// on the stakes before.
const MAX_DIFFERENCE: u64 = 300;

/// What an instruction cost once.
pub struct Sample {
    /// What the suite calls the instruction.
    label: &'static str,
    units: u64,
    /// The bumps that its searches passed over.
    steps: u64,
}

/// Measures all lives.
async fn measure_spread() -> Vec<Sample> {
    let mut rng = Rng::new(SEED);
    let mut lives = Lives::new().await;

    // The first of its kind finds an empty pool and an empty market, and is somewhat cheaper.
    lives.live_once(&mut rng).await;
    lives.forget_samples();
    for _ in 0..LIVES {
        lives.live_once(&mut rng).await;
    }
    lives.into_samples()
}

/// Fails if a sample costs more above the least than its searches explain.
fn check_sample(sample: &Sample, rows: &[SpreadRow]) {
    let Sample { label, units, steps } = sample;
    let row = rows.iter().find(|row| row.label == *label).expect("every sample is in a row");

    let most = row.min + steps * MAX_STEP_UNITS + MAX_DIFFERENCE;
    assert!(
        *units <= most,
        "{label} costs {units} with an address {steps} steps away, over {most}: the least is {}",
        row.min
    );
}

fn write_report(rows: &[SpreadRow]) {
    let report = json!({
        "compiler": read_compiler(),
        "samples": LIVES,
        "rows": rows.iter().map(SpreadRow::to_json).collect::<Vec<Value>>(),
    });
    let text = serde_json::to_string_pretty(&report).expect("the report is JSON");
    fs::write(report_folder().join("spread.json"), text).expect("the report is writable");
}

#[tokio::test]
async fn random_addresses_cost_more_only_by_the_search_of_their_bumps() {
    let samples = measure_spread().await;
    let rows = group_samples(&samples);

    println!(
        "{:<36} {:>8} {:>8} {:>8} {:>8}",
        "instruction, 200 addresses", "min", "median", "max", "steps"
    );
    for row in &rows {
        let SpreadRow { label, min, median, max, steps, .. } = row;
        println!("{label:<36} {min:>8} {median:>8} {max:>8} {steps:>8}");
    }

    assert!(rows.iter().all(|row| row.count == LIVES), "each life measures each instruction once");
    for label in ["jobs.list", "jobs.challenge"] {
        let row = rows.iter().find(|row| row.label == label).expect("it is measured");
        assert!(row.steps > 1, "some addresses are random");
    }
    samples.iter().for_each(|sample| check_sample(sample, &rows));
    write_report(&rows);
}
