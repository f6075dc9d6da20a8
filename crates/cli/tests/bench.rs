//! `nosana node bench`, also with little memory.

use std::process::{Command, Output};

use serde_json::Value;

/// Runs the benchmark with a limited address space, from which software Vulkan takes its memory.
fn run_bench(limit_kib: &str) -> Output {
    let script = format!("ulimit -v {limit_kib} && exec \"$0\" node bench --json");
    Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_nosana")]).output().unwrap()
}

fn parse_output(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn an_adapter_without_more_memory_is_measured_and_not_crashed() {
    let free = parse_output(&run_bench("unlimited"));
    let memory = &free["gpus"][0]["benchmark"]["memory"];
    let commitment = &free["commitment"];
    assert!(
        free["gpus"][0]["benchmark"]["bandwidth"]["gigabytes_per_second"].as_f64().unwrap() > 0.0
    );
    assert_eq!(memory["mib"], commitment["vram_mib"]);
    let all = memory["mib"].as_u64().unwrap();
    assert!(all >= 64 && commitment["memory_gb_s"].is_u64(), "{free}");
    if commitment["kind"] != "software" {
        // The driver of a real adapter does not take its memory from the address space.
        return;
    }
    assert_eq!(memory["bound"], "host");
    let refused = [2_000_000, 1_800_000, 1_600_000].into_iter().find_map(|limit_kib| {
        let output = run_bench(&limit_kib.to_string());

        // 101 is a panic; no code means a signal.
        assert!(output.status.code().is_some_and(|code| code != 101), "{limit_kib}: {output:?}");
        output
            .status
            .success()
            .then(|| parse_output(&output))
            .filter(|measured| measured["gpus"][0]["benchmark"]["memory"]["bound"] == "adapter")
    });
    let refused = refused.expect("no limit was low enough to have an effect");
    assert!(refused["commitment"]["vram_mib"].as_u64().unwrap() < all, "{refused}");
}
