//! Accounts whose address another account of the instruction holds: Anchor writes this relation
//! where it checks it by a constraint, and not where the code of an instruction does.

use serde_json::{Value, json};

use super::names::name_of;

/// The account that holds the address, in the field with the name of the other account.
const HOLDER: &str = "job";
/// Instructions of the jobs program that end a job's match or run, each with the accounts of the
/// job's own fields.
const ENDINGS: &[(&str, &[&str])] = &[
    ("accept", &["node", "node_token"]),
    ("expire_match", &["node"]),
    ("expire_run", &["node", "node_token"]),
    ("finish", &["node_token"]),
    ("quit", &["node_token"]),
    ("reject", &["node", "node_token"]),
    ("settle", &["node", "node_token"]),
    ("stop", &["node", "node_token"]),
];

/// Writes that the job names its node and the node's token account.
pub fn write_relations(program: &str, idl: &mut Value) {
    if program != "jobs" {
        return;
    }

    for instruction in idl["instructions"].as_array_mut().into_iter().flatten() {
        let Some((_, related)) = ENDINGS.iter().find(|(name, _)| *name == name_of(instruction))
        else {
            continue;
        };
        for account in instruction["accounts"].as_array_mut().into_iter().flatten() {
            if related.contains(&name_of(account)) && account.get("relations").is_none() {
                account["relations"] = json!([HOLDER]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write_relations;

    #[test]
    fn a_job_names_its_node() {
        let accounts = json!([{"name": "node"}, {"name": "job"}, {"name": "node_token"}]);
        let mut idl = json!({"instructions": [
            {"name": "settle", "accounts": accounts},
            {"name": "work", "accounts": accounts},
        ]});
        write_relations("jobs", &mut idl);

        let related = &idl["instructions"][0]["accounts"];
        assert_eq!(related[0]["relations"], json!(["job"]));
        assert_eq!(related[2]["relations"], json!(["job"]));
        assert_eq!(idl["instructions"][1]["accounts"], accounts);
    }
}
