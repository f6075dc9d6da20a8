//! The programs' instructions with their accounts filled in.
//!
//! Each function takes what a person decides and derives the rest; none of them talks to the
//! network. Where an instruction's accounts depend on what is stored, the stored account is an
//! argument.

mod clients;
mod delegators;
mod endings;
mod markets;
mod nodes;
mod stakers;

pub use {clients::*, delegators::*, endings::*, markets::*, nodes::*, stakers::*};
