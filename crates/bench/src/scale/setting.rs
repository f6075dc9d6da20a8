//! What was simulated, and what is assumed.

use nosana_scale::{
    scenario::{Churn, HEARTBEATS_PER_LIMIT},
    service::ServiceTimes,
    sweep::{BATCH_DIVISOR, MARKET_JOBS, MEASURED_RUNS, SweepConfig, WARM_UP_RUNS, WARM_UP_SHARE},
};

use super::ScaleReport;
use crate::format::format_thousands;

/// Describes what was simulated, with all assumptions.
pub fn describe_setting(report: &ScaleReport) -> String {
    let config = &report.config;
    let clocks = config.clocks;
    let sentences = [
        "Simulated, not measured.".to_owned(),
        describe_runs(&config.service),
        describe_nodes(config),
        format!(
            "Clients list jobs at random times, independently of each other (Poisson); batches of \
             the load with bursts have a job for one in {BATCH_DIVISOR} slots of the market, and \
             come at random times too. Nodes and jobs are spread evenly over the markets."
        ),
        format!(
            "Clocks are those of the default terms: {} s to start, {} s for a heartbeat, of which \
             a node sends {HEARTBEATS_PER_LIMIT} in that time, {} s for the shortest run, {} \
             requeues.",
            clocks.start_seconds,
            clocks.heartbeat_seconds,
            clocks.min_run_seconds,
            clocks.max_attempts
        ),
        "Transactions cost what the suites throughput and compute measured. They are never lost, \
         and land in the first block with room. Limits and the time of a block are constants of \
         Agave 4.2, without votes."
            .to_owned(),
        describe_time(config),
        describe_omitted(config),
    ];
    let sentences: Vec<String> = sentences.into_iter().filter(|text| !text.is_empty()).collect();
    sentences.join(" ")
}

fn describe_runs(service: &ServiceTimes) -> String {
    let mean = service.mean();
    match service {
        ServiceTimes::Exponential(_) => format!(
            "Assumed: runs are exponentially distributed around {mean:.1} s, since no record of \
             real markets exists."
        ),
        ServiceTimes::Measured(all) | ServiceTimes::InOrder(all) => format!(
            "Runs are drawn from {} measured ones, which take {mean:.1} s on average.",
            format_thousands(all.len() as u64)
        ),
    }
}

fn describe_nodes(config: &SweepConfig) -> String {
    let failures = |churn: Churn| {
        let [life, repair] = [churn.mean_life_seconds, churn.mean_repair_seconds]
            .map(|seconds| format_thousands(seconds.round() as u64));
        format!("fails every {life} s and is back after {repair} s, both exponential around that")
    };
    let failures = config.churn.map_or_else(|| "does not fail".to_owned(), failures);
    // A record of real jobs has the time, too.
    let origin = match config.service {
        ServiceTimes::Exponential(_) => "assumed",
        ServiceTimes::Measured(_) | ServiceTimes::InOrder(_) => "measured",
    };

    format!(
        "A node runs {} at a time, {failures} (assumed), and sends start {:.2} s after a match \
         ({origin}).",
        config.slots_per_node, config.reaction_seconds
    )
}

fn describe_time(config: &SweepConfig) -> String {
    format!(
        "Each simulation measures at least {} jobs, {} for each market, and {MEASURED_RUNS} mean \
         runs, after a warm-up of at least {WARM_UP_RUNS} mean runs and {:.0} % of the measured \
         time; there are up to {} for each row, fewer for the largest. Seed {}.",
        format_thousands(config.jobs as u64),
        format_thousands(MARKET_JOBS as u64),
        WARM_UP_SHARE * 100.0,
        config.seeds,
        config.seed
    )
}

fn describe_omitted(config: &SweepConfig) -> String {
    let pair = |(nodes, markets): (usize, usize)| {
        format!("{} nodes in {markets} markets", format_thousands(nodes as u64))
    };
    let omitted: Vec<String> = config.list_omitted().into_iter().map(pair).collect();
    if omitted.is_empty() {
        return String::new();
    }
    format!("Left out, because each market needs a node: {}.", omitted.join(", "))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use nosana_scale::costs::{BlockLimits, Costs};

    use super::*;

    #[test]
    fn every_assumption_has_its_number() {
        let mut report = ScaleReport {
            version: "",
            config: SweepConfig::full(),
            costs: Costs::FREE,
            limits: BlockLimits::AGAVE,
            points: Vec::new(),
            comparison: None,
            seconds: 0.0,
            page: PathBuf::new(),
        };
        let text = describe_setting(&report);
        for part in [
            "exponentially distributed around 30.0 s",
            "fails every 86,400 s and is back after 300 s",
            "start 0.40 s after a match (assumed)",
            "Poisson",
            "120 s to start, 60 s for a heartbeat",
            "2 s for the shortest run, 3 requeues",
            "Agave 4.2",
            "20,000 jobs, 2,000 for each market, and 5 mean runs",
            "Left out, because each market needs a node: 10 nodes in 16 markets.",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }

        report.config.service = ServiceTimes::Measured(vec![1.0, 2.0]);
        report.config.churn = None;
        report.config.nodes = vec![100];
        let text = describe_setting(&report);
        assert!(text.contains("2 measured ones") && text.contains("does not fail"), "{text}");
        assert!(text.contains("(measured)") && !text.contains("Left out"), "{text}");
    }
}
