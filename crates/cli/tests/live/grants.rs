//! Grants: others read the log of a job, or use its ports, and nothing else.

use std::{process::Command, time::Duration};

use solana_address::Address;

use super::{SERVE, done, free_port, get, job, list, refused, site::Site, start_node};

/// A command of somebody without a wallet in this network.
fn visit(site: &Site, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = job(site, subcommand, arguments);
    command.args(["--config", "/dev/null"]).env("NOSANA_KEYPAIR", "/nonexistent");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_let_others_in_and_no_further() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let run = ["--service", "--timeout", "900", "--expose", "8080", "--", SERVE];
    let address = list(&site, "run", &run).await;
    let name = address.to_string();
    let share = |arguments: &[&str]| {
        let grant = done(job(&site, "share", &[&[name.as_str()], arguments].concat()));
        assert!(grant.starts_with("nosanagrant1"), "{grant}");
        grant.trim().to_owned()
    };

    // Without a grant, only the wallets of the job are let in.
    let wallet = site.world.create_wallet(1_000_000_000, 0).await.unwrap();
    let mut foreign = site.nosana_on("visitor", &wallet, &["job", "logs"]);
    foreign.args([&name, "--follow"]);
    assert!(refused(foreign).contains("neither client nor payer of the job"));
    let mut foreign = site.nosana_on("visitor", &wallet, &["job", "share"]);
    foreign.arg(&name);
    assert!(refused(foreign).contains("is not the job's client, who alone can share it"));

    // The log alone, without a wallet.
    let logs = share(&["--logs"]);
    let reader = site.start_node(visit(&site, "logs", &[&name, "--follow", "--ticket", &logs]));
    reader.says("at ").await;
    let no_port = refused(visit(&site, "connect", &[&name, "--ticket", &logs]));
    assert!(no_port.contains("exposes no port that you may use"), "{no_port}");

    // A port alone.
    let ports = share(&["--port", "8080", "--for", "2h"]);
    let no_log = refused(visit(&site, "logs", &[&name, "--follow", "--ticket", &ports]));
    assert!(no_log.contains("the grant does not allow the logs"), "{no_log}");
    let port = free_port();
    let choice = format!("{port}:8080");
    let arguments = [&name, "--port", &choice, "--wait", "--ticket", &ports];
    let line = site.start_node(visit(&site, "connect", &arguments));
    line.says("leads to port 8080").await;
    assert!(get(port, "/").unwrap().starts_with("HTTP/1.0 200"));

    // Grants that are expired, for another job, or for another endpoint.
    let short = share(&["--for", "1s"]);
    std::thread::sleep(Duration::from_secs(2));
    let expired = refused(visit(&site, "connect", &[&name, "--ticket", &short]));
    assert!(expired.contains("the credential expired"), "{expired}");
    let other_job = Address::new_from_array([9; 32]).to_string();
    let wrong = refused(visit(&site, "logs", &[&other_job, "--follow", "--ticket", &ports]));
    assert!(wrong.contains("cannot find a job") || wrong.contains("the grant is for"), "{wrong}");

    let identity = site.machine("visitor").join("identity");
    let identity = identity.to_str().unwrap();
    let named = site.start_node(visit(
        &site,
        "logs",
        &[&name, "--follow", "--ticket", &logs, "--identity", identity],
    ));
    let said = named.says("this command's endpoint is ").await;
    let endpoint = said.rsplit(' ').next().unwrap();
    let bound = share(&["--logs", "--endpoint", endpoint]);
    let elsewhere = refused(visit(&site, "logs", &[&name, "--follow", "--ticket", &bound]));
    assert!(elsewhere.contains("the grant is for another endpoint"), "{elsewhere}");
    let arguments = [&name, "--follow", "--ticket", &bound, "--identity", identity];
    let reader = site.start_node(visit(&site, "logs", &arguments));
    reader.says("at ").await;

    done(job(&site, "stop", &[&name]));
    node.leaves().await;
    site.world.stop().await.unwrap();
}
