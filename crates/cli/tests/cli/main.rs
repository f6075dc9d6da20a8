//! What holds for every command: exit statuses, pipes, addresses, variables, funds, and help with
//! wrong arguments. One network without a node serves all cases. `nosana store` needs none.
//!
//! | module | purpose |
//! | --- | --- |
//! | `content_commands` | content that `nosana localnet` and `nosana explorer` serve |
//! | `doctor` | what `nosana doctor` finds, on a network and without one |
//! | `store_commands` | `nosana store`, without a network |

mod content_commands;
mod doctor;
#[path = "../network/mod.rs"]
mod network;
mod store_commands;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
    thread,
};

use network::Network;
use nosana_client::{jobs, rewards, staking};
use serde_json::Value;

/// The status of a failure of the marketplace.
const MARKETPLACE_FAILURE: i32 = 125;

/// Cases that need a network share one, one after the other.
#[test]
fn every_command_follows_the_same_rules() {
    let network = &Network::start_with_content();
    a_closed_pipe_ends_quietly_and_a_full_disk_does_not(network);
    a_job_without_a_result_ends_every_command_that_waits_with_125(network);
    an_interrupted_wait_says_that_the_job_continues(network);
    what_follows_the_address_of_a_network_changes_nothing(network);
    a_variable_that_is_set_to_nothing_counts_as_not_set(network);
    a_new_wallet_learns_what_it_lacks_and_can_be_filled_and_used(network);
    a_stake_of_dust_is_refused_and_a_cooldown_has_dates(network);
    terms_out_of_their_bounds_are_named_before_anything_is_sent(network);
    announced_terms_are_shown_with_their_time(network);
    doctor::the_doctor_finds_what_is_wrong_and_says_what_to_do(network);
    content_commands::what_one_command_stores_the_other_serves(network);
}

/// Runs `nosana` without a network.
fn nosana(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nosana")).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A command line for the shell, with the client's key.
fn shell(network: &Network, line: &str) -> Output {
    Command::new("sh")
        .args(["-c", line])
        .env("NOSANA", env!("CARGO_BIN_EXE_nosana"))
        .env("NOSANA_URL", &network.url)
        .env("NOSANA_KEYPAIR", network.keys.join("client.json"))
        .env("NOSANA_STORE", &network.store)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn list_job(network: &Network, wallet: &str, more: &[&str]) -> String {
    let arguments = [&["job", "embed", "One", "--yes", "--timeout", "60"], more].concat();
    network.done(wallet, &arguments).trim().to_owned()
}

fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not(network: &Network) {
    for line in [
        "$NOSANA market list --json | true",
        "$NOSANA market list 2>&1 | true",
        "$NOSANA completions bash | true",
        "$NOSANA --help | true",
        "$NOSANA job no-such-command 2>&1 | true",
    ] {
        // The shell reports the status of `nosana` through another stream.
        let line = line.replacen("$NOSANA", "{ $NOSANA", 1).replacen(" |", "; echo $? >&3; } |", 1);
        let output = shell(network, &format!("{{ {line}; }} 3>&2"));
        let text = stderr(&output);
        assert!(!text.contains("panicked") && !text.contains("101"), "{line}: {text}");
    }

    for arguments in [&["market", "list"][..], &["market", "template"], &["--help"], &["--version"]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
        command.args(arguments).env("NOSANA_URL", &network.url);
        command.env("NOSANA_KEYPAIR", network.keys.join("client.json"));
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let text = stderr(&output);
        assert!(text.contains("cannot write to standard output"), "{arguments:?}: {text}");
    }
}

fn a_job_without_a_result_ends_every_command_that_waits_with_125(network: &Network) {
    let job = list_job(network, "client", &[]);
    // The websocket is away, so this reads the account at an interval.
    let arguments = ["job", "wait", &job, "--json", "--ws", "ws://127.0.0.1:1"];
    let waited = thread::scope(|scope| {
        let waiting = scope.spawn(|| network.run("client", &arguments));
        network.done("client", &["job", "cancel", &job]);
        waiting.join().unwrap()
    });
    assert_eq!(waited.status.code(), Some(MARKETPLACE_FAILURE), "{}", stderr(&waited));
    let printed: Value = serde_json::from_slice(&waited.stdout).unwrap();
    assert_eq!(
        (&printed["succeeded"], &printed["exit_code"], &printed["reason"]),
        (&false.into(), &125.into(), &"Cancelled".into())
    );
    assert_eq!(printed["cost"]["cost"], 0);
    assert_eq!(printed["transactions"][1]["instructions"][0], "cancel");
    assert!(stderr(&waited).contains("ended without a result: Cancelled"));

    for arguments in
        [&["job", "wait", &job][..], &["job", "logs", &job], &["job", "logs", &job, "--json"]]
    {
        let output = network.run("client", arguments);
        assert_eq!(output.status.code(), Some(MARKETPLACE_FAILURE), "{arguments:?}");
    }
    let commands = [&["job", "embed", "One"][..], &["job", "generate", "Hello"], &["job", "serve"]];
    for arguments in commands {
        let too_long = [arguments, &["--yes", "--wait", "--timeout", "999999999"]].concat();
        let status = network.run("client", &too_long).status;
        assert_eq!(status.code(), Some(MARKETPLACE_FAILURE), "{arguments:?}");
    }
    assert_eq!(network.run("client", &["job", "wait", "no-address"]).status.code(), Some(2));
    assert_eq!(network.run("client", &["stake", "unstake", "--yes"]).status.code(), Some(1));
}

fn an_interrupted_wait_says_that_the_job_continues(network: &Network) {
    let job = list_job(network, "client", &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
    command.args(["job", "wait", &job, "--url", &network.url, "--keypair"]);
    command.arg(network.keys.join("client.json")).stdin(Stdio::null());
    let mut waiting = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "queued");

    let interrupt = ["-INT", &waiting.id().to_string()];
    assert!(Command::new("kill").args(interrupt).status().unwrap().success());
    assert!(lines.next().unwrap().unwrap().contains("the job continues"));
    assert_eq!(waiting.wait().unwrap().code(), Some(130));
    network.done("client", &["job", "cancel", &job]);
}

fn what_follows_the_address_of_a_network_changes_nothing(network: &Network) {
    let job = list_job(network, "client", &[]);
    network.done("client", &["job", "cancel", &job]);
    for end in ["/", "/?key=1", "?key=1"] {
        let line = format!("NOSANA_URL={}{end} $NOSANA job wait {job}", network.url);
        let output = shell(network, &line);
        let text = stderr(&output);
        assert!(text.contains("ended without a result: Cancelled"), "{end}: {text}");
        assert!(!text.contains("websocket"), "{end}: {text}");
    }

    let refused = shell(network, "$NOSANA job embed One --yes --wait --url http://127.0.0.1:65535");
    let text = stderr(&refused);
    assert!(text.contains("--ws") && text.contains("gives no websocket"), "{text}");
}

fn a_variable_that_is_set_to_nothing_counts_as_not_set(network: &Network) {
    for variable in [
        "NOSANA_IPFS",
        "NOSANA_STORE",
        "RUST_LOG",
        "NOSANA_STATE",
        "NOSANA_RELAY",
        "NOSANA_MODELS_MAX",
    ] {
        let output =
            shell(network, &format!("{variable}= $NOSANA job embed One --yes --timeout 60"));
        assert!(output.status.success(), "{variable}: {}", stderr(&output));
        let job = String::from_utf8(output.stdout).unwrap();
        network.done("client", &["job", "cancel", job.trim()]);
    }

    // Without the variables, the configuration of the Solana tools names network and key.
    let config = tempfile::NamedTempFile::new().unwrap();
    let key = network.keys.join("client.json");
    let text = format!("json_rpc_url: \"{}\"\nkeypair_path: \"{}\"\n", network.url, key.display());
    fs::write(config.path(), text).unwrap();
    let empty = "NOSANA_URL= NOSANA_KEYPAIR= $NOSANA wallet balance --config";
    let output = shell(network, &format!("{empty} {}", config.path().display()));
    assert!(output.status.success(), "{}", stderr(&output));
    let configured = String::from_utf8(output.stdout).unwrap();
    assert_eq!(configured, network.done("client", &["wallet", "balance"]));

    let multiaddr = shell(network, "$NOSANA job embed One --yes --ipfs /ip4/127.0.0.1/tcp/5001");
    assert!(stderr(&multiaddr).contains("http://127.0.0.1:5001"), "{}", stderr(&multiaddr));
}

fn a_new_wallet_learns_what_it_lacks_and_can_be_filled_and_used(network: &Network) {
    let key = network.keys.join("second.json");
    let key = key.to_str().unwrap();
    let created = nosana(&["wallet", "new", key]);
    let address = String::from_utf8(created.stdout).unwrap().trim().to_owned();
    assert!(!nosana(&["wallet", "new", key]).status.success(), "it would overwrite the key");

    let poor = network.run("second", &["job", "embed", "One", "--yes"]);
    assert_eq!(poor.status.code(), Some(MARKETPLACE_FAILURE));
    let text = stderr(&poor);
    for part in ["0.000000000 SOL and needs", "0.000000 NOS and needs 0.033000 NOS", &address] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let unfunded = network.refused("second", &["rewards", "enter"]);
    let has_nothing = format!("the wallet {address} has too little SOL: it has 0.000000000 SOL");
    assert!(unfunded.contains(&has_nothing), "{unfunded}");

    let airdrop = network.json("second", &["wallet", "airdrop", "0.5"]);
    assert_eq!(airdrop["lamports"], 500_000_000);
    let no_nos = network.refused("second", &["stake", "add", "100", "--days", "14", "--yes"]);
    assert!(no_nos.contains("0.000000 NOS and needs 100.000000 NOS"), "{no_nos}");
    assert!(!no_nos.contains("SOL and needs"), "{no_nos}");

    assert!(
        network.refused("client", &["wallet", "send", &address, "--nos", "1"]).contains("--yes")
    );
    let sent = ["wallet", "send", &address, "--nos", "5", "--sol", "0.25", "--yes"];
    network.done("client", &sent);
    let balance = network.json("client", &["wallet", "balance", &address]);
    assert_eq!((&balance["lamports"], &balance["nos"]), (&750_000_000.into(), &5_000_000.into()));
    let market = network.json("client", &["market", "show"])["market"].as_str().unwrap().to_owned();
    let to_program = network.refused("client", &["wallet", "send", &market, "--nos", "1", "--yes"]);
    assert!(to_program.contains("is not a wallet"), "{to_program}");

    // The second wallet pays for the client's job, and gets the refund.
    let nos = |wallet| network.json(wallet, &["wallet", "balance"])["nos"].as_u64().unwrap();
    let before = nos("client");
    let job = list_job(network, "client", &["--payer", key]);
    network.done("client", &["job", "extend", &job, "60", "--payer", key]);
    assert_eq!((nos("client"), nos("second")), (before, 5_000_000 - 6_600));
    network.done("client", &["job", "cancel", &job]);
    assert_eq!((nos("client"), nos("second")), (before, 5_000_000));
}

fn a_stake_of_dust_is_refused_and_a_cooldown_has_dates(network: &Network) {
    for amount in ["0", "0.000001"] {
        let add = ["stake", "add", amount, "--days", "14", "--yes"];
        let refused = network.refused("node", &add);
        assert!(refused.contains("the least stake is"), "{refused}");
    }
    network.done("node", &["stake", "add", "100", "--days", "14", "--yes"]);
    assert!(network.refused("node", &["stake", "add", "0", "--yes"]).contains("more than 0 NOS"));

    network.done("node", &["stake", "unstake", "--yes"]);
    let stake = &network.json("node", &["stake", "show"])["stake"];
    let cooldown = &stake["cooldown"];
    let lasts = |end: &Value, start: &Value| end.as_i64().unwrap() - start.as_i64().unwrap();
    assert_eq!(lasts(&cooldown["ends_at"], &cooldown["began_at"]), 14 * 86_400);
    assert_eq!(cooldown["schedule"][3]["released"], 100_000_000);
    let text = network.done("node", &["stake", "show"]);
    assert!(text.contains("UTC") && text.contains("nosana stake withdraw"), "{text}");
}

fn terms_out_of_their_bounds_are_named_before_anything_is_sent(network: &Network) {
    let template = String::from_utf8(nosana(&["market", "template"]).stdout).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let short = template.replace("\"heartbeat_seconds\": 60", "\"heartbeat_seconds\": 7");
    fs::write(path, short).unwrap();

    let market = network.json("client", &["market", "show"])["market"].as_str().unwrap().to_owned();
    for arguments in [&["market", "open", path][..], &["market", "propose", &market, path]] {
        let refused = network.refused("client", &[arguments, &["--yes"]].concat());
        assert!(refused.contains("/heartbeat_seconds: 7 is not from 30 to 604800"), "{refused}");
    }
    fs::write(path, &template).unwrap();
    for arguments in [&["market", "propose", &market, path][..], &["market", "apply", &market]] {
        assert!(network.refused("client", arguments).contains("--yes"), "{arguments:?}");
    }
    let shown = network.done("client", &["market", "show"]);
    assert!(shown.contains("0.000050 NOS, 0.180000 NOS an hour"), "{shown}");
    assert!(shown.contains("10.000000 NOS") && shown.contains("100.000000 xNOS"), "{shown}");
}

fn announced_terms_are_shown_with_their_time(network: &Network) {
    let shown = network.json("client", &["market", "show"]);
    assert_eq!(shown["announced"], Value::Null);
    let market = shown["market"].as_str().unwrap();

    let template = String::from_utf8(nosana(&["market", "template"]).stdout).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let dearer = template
        .replace("\"price_per_second\": 50", "\"price_per_second\": 60")
        .replace("\"retention_seconds\": 60", "\"retention_seconds\": 3600");
    fs::write(path, dearer).unwrap();
    network.done("deployer", &["market", "propose", market, path, "--yes"]);

    let announced = network.json("client", &["market", "show"]);
    assert_eq!(announced["announced"]["price_per_second"], 60);
    assert_eq!(announced["terms"], shown["terms"]);
    let text = network.done("client", &["market", "show"]);
    for line in [
        "0.000060 NOS, 0.216000 NOS an hour instead of 0.000050 NOS, 0.180000 NOS an hour",
        "1h instead of 1m",
        &format!("by `nosana market apply {market}`"),
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(text.matches("instead of").count(), 2, "{text}");

    let early = network.refused("client", &["market", "apply", market, "--yes"]);
    assert!(early.contains("nosana market show"), "{early}");
}

#[test]
fn wrong_arguments_are_explained() {
    for (arguments, text) in [
        (&["job", "embed", "One", "--timeout", "-5"][..], "`-5` is negative"),
        (&["stake", "add", "-1"], "`-1` is negative"),
        (&["job", "such"], "Commands of `job`: post embed"),
        (&["job", "list", "--output", "yaml"], "possible values: text, json"),
    ] {
        let output = nosana(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(text), "{arguments:?}: {}", stderr(&output));
    }

    let version = String::from_utf8(nosana(&["--version"]).stdout).unwrap();
    let first = format!("nosana {} ({})\n", env!("CARGO_PKG_VERSION"), env!("NOSANA_COMMIT"));
    assert!(version.starts_with(&first), "{version}");
    let head = Command::new("git").args(["rev-parse", "HEAD"]).output();
    let is_checkout = head.is_ok_and(|head| head.status.success());
    assert!(!(is_checkout && version.contains("unknown commit")), "{version}");
    for address in [jobs::ID, staking::ID, rewards::ID] {
        assert!(version.contains(&address.to_string()), "{address}: {version}");
    }
}
