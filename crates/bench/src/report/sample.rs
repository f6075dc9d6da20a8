//! A small report for tests.

use nosana_engine::{DeviceKind, HARDWARE_VERSION, HardwareCommitment};
use nosana_job_spec::{FinishReason, Generation};

use super::{job::ChainTimes, *};
use crate::{
    balances::{ExpectedChanges, Period, TokenHolder},
    compute,
    stages::{Direction, Marks},
};

/// A report with one job that waited in the queue, and balances of one period.
pub fn sample_report() -> DemoReport {
    let marks =
        Marks { sent: 0, listed: 400, taken: 900, started: 1_300, executed: 2_000, settled: 2_400 };
    let transaction = |instruction: &str, compute_units| Transaction {
        instruction: instruction.to_owned(),
        compute_units,
        fee_lamports: 5_000,
        ..Transaction::default()
    };
    let units = [("list", 5_500), ("work", 3_800), ("start", 1_600), ("finish", 8_000)];
    let transactions: Vec<_> = units.map(|(name, units)| transaction(name, units)).to_vec();

    let job = JobReport {
        number: 1,
        address: "Job".to_owned(),
        direction: Direction::Queued,
        inputs: vec!["A cat sits on a mat.".to_owned()],
        question: "What is a mat?".to_owned(),
        answer: Some(Generation {
            text: "A <b>rug</b>.".to_owned(),
            token_ids: vec![1, 2, 3],
            finish_reason: FinishReason::Stop,
            prompt_tokens: 36,
            logprobs: Vec::new(),
        }),
        definition: "QmDefinition".to_owned(),
        result: "QmResult".to_owned(),
        marks,
        stages: marks.to_stages(Direction::Queued),
        chain: ChainTimes {
            listed: 100,
            started: 101,
            submitted: 102,
            settled: 102,
            paid_seconds: 1,
        },
        money: Money { escrow: 600, node: 50, refund: 545, network: 5 },
        transactions: transactions.clone(),
    };
    let expected = ExpectedChanges::default()
        .with_transfer(TokenHolder::Client, TokenHolder::Node, 50)
        .with_transfer(TokenHolder::Client, TokenHolder::MarketVault, 5);
    let before = [1_000, 0, 0, 0, 0, 0, 0];
    let after = [945, 50, 0, 0, 5, 0, 0];

    let setting = Setting {
        slot_ms: 400,
        price_per_second: 50,
        network_fee_bps: 1_000,
        epoch_seconds: 3_600,
        market: "Market".to_owned(),
        mint: "Mint".to_owned(),
        models: vec!["all-MiniLM-L6-v2", "SmolLM2-135M-Instruct"],
        hardware: HardwareCommitment {
            version: HARDWARE_VERSION.to_owned(),
            device: "A processor".to_owned(),
            backend: "cpu".to_owned(),
            kind: DeviceKind::Cpu,
            devices: 1,
            prompt_tokens_per_second: 12,
            generated_tokens_per_second: 7,
            weights_bytes_per_second: 676_037_376,
            vram_mib: 1_024,
        },
        hardware_digest: "00".to_owned(),
    };

    DemoReport {
        version: REPORT_VERSION,
        unix_ms: 0,
        setting,
        compute: compute::group_by_instruction(transactions.iter()),
        jobs: vec![job],
        other_transactions: vec![transaction("sweep_fees", 4_600)],
        balances: BalanceSheet::new(
            1_000,
            vec![Period { name: "jobs are paid".to_owned(), before, after, expected }],
        ),
        rewards: Rewards { swept: 5, traveled_seconds: 7_200, predicted: 4, claimed: 4 },
        recomputed: Recomputed {
            job: 1,
            vectors: 1,
            same_tokens: true,
            max_difference: 0.0,
            bound: 1e-3,
            seconds: 0.7,
        },
        checks: vec![Check { claim: "one is one".to_owned(), holds: true, detail: "1".to_owned() }],
        problems: Vec::new(),
        timings: vec![("network".to_owned(), 0.9)],
        page: PathBuf::from("index.html"),
    }
}
