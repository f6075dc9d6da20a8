//! Seeds of every derived address in every instruction. Anchor writes them only where an
//! instruction creates the account; everywhere else a caller would have to find the address.

use anyhow::{Context, Result, ensure};
use nosana_protocol::addresses::{JOBS, Owner, REWARDS, Rule, STAKING, Seed};
use serde_json::{Value, json};

use super::{base58::decode_address, names::name_of};

const ASSOCIATED_TOKENS: &str = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
const LOADER: &str = "BPFLoaderUpgradeab1e11111111111111111111111";
const TOKENS: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

/// The addresses of the three programs, by their names.
pub type Programs = Vec<(String, String)>;

/// Writes the seeds of every account that a rule derives. Fails if Anchor derives an account
/// differently.
pub fn write_seeds(program: &str, programs: &Programs, idl: &mut Value) -> Result<()> {
    let rules = match program {
        "jobs" => JOBS,
        "staking" => STAKING,
        "rewards" => REWARDS,
        _ => &[],
    };

    for instruction in idl["instructions"].as_array_mut().into_iter().flatten() {
        let derived = derive_accounts(rules, program, programs, instruction)
            .with_context(|| format!("in the instruction `{}`", name_of(instruction)))?;
        let accounts = instruction["accounts"].as_array_mut();

        for (account, pda) in accounts.into_iter().flatten().zip(derived) {
            if let Some(pda) = pda {
                account["pda"] = pda;
            }
        }
    }
    Ok(())
}

/// Returns the seeds of each account; `None` if no rule applies.
fn derive_accounts(
    rules: &[Rule],
    program: &str,
    programs: &Programs,
    instruction: &Value,
) -> Result<Vec<Option<Value>>> {
    let accounts = instruction["accounts"].as_array().context("an instruction has no accounts")?;
    accounts
        .iter()
        .map(|account| {
            let rule = rules.iter().find(|rule| is_applicable(rule, instruction, account));
            let pda = rule.map(|rule| write_rule(rule, program, programs)).transpose()?;

            let anchors = account.get("pda");
            ensure!(
                anchors.is_none() || anchors == pda.as_ref(),
                "Anchor derives `{}` differently; correct crates/protocol/src/addresses.rs",
                name_of(account)
            );
            Ok(pda)
        })
        .collect()
}

/// Returns true if a rule derives this account of this instruction.
fn is_applicable(rule: &Rule, instruction: &Value, account: &Value) -> bool {
    let has = |list: &str, name: &str| {
        instruction[list].as_array().into_iter().flatten().any(|item| name_of(item) == name)
    };
    let is_named = name_of(account) == rule.account && account.get("address").is_none();
    let is_meant =
        rule.instructions.is_empty() || rule.instructions.contains(&name_of(instruction));

    is_named
        && is_meant
        && rule.seeds.iter().all(|seed| match seed {
            Seed::Bytes(_) | Seed::TokenProgram => true,
            Seed::Account(name) | Seed::Field(name, _, _) => has("accounts", name),
            Seed::Argument(name) => has("args", name),
        })
}

/// Returns a rule as an IDL has it.
fn write_rule(rule: &Rule, program: &str, programs: &Programs) -> Result<Value> {
    let seeds: Vec<Value> = rule.seeds.iter().map(write_seed).collect::<Result<_>>()?;
    let address_of = |name: &str| {
        let found = programs.iter().find(|(program, _)| program == name);
        found.map(|(_, address)| address.as_str()).with_context(|| format!("no program `{name}`"))
    };
    let owner = match rule.owner {
        Owner::Jobs => address_of("jobs")?,
        Owner::Staking => address_of("staking")?,
        Owner::Rewards => address_of("rewards")?,
        Owner::AssociatedTokens => ASSOCIATED_TOKENS,
        Owner::Loader => LOADER,
    };

    if owner == address_of(program)? {
        return Ok(json!({ "seeds": seeds }));
    }
    let owner = json!({"kind": "const", "value": decode_address(owner)?});
    Ok(json!({"program": owner, "seeds": seeds}))
}

fn write_seed(seed: &Seed) -> Result<Value> {
    Ok(match seed {
        Seed::Bytes(bytes) => json!({"kind": "const", "value": bytes}),
        Seed::TokenProgram => json!({"kind": "const", "value": decode_address(TOKENS)?}),
        Seed::Account(name) => json!({"kind": "account", "path": name}),
        Seed::Argument(name) => json!({"kind": "arg", "path": name}),
        Seed::Field(account, ty, field) => {
            json!({"kind": "account", "path": format!("{account}.{field}"), "account": ty})
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{LOADER, TOKENS, write_seeds};

    fn programs() -> super::Programs {
        let all = [("jobs", TOKENS), ("staking", LOADER), ("rewards", TOKENS)];
        all.map(|(name, address)| (name.to_owned(), address.to_owned())).to_vec()
    }

    fn instruction(name: &str, accounts: Value) -> Value {
        json!({"instructions": [{"name": name, "args": [], "accounts": accounts}]})
    }

    #[test]
    fn accounts_gain_seeds_where_the_instruction_has_what_they_name() {
        let accounts =
            json!([{"name": "node"}, {"name": "stake"}, {"name": "queue"}, {"name": "mint"}]);
        let mut idl = instruction("accept", accounts);
        write_seeds("jobs", &programs(), &mut idl).unwrap();

        let written = &idl["instructions"][0]["accounts"];
        let path = json!({"kind": "account", "path": "node.authority", "account": "Node"});
        assert_eq!(written[1]["pda"]["seeds"][1], path);
        assert_eq!(written[1]["pda"]["program"]["kind"], "const");
        for bare in [0, 2, 3] {
            assert!(written[bare].get("pda").is_none(), "{}", written[bare]);
        }
    }

    #[test]
    fn fixed_addresses_keep_them() {
        let mut idl = instruction("exit", json!([{"name": "pool", "address": LOADER}]));
        let before = idl.clone();
        write_seeds("rewards", &programs(), &mut idl).unwrap();
        assert_eq!(idl, before);
    }

    #[test]
    fn a_difference_from_anchor_is_refused() {
        let accounts = json!([{"name": "config", "pda": {"seeds": []}}]);
        let mut idl = instruction("list", accounts);
        let refused = format!("{:#}", write_seeds("jobs", &programs(), &mut idl).unwrap_err());
        assert!(refused.contains("Anchor derives `config` differently"), "{refused}");
    }
}
