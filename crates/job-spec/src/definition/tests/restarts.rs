//! Containers that begin again.

use super::*;
use crate::{Document, RestartPolicy, RestartTrigger};

fn with_policy(policy: Value) -> Value {
    published_job(json!([run_container("a", json!({ "restart_policy": policy }), json!({}))]))
}

fn read_policy(policy: Value) -> RestartPolicy {
    let definition = read_definition(&with_policy(policy)).unwrap();
    let written = serde_json::to_value(&definition).unwrap();
    assert_eq!(read_definition(&written).unwrap(), definition, "nodes read it");
    definition.ops[0].container_args().unwrap().restart_policy
}

#[test]
fn the_published_policies_are_read() {
    for (written, trigger, tries) in [
        (json!("no"), RestartTrigger::No, None),
        (json!("always"), RestartTrigger::Always, None),
        (json!("unless-stopped"), RestartTrigger::UnlessStopped, None),
        (json!("on-failure"), RestartTrigger::OnFailure, None),
        (json!({ "policy": "on-failure", "restart_tries": 3 }), RestartTrigger::OnFailure, Some(3)),
    ] {
        assert_eq!(read_policy(written), RestartPolicy { trigger, tries });
    }
}

#[test]
fn other_policies_are_refused_at_their_place() {
    let place = "/ops/0/args/restart_policy";
    for (policy, expected) in [
        (json!("sometimes"), ": "),
        (json!(true), ": "),
        (json!({ "policy": "never" }), "/policy: "),
        (json!({ "restart_tries": 3 }), "/policy: is missing"),
        (json!({ "policy": "on-failure", "restart_tries": 0 }), "/restart_tries: "),
        (json!({ "policy": "on-failure", "restart_tries": 1001 }), "/restart_tries: "),
        (json!({ "policy": "on-failure", "tries": 3 }), "/tries: is not a known field"),
        (json!({ "policy": "no", "restart_tries": 3 }), "/restart_tries: is for the policies"),
    ] {
        let error = read_definition(&with_policy(policy)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{place}{expected}")), "{error}");
    }
    assert_eq!(Document::Published.problems(&with_policy(json!("always"))), []);
}

#[test]
fn a_batch_job_does_not_begin_again_for_ever() {
    for policy in [json!("always"), json!("unless-stopped")] {
        let definition = read_definition(&with_policy(policy)).unwrap();
        definition.validate_service().unwrap();
        let error = definition.validate_batch().unwrap_err().to_string();
        assert!(error.starts_with("/ops/0/args/restart_policy: starts the container"), "{error}");
    }

    for policy in [json!("on-failure"), json!({ "policy": "always", "restart_tries": 2 })] {
        read_definition(&with_policy(policy)).unwrap().validate_batch().unwrap();
    }

    // One that is stopped with others ends with them.
    let stop = json!({ "group": "g", "depends_on": ["b"], "stop_if_dependent_stops": true });
    let server = run_container("a", json!({ "restart_policy": "always" }), stop);
    let client = run_container("b", json!({}), json!({ "group": "g" }));
    let definition = read_definition(&published_job(json!([server, client]))).unwrap();
    definition.validate_batch().unwrap();
}
