//! `nosana node bench`, `nosana bench simulate`, `scale`, `connect` and `calibrate`, and `nosana
//! bench liar`: nodes that cheat, and an honest one that is falsely accused.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

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
    let token_bytes = benchmark["bandwidth"]["token_bytes"].as_u64().unwrap();
    let generated = commitment["generated_tokens_per_second"].as_u64().unwrap();
    assert!(token_bytes > 0 && generated > 0, "{measured}");
    assert_eq!(commitment["weights_bytes_per_second"].as_u64(), Some(token_bytes * generated));
    assert_eq!(commitment["version"], "nosana-hardware/4");
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

#[test]
fn markets_are_simulated_and_other_files_are_no_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut scale = Command::new(env!("CARGO_BIN_EXE_nosana"));
    scale.args(["bench", "scale", "--quick", "--nodes", "10,100", "--markets", "1", "--quiet"]);
    let output = scale.arg("--out").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = folder.path().join("scale.html");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), page.to_str().unwrap());

    let json = fs::read(folder.path().join("scale.json")).unwrap();
    let report: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(report["config"]["nodes"], serde_json::json!([10, 100]));
    assert!(report["points"][0]["outcome"]["finished"].as_u64().unwrap() > 0, "{report}");

    let mut against = Command::new(env!("CARGO_BIN_EXE_nosana"));
    against.args(["bench", "scale", "--against"]).arg(folder.path().join("scale.json"));
    let refused = against.output().unwrap();
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && message.contains("not the report of a demo"), "{message}");
}

#[test]
fn connections_are_measured_and_goals_fail_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut connect = Command::new(env!("CARGO_BIN_EXE_nosana"));
    connect.args(["bench", "connect", "--quick", "--quiet", "--out"]).arg(folder.path());
    let output = connect.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = folder.path().join("connect.html");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), page.to_str().unwrap());

    let json = fs::read(folder.path().join("connect.json")).unwrap();
    let report: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(report["requests"]["open_forwarded"].as_array().unwrap().len(), 200);
    if !cfg!(target_os = "linux") {
        assert!(report["idle"].is_null(), "{report}");
        return;
    }

    let idle = &report["idle"];
    let [before, after] =
        ["resident_before", "resident_after"].map(|name| idle[name].as_u64().unwrap());
    assert!(idle["seconds"].as_f64().unwrap() >= 5.0, "{idle}");
    // The endpoint was not there before.
    assert!(0 < before && before < after, "{idle}");
    assert!(after - before < 60_000_000, "{idle}");
    let core_share = idle["cpu_seconds"].as_f64().unwrap() / idle["seconds"].as_f64().unwrap();
    assert!(core_share < 0.01, "{idle}");
    assert_eq!(report["goals"].as_array().unwrap().len(), 5);
}

fn simulate(out: &Path, arguments: &[&str]) -> Output {
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_nosana"));
    simulate.args(["bench", "simulate", "--quick", "--out"]).arg(out).args(arguments);
    simulate.output().unwrap()
}

#[test]
fn the_simulation_fails_where_a_strategy_pays() {
    let folder = tempfile::tempdir().unwrap();
    let known = simulate(folder.path(), &["--known-limits", "--quiet"]);
    assert!(known.status.success(), "{known:?}");
    let page = folder.path().join("simulate.html");
    assert_eq!(String::from_utf8_lossy(&known.stdout).trim(), page.to_str().unwrap());
    assert!(fs::read_to_string(page).unwrap().contains("<title id=\"check-rates\">"));

    let report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("simulate.json")).unwrap()).unwrap();
    let failures = report["failures"].as_array().unwrap();
    assert!(failures.iter().all(|failure| failure["is_known"] == true), "{failures:?}");

    // The rate at which a node that cheats gains, whatever its collateral within the bounds.
    let cheating = simulate(folder.path(), &["--known-limits", "--check", "0.00001"]);
    let message = String::from_utf8_lossy(&cheating.stderr);
    assert!(!cheating.status.success(), "{message}");
    assert!(message.contains("lazy node: gains") && message.contains("min_collateral_ratio 10,"));
    assert!(String::from_utf8_lossy(&cheating.stdout).contains("Choosing terms"));
}

#[test]
fn the_calibration_fails_for_a_claimed_cheat_that_nothing_shows() {
    let folder = tempfile::tempdir().unwrap();
    let mut pull = Command::new(env!("CARGO_BIN_EXE_nosana"));
    let pulled = pull.args(["model", "pull", "all-MiniLM-L6-v2"]).output().unwrap();
    let printed = String::from_utf8(pulled.stdout).unwrap();
    let model = printed.trim().splitn(3, "  ").nth(2).unwrap();

    // The whole model, as if it lacked a layer: the one way that no bound can show.
    for name in ["embedding", "generation"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let forged = folder.path().join("embedding/5-of-6-layers.gguf");
    std::os::unix::fs::symlink(model, forged).unwrap();

    let mut calibrate = Command::new(env!("CARGO_BIN_EXE_nosana"));
    calibrate.args(["bench", "calibrate", "--texts", "4", "--questions", "1", "--quiet"]);
    calibrate.args(["--max-tokens", "33"]);
    calibrate.arg("--variants").arg(folder.path()).arg("--out").arg(folder.path());
    let output = calibrate.output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{message}");

    // Nothing else contradicts the claims: honest runs agree, cut and copied ones are caught.
    let (_, faults) = message.split_once("the bounds do not hold:\n").expect(&message);
    let faults: Vec<&str> = faults.trim().lines().map(str::trim).collect();
    assert_eq!(faults.len(), 1, "{message}");
    assert!(faults[0].starts_with("embeddings: 5-of-6-layers: 0 of 4 runs"), "{message}");

    let report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("calibration.json")).unwrap()).unwrap();
    let count = |task: &str, claim: &str| {
        let cases = report[task].as_array().unwrap().iter();
        cases.filter(|case| case["claim"] == claim).count()
    };
    assert_eq!(["embeddings", "answers"].map(|task| count(task, "caught")), [4, 2], "{report}");
    assert_eq!(report["max_tokens"], 33);
    // Each device beside the CPU is one more honest way.
    let honest = ["embeddings", "answers"].map(|task| count(task, "honest"));
    assert!(honest[0] >= 6 && honest[1] >= 9, "{report}");
}

fn run_calibration(arguments: &[&str], option: &str, file: &Path, folder: &Path) -> Output {
    let mut calibrate = Command::new(env!("CARGO_BIN_EXE_nosana"));
    calibrate.args(["bench", "calibrate", "--questions", "2", "--max-tokens", "8", "--quiet"]);
    calibrate.args(arguments).arg(option).arg(file);
    if option == "--against" {
        calibrate.arg("--out").arg(folder);
    }
    calibrate.env_remove("NOSANA_CALIBRATION_VARIANTS").output().unwrap()
}

#[test]
fn a_recorded_run_is_one_more_honest_way_and_a_changed_token_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("here.json");
    let run = |option: &str, texts: &str| {
        run_calibration(&["--texts", texts], option, &file, folder.path())
    };
    let recorded = run("--record", "2");
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
    assert!(!folder.path().join("calibration.json").exists(), "nothing is compared");

    let agreed = run("--against", "2");
    assert!(agreed.status.success(), "{}", String::from_utf8_lossy(&agreed.stderr));
    let report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("calibration.json")).unwrap()).unwrap();
    for task in ["embeddings", "answers"] {
        let cases = report[task].as_array().unwrap();
        assert_eq!(cases.len(), 2, "the same device, and the file: {report}");
        assert!(cases[1]["name"].as_str().unwrap().starts_with("here: "), "{report}");
        assert_eq!(cases[1]["claim"], "honest");
        assert_eq!(cases[1]["runs"], 2);
    }

    let other = run("--against", "3");
    let message = String::from_utf8_lossy(&other.stderr);
    assert!(!other.status.success() && message.contains("with `--texts 2`"), "{message}");

    // A token that no model would choose at this place.
    let mut changed: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    changed["answers"][1]["token_ids"][0] = 40_000.into();
    fs::write(&file, changed.to_string()).unwrap();
    let convicted = run("--against", "2");
    let message = String::from_utf8_lossy(&convicted.stderr);
    let (_, faults) = message.split_once("the bounds do not hold:\n").expect(&message);
    let faults: Vec<&str> = faults.trim().lines().map(str::trim).collect();
    assert!(faults.len() == 1 && faults[0].starts_with("answers: here: "), "{message}");
    assert!(faults[0].ends_with(": 1 of 2 honest runs exceed a bound"), "{message}");
}

#[test]
fn cheats_lose_and_the_honest_node_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut trial = Command::new(env!("CARGO_BIN_EXE_nosana"));
    trial.args(["bench", "liar", "--slot-ms", "50", "--quiet", "--no-open", "--out"]);
    trial.arg(folder.path());
    if std::env::var_os("SBF_OUT_DIR").is_none() {
        trial.env("SBF_OUT_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy"));
    }

    // Its own checks cover every vote, payment and balance: a failed one is a failed exit.
    let output = trial.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(folder.path().join("index.html")).unwrap();
    assert!(page.contains("cheating nodes that lost</dt><dd>4 of 4"), "{page}");

    let report = fs::read(folder.path().join("liar.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let outcomes: Vec<_> = report["cases"].as_array().unwrap().iter().map(outcome_of).collect();
    let expected = [
        ("garbage", "client", "convicted"),
        ("small-model", "fisherman", "convicted"),
        ("cut-text", "client", "convicted"),
        ("copy", "honest node", "trace refuted"),
        ("honest", "griefer", "acquitted"),
    ];
    assert_eq!(outcomes, expected);

    for case in report["cases"].as_array().unwrap() {
        let amount = |name: &str| case["money"][name].as_u64().unwrap();
        let panel = case["money"]["panel"].as_array().unwrap().iter();
        let fees: u64 = panel.map(|fee| fee.as_u64().unwrap()).sum();
        let taken = ["escrow", "bond", "collateral"].map(amount);
        let paid = ["node", "client", "challenger", "network", "burned"].map(amount);
        assert_eq!(taken.iter().sum::<u64>(), paid.iter().sum::<u64>() + fees, "{case}");
        assert!(fees > 0 && case["votes"].as_array().unwrap().len() == 3, "{case}");
    }
}

/// Returns what the node did, who disputed its result, and the outcome.
fn outcome_of(case: &Value) -> (&str, &str, &str) {
    let text = |name: &str| case[name].as_str().unwrap();
    (text("behavior"), text("challenger"), text("outcome"))
}
