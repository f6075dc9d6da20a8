//! Aliases: types of the kind `type`, which Codama and Python's readers refuse.

use anyhow::{Result, bail};
use serde_json::Value;

use super::names;

/// Drops the aliases that nothing refers to. Anchor writes one for each of its wrappers of integers
/// that an account has. Fails if something refers to one.
pub fn drop_aliases(idl: &mut Value) -> Result<()> {
    let types = idl["types"].as_array().cloned().unwrap_or_default();
    let aliases = types.iter().filter(|def| def["type"]["kind"] == "type").map(names::name_of);

    for alias in aliases {
        if names::is_referred_to(idl, alias) {
            bail!(
                "`{alias}` is an alias, which generators refuse; name the concrete type in the \
                 program instead"
            );
        }
        names::retain_items(&mut idl["types"], |def| names::name_of(def) != alias);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::drop_aliases;

    #[test]
    fn aliases_go_if_nothing_refers_to_them() {
        let alias = json!({"name": "PodU128", "type": {"kind": "type", "alias": "u128"}});
        let mut idl = json!({"instructions": [], "types": [
            alias,
            {"name": "Job", "type": {"kind": "struct", "fields": [{"name": "a", "type": "u8"}]}},
        ]});
        drop_aliases(&mut idl).unwrap();
        assert_eq!(idl["types"].as_array().unwrap().len(), 1);
        assert_eq!(idl["types"][0]["name"], "Job");

        let mut used = json!({"instructions": [], "types": [
            alias,
            {"name": "Job", "type": {"kind": "struct", "fields": [
                {"name": "a", "type": {"option": {"defined": {"name": "PodU128"}}}},
            ]}},
        ]});
        let refused = drop_aliases(&mut used).unwrap_err().to_string();
        assert!(refused.contains("`PodU128` is an alias"), "{refused}");
    }
}
