//! Accounts of other programs that a program reads.
//!
//! Anchor lists them beside the program's own. A client that is generated from that searches for
//! them among the accounts of the wrong program, and finds none.

use serde_json::Value;

use super::names;

/// Each account that several programs read, with the program that owns it.
const OWNERS: &[(&str, &str)] = &[("Stake", "staking")];

/// Drops the accounts that another program owns; also their types, unless something refers to
/// them.
pub fn drop_accounts(program: &str, idl: &mut Value) {
    for (account, _) in OWNERS.iter().filter(|(_, owner)| *owner != program) {
        names::retain_items(&mut idl["accounts"], |it| names::name_of(it) != *account);
        if !names::is_referred_to(idl, account) {
            names::retain_items(&mut idl["types"], |it| names::name_of(it) != *account);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::drop_accounts;

    #[test]
    fn only_its_own_program_lists_an_account() {
        let listed = json!({"accounts": [{"name": "Job"}, {"name": "Stake"}],
            "types": [{"name": "Job"}, {"name": "Stake"}]});
        let mut jobs = listed.clone();
        drop_accounts("jobs", &mut jobs);
        assert_eq!(jobs, json!({"accounts": [{"name": "Job"}], "types": [{"name": "Job"}]}));

        let mut staking = listed.clone();
        drop_accounts("staking", &mut staking);
        assert_eq!(staking, listed);
    }

    #[test]
    fn a_type_stays_where_it_is_referred_to() {
        let mut idl = json!({"accounts": [{"name": "Stake"}], "types": [{"name": "Stake"}],
            "instructions": [{"args": [{"name": "a", "type": {"defined": {"name": "Stake"}}}]}]});
        drop_accounts("jobs", &mut idl);
        assert_eq!(idl["accounts"], json!([]));
        assert_eq!(idl["types"], json!([{"name": "Stake"}]));
    }
}
