//! What `nosana dispute list` and `show` say about a dispute.

use nosana_client::{jobs::accounts::Dispute, pda};
use nosana_protocol::dispute::phase::Phase;
use serde_json::{Value, json};
use solana_address::Address;
use solana_signer::Signer;

use crate::trial::{PANEL_FEE, SEAT_COLLATERAL, Trial};

fn parse_json(printed: &str) -> Value {
    serde_json::from_str(printed).expect(printed)
}

/// Both commands describe the only dispute, whose panel is complete and whose phase lasts until the
/// test goes on. `words` describe the phase.
pub async fn assert_described(
    trial: &Trial,
    job: Address,
    dispute: Address,
    (phase, words): (Phase, &str),
) {
    let account: Dispute = trial.site.world.session.fetch_account(&dispute).await.unwrap();
    let (job, dispute) = (job.to_string(), dispute.to_string());

    let listed = trial.done(&["dispute", "list"], &[]);
    assert!(listed.starts_with(&format!("{dispute}  job {job}: {words}")), "{listed}");
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let shown = trial.done(&["dispute", "show"], &[&job]);
    let nodes = trial.owners.iter().map(|owner| pda::jobs::node(&owner.pubkey()).to_string());
    let mut nodes: Vec<String> = nodes.collect();
    for word in nodes.iter().map(String::as_str).chain([dispute.as_str(), &job, words]) {
        assert!(shown.contains(word), "{word} is not in:\n{shown}");
    }

    let expected = json!({
        "dispute": dispute,
        "job": job,
        "market": trial.site.world.market.to_string(),
        "node": account.node.to_string(),
        "challenger": account.challenger.to_string(),
        "phase": format!("{phase:?}"),
        "outcome": "None",
        "panel_fee": PANEL_FEE,
        "collateral": SEAT_COLLATERAL,
        "challenged_at": account.challenged_at,
        "drawn_at": account.drawn_at,
        "resolved_at": 0,
    });
    nodes.sort_unstable();
    let listed = parse_json(&trial.done(&["dispute", "list"], &["--json"]));
    let shown = parse_json(&trial.done(&["dispute", "show"], &[&dispute, "--json"]));
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    for described in [&listed[0], &shown] {
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&described[field], value, "{field}: {described}");
        }
        assert!(described["ends_at"].as_i64().unwrap() > account.drawn_at, "{described}");
        let seats = described["seats"].as_array().unwrap();
        let seated = seats.iter().map(|seat| seat["node"].as_str().unwrap().to_owned());
        let mut seated: Vec<String> = seated.collect();
        seated.sort_unstable();
        assert_eq!(seated, nodes, "{described}");
    }

    // The address of a job, where that of a market is expected.
    let elsewhere = trial.done(&["dispute", "list"], &["--market", &job]);
    assert_eq!(elsewhere, "no dispute is open\n");
}

/// No dispute is left to describe.
pub fn assert_forgotten(trial: &Trial, job: Address) {
    assert_eq!(trial.done(&["dispute", "list"], &[]), "no dispute is open\n");
    assert_eq!(parse_json(&trial.done(&["dispute", "list"], &["--json"])), json!([]));

    let shown = trial.client_command(&["dispute", "show"], &[&job.to_string()]).output().unwrap();
    let error = String::from_utf8(shown.stderr).unwrap();
    assert!(!shown.status.success() && error.contains("has no dispute"), "{error}");
}
