//! Where this client differs from those in other languages.
//!
//! Its users have the programs' own types of `nosana_protocol`: enums that are made from a number
//! and refuse an unknown one where it matters, and the queue. So an account of a later version,
//! whose state this client does not know, can still be read.

use anchor_lang_idl_spec::{Idl, IdlDefinedFields, IdlField, IdlType, IdlTypeDefTy};

/// Enums of the IDL that are numbers here.
const NUMBERS: [&str; 11] = [
    "DisputePhase",
    "JobKind",
    "JobState",
    "Outcome",
    "Reason",
    "ReturnCause",
    "SeatState",
    "Side",
    "SlotState",
    "Standing",
    "Verdict",
];
/// The account and the field that are read apart: see the module `queue`.
const TAIL: (&str, &str) = ("QueueHeader", "cells");

/// Turns enums that are numbers here into numbers, and leaves the queue's cells out of its header.
pub fn keep_rust_forms(idl: &mut Idl) {
    idl.types.retain(|def| !NUMBERS.contains(&def.name.as_str()));

    for instruction in &mut idl.instructions {
        keep_numbers(&mut instruction.args);
    }
    for def in &mut idl.types {
        if let IdlTypeDefTy::Struct { fields: Some(IdlDefinedFields::Named(fields)) } = &mut def.ty
        {
            keep_numbers(fields);
            fields.retain(|field| (def.name.as_str(), field.name.as_str()) != TAIL);
        }
    }
}

fn keep_numbers(fields: &mut [IdlField]) {
    for field in fields {
        if let IdlType::Defined { name, .. } = &field.ty
            && NUMBERS.contains(&name.as_str())
        {
            field.ty = IdlType::U8;
        }
    }
}
