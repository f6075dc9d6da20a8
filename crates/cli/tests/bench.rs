//! `nosana node bench`.

use std::process::{Command, Output};

use serde_json::Value;

fn run_bench(arguments: &[&str]) -> Output {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_nosana"));
    bench.args(["node", "bench"]).args(arguments).output().unwrap()
}

#[test]
fn the_devices_are_measured_and_committed_to() {
    let output = run_bench(&["--json"]);
    let measured: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let benchmark = &measured["devices"][0]["benchmark"];
    let commitment = &measured["commitment"];

    let speed = |what: &str| benchmark[what]["tokens_per_second"].as_f64().unwrap();
    assert!(speed("prompt") > 0.0 && speed("generation") > 0.0, "{measured}");
    assert!(benchmark["memory"]["mib"].as_u64().unwrap() >= 64, "{measured}");

    let rounded = speed("prompt").round() as u64;
    assert_eq!(commitment["prompt_tokens_per_second"].as_u64(), Some(rounded));
    assert_eq!(commitment["vram_mib"], benchmark["memory"]["mib"]);
    assert_eq!(commitment["version"], "nosana-hardware/3");
}

#[test]
fn a_missing_device_and_no_threads_are_refused() {
    for (arguments, problem) in
        [(["--gpu", "77"], "GPU 77 is requested"), (["--cpu-threads", "0"], "--cpu-threads")]
    {
        let refused = run_bench(&arguments);
        let message = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && message.contains(problem), "{message}");
    }
}
