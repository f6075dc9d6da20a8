//! Lists of steps that once went wrong, as the fuzzer printed them. They are played before anything
//! new is tried.

#[allow(unused_imports, reason = "the lists are written with them")]
use crate::step::{Action::*, Forgery::*, Order, Step};

/// A name, and the steps.
pub const ALL: &[(&str, &[Step])] = &[];
