//! The report, and its files.

use std::fs;

use nosana_tests::reports::{read_compiler, report_folder};
use serde_json::{Map, Value, json};
use solana_clock::DEFAULT_MS_PER_SLOT;
use solana_cost_model::block_cost_limits::{MAX_BLOCK_UNITS, MAX_WRITABLE_ACCOUNT_UNITS};

use crate::{
    ceiling::{Ceiling, HotAccount},
    cost::{Charge, PARTS, sum_charges},
    fees::{Fees, sum_fees},
    page,
    parallel::BankRun,
    timing::Timings,
};

/// Everything that was measured.
pub struct Report {
    /// What each transaction of a whole job costs.
    pub charges: Vec<Charge>,
    /// The accounts that all jobs of a market write.
    pub in_market: Vec<HotAccount>,
    /// The accounts that jobs of different markets write.
    pub between_markets: Vec<HotAccount>,
    /// The ceilings of one market and of many.
    pub ceilings: [Ceiling; 2],
    pub timings: Timings,
    /// In one thread, on all cores, and on all cores in one market.
    pub bank_runs: [BankRun; 3],
}

impl Report {
    /// Writes `throughput.json` and `throughput.html`.
    pub fn write_files(&self) {
        let json = serde_json::to_string_pretty(&self.to_json()).expect("the report is JSON");
        let page = page::render_page(self);

        let folder = report_folder();
        fs::write(folder.join("throughput.json"), json + "\n").expect("the report is writable");
        fs::write(folder.join("throughput.html"), page).expect("the page is writable");
    }

    /// The report as JSON. All but `timings` and `bank_runs` is the same in every run.
    fn to_json(&self) -> Value {
        json!({
            "compiler": read_compiler(),
            "limits": {
                "account_units": MAX_WRITABLE_ACCOUNT_UNITS,
                "block_units": MAX_BLOCK_UNITS,
                "slot_milliseconds": DEFAULT_MS_PER_SLOT,
            },
            "transactions": self.charges.iter().map(charge_to_json).collect::<Vec<_>>(),
            "job_units": sum_charges(&self.charges),
            "job_fees": sum_fees(&self.charges).map(fees_to_json),
            "shared": {
                "in_a_market": self.in_market.iter().map(account_to_json).collect::<Vec<_>>(),
                "between_markets":
                    self.between_markets.iter().map(account_to_json).collect::<Vec<_>>(),
            },
            "ceilings": self.ceilings.iter().map(ceiling_to_json).collect::<Vec<_>>(),
            "timings": timings_to_json(&self.timings),
            "bank_runs": self.bank_runs.iter().map(run_to_json).collect::<Vec<_>>(),
        })
    }
}

fn charge_to_json(charge: &Charge) -> Value {
    let parts: Map<String, Value> = PARTS
        .iter()
        .zip(charge.parts)
        .map(|(name, units)| (name.replace(' ', "_"), json!(units)))
        .collect();

    json!({
        "instruction": charge.step.name(),
        "parts": parts,
        "total": charge.total,
        "reserved": charge.reserved,
        "reserved_with_limit": charge.reserved_with_limit,
        "compute_units": charge.units,
        "bytes": charge.footprint.bytes,
        "data_bytes": charge.footprint.data_bytes,
        "signatures": charge.footprint.signatures,
        "writable_accounts": charge.footprint.writable,
        "loaded_bytes": charge.loaded_bytes,
    })
}

fn fees_to_json(fees: Fees) -> Value {
    json!({
        "micro_lamports_per_unit": fees.price,
        "signature_lamports": fees.of_signatures,
        "priority_lamports": fees.of_priority,
        "lamports": fees.total(),
    })
}

fn account_to_json(account: &HotAccount) -> Value {
    json!({
        "account": account.name,
        "transactions_per_job": account.transactions,
        "units_per_job": account.units,
    })
}

fn ceiling_to_json(ceiling: &Ceiling) -> Value {
    json!({
        "markets": ceiling.markets,
        "jobs_per_block": ceiling.jobs_per_block,
        "jobs_per_second": ceiling.jobs_per_second(),
        "bound": ceiling.bound,
    })
}

fn timings_to_json(timings: &Timings) -> Value {
    let microseconds: Map<String, Value> = timings
        .medians
        .iter()
        .map(|(step, time)| (step.name().to_owned(), json!(time.as_secs_f64() * 1e6)))
        .collect();

    json!({
        "jobs": timings.jobs,
        "jobs_per_second": timings.jobs_per_second(),
        "transactions_per_second": timings.transactions_per_second(),
        "median_microseconds": microseconds,
    })
}

fn run_to_json(run: &BankRun) -> Value {
    json!({
        "threads": run.threads,
        "markets": run.markets,
        "transactions": run.transactions,
        "delayed": run.delayed,
        "jobs_per_second": run.jobs_per_second(),
        "transactions_per_second": run.transactions_per_second(),
    })
}
