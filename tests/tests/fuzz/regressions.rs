//! Lists of steps that failed once, as the suite printed them. They run before anything new is
//! tried.

#[allow(unused_imports, reason = "the lists are written with them")]
use crate::{
    actions::{
        Action::*, AnyoneAction::*, AuthorityAction::*, ClientAction::*, DisputeAction::*,
        NodeAction::*, OutsideAction::*, StakeAction::*,
    },
    actors::Order,
    step::Step,
    tampering::Tampering::*,
};

/// A name, and the steps.
pub const ALL: &[(&str, &[Step])] = &[];
