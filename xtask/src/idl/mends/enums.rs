//! Enums instead of bare numbers, so that callers in every language name a state and do not count.
//!
//! The bytes are the same. In the programs these fields are numbers, since any bytes must be a
//! valid account there. Generated readers fail on a number that is not in the enum: anyone who adds
//! a variant raises the layout version of the account.

use std::fmt::Debug;

use anyhow::{Context, Result, ensure};
use nosana_protocol::{
    dispute::{
        phase::Phase,
        votes::{Outcome, SeatState, Standing, Verdict},
    },
    job::{Kind, Reason, ReturnCause, State},
    queue::Side,
    slot::SlotState,
};
use serde_json::{Value, json};

use super::names::{name_of, retain_items};

/// An enum of the IDL of the jobs program.
struct Enum {
    name: &'static str,
    docs: &'static str,
    variants: Vec<String>,
    /// The arguments and fields of this type: instruction or type, and name.
    places: &'static [(&'static str, &'static str)],
}

/// Returns the enums of the jobs program; their variants are the protocol's.
fn list_enums() -> Vec<Enum> {
    vec![
        Enum {
            name: "JobState",
            docs: "The state of a job.",
            variants: list_variants(State::from_byte),
            places: &[("Job", "state")],
        },
        Enum {
            name: "Reason",
            docs: "Why a job was settled; `None` before.",
            variants: list_variants(Reason::from_byte),
            places: &[("Job", "reason")],
        },
        Enum {
            name: "ReturnCause",
            docs: "Why a job returned to its queue; `None` if it never did. A node may name those \
                   from `Unspecified` to `NodeFault`.",
            variants: list_variants(ReturnCause::from_byte),
            places: &[("Job", "return_cause"), ("quit", "cause")],
        },
        Enum {
            name: "JobKind",
            docs: "The kind of a job: a batch delivers a result before its deadline, a service \
                   runs for its whole timeout, a verified batch delivers a result that anyone \
                   may dispute.",
            variants: list_variants(Kind::from_byte),
            places: &[("Job", "kind"), ("list", "kind"), ("assign", "kind")],
        },
        Enum {
            name: "Side",
            docs: "What waits in a queue.",
            variants: list_variants(Side::from_byte),
            places: &[("QueueHeader", "side")],
        },
        Enum {
            name: "SlotState",
            docs: "The state of a slot.",
            variants: list_variants(SlotState::from_byte),
            places: &[("Slot", "state")],
        },
        Enum {
            name: "DisputePhase",
            docs: "The phase of a dispute.",
            variants: list_variants(Phase::from_byte),
            places: &[("Dispute", "phase")],
        },
        Enum {
            name: "Outcome",
            docs: "How a dispute ended; `None` before.",
            variants: list_variants(Outcome::from_byte),
            places: &[("Dispute", "outcome")],
        },
        Enum {
            name: "SeatState",
            docs: "How far a panelist is.",
            variants: list_variants(SeatState::from_byte),
            places: &[("Seat", "state")],
        },
        Enum {
            name: "Verdict",
            docs: "What a panelist says about a result; `None` before it reveals.",
            variants: list_variants(Verdict::from_byte),
            places: &[("Seat", "verdict"), ("reveal", "verdict")],
        },
        Enum {
            name: "Standing",
            docs: "What became of a panelist.",
            variants: list_variants(Standing::from_byte),
            places: &[("Seat", "standing")],
        },
    ]
}

/// Returns the names of the variants, in the order of their numbers.
fn list_variants<T: Debug>(from_byte: impl Fn(u8) -> Option<T>) -> Vec<String> {
    (0..=u8::MAX).map_while(from_byte).map(|variant| format!("{variant:?}")).collect()
}

/// Writes the enums into the IDL of the jobs program, and names them where a byte stands.
pub fn write_enums(program: &str, idl: &mut Value) -> Result<()> {
    if program != "jobs" {
        return Ok(());
    }

    for it in list_enums() {
        for (owner, name) in it.places {
            name_type(idl, owner, name, it.name)?;
        }

        let variants: Vec<Value> = it.variants.iter().map(|name| json!({"name": name})).collect();
        let def = json!({
            "name": it.name,
            "docs": [it.docs],
            "type": {"kind": "enum", "variants": variants},
        });
        retain_items(&mut idl["types"], |other| name_of(other) != it.name);
        idl["types"].as_array_mut().context("the IDL has no types")?.push(def);
    }
    sort_types(idl);
    Ok(())
}

/// Sorts the types by name, as Anchor does.
fn sort_types(idl: &mut Value) {
    if let Some(types) = idl["types"].as_array_mut() {
        types.sort_by(|a, b| name_of(a).cmp(name_of(b)));
    }
}

/// Names the enum in one place, which has a byte now.
fn name_type(idl: &mut Value, owner: &str, name: &str, ty: &str) -> Result<()> {
    let place = find_place(idl, owner, name)
        .with_context(|| format!("`{owner}` has no `{name}` for the enum `{ty}`"))?;

    ensure!(place["type"] == "u8", "`{owner}.{name}` is not a byte, as the enum `{ty}` would be");
    place["type"] = json!({"defined": {"name": ty}});
    Ok(())
}

/// Returns the argument of an instruction, or the field of a type.
fn find_place<'a>(idl: &'a mut Value, owner: &str, name: &str) -> Option<&'a mut Value> {
    let is_type = find_named(&mut idl["types"], owner).is_some();
    let list = if is_type {
        &mut find_named(&mut idl["types"], owner)?["type"]["fields"]
    } else {
        &mut find_named(&mut idl["instructions"], owner)?["args"]
    };
    find_named(list, name)
}

fn find_named<'a>(list: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    list.as_array_mut()?.iter_mut().find(|item| name_of(item) == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{list_enums, name_type};

    #[test]
    fn variants_are_those_of_the_protocol() {
        let counts: Vec<_> =
            list_enums().into_iter().map(|it| (it.name, it.variants.len())).collect();
        assert_eq!(
            counts,
            [
                ("JobState", 6),
                ("Reason", 12),
                ("ReturnCause", 13),
                ("JobKind", 3),
                ("Side", 3),
                ("SlotState", 5),
                ("DisputePhase", 6),
                ("Outcome", 6),
                ("SeatState", 5),
                ("Verdict", 4),
                ("Standing", 6),
            ]
        );
        assert_eq!(list_enums()[3].variants, ["Batch", "Service", "VerifiedBatch"]);
    }

    #[test]
    fn only_bytes_become_enums() {
        let mut idl = json!({"instructions": [], "types": [{
            "name": "Slot",
            "type": {"kind": "struct", "fields": [
                {"name": "state", "type": "u8"}, {"name": "since", "type": "i64"},
            ]},
        }]});
        name_type(&mut idl, "Slot", "state", "SlotState").unwrap();

        let slot = &idl["types"][0];
        assert_eq!(slot["type"]["fields"][0]["type"], json!({"defined": {"name": "SlotState"}}));
        assert!(name_type(&mut idl, "Slot", "since", "SlotState").is_err());
        assert!(name_type(&mut idl, "Slot", "gone", "SlotState").is_err());
    }
}
