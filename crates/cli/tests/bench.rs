//! `nosana node bench`, also where there is less memory than it would like.

use std::process::{Command, Output};

use serde_json::Value;

/// Runs the benchmark with at most so many KiB of address space, out of which software Vulkan takes
/// its memory.
fn bench(limit_kib: &str) -> Output {
    let script = format!("ulimit -v {limit_kib} && exec \"$0\" node bench --json");
    Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_nosana")]).output().unwrap()
}

fn read(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn an_adapter_without_more_memory_is_measured_and_not_crashed() {
    let free = read(&bench("unlimited"));
    let (memory, commitment) = (&free["gpus"][0]["benchmark"]["memory"], &free["commitment"]);
    assert!(
        free["gpus"][0]["benchmark"]["bandwidth"]["gigabytes_per_second"].as_f64().unwrap() > 0.0
    );
    assert_eq!(memory["mib"], commitment["vram_mib"]);
    let all = memory["mib"].as_u64().unwrap();
    assert!(all >= 64 && commitment["memory_gb_s"].is_u64(), "{free}");
    if commitment["kind"] != "software" {
        // A driver maps a real adapter's memory into the same address space, which says nothing
        // about its size.
        return;
    }
    assert_eq!(memory["bound"], "host");
    let refused = [2_000_000, 1_800_000, 1_600_000].into_iter().find_map(|limit_kib| {
        let output = bench(&limit_kib.to_string());
        // 101 is a panic; no code, a signal.
        assert!(output.status.code().is_some_and(|code| code != 101), "{limit_kib}: {output:?}");
        output
            .status
            .success()
            .then(|| read(&output))
            .filter(|told| told["gpus"][0]["benchmark"]["memory"]["bound"] == "adapter")
    });
    let refused = refused.expect("no limit was low enough to run into");
    assert!(refused["commitment"]["vram_mib"].as_u64().unwrap() < all, "{refused}");
}
