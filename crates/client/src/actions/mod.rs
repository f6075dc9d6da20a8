//! The programs' instructions with their accounts filled in.
//!
//! | file | instructions of |
//! | --- | --- |
//! | `clients` | clients, who list jobs |
//! | `nodes` | nodes, which run them |
//! | `disputes` | anyone who disputes a result, panelists, and the node that defends its result |
//! | `endings` | anyone who ends, settles or closes a job |
//! | `markets` | market authorities |
//! | `stakers` | stakers and owners of emission streams |
//! | `delegators` | delegators, and owners of the stakes that they delegate to |
//!
//! `nonce` has the number of a new job.
//!
//! Each function has the name of its instruction, takes the caller's choices as arguments and
//! derives the rest; none of them uses the network. Where an instruction's accounts depend on a
//! stored account, that account is an argument (`stored`).

mod clients;
mod delegators;
mod disputes;
mod endings;
mod markets;
mod nodes;
mod nonce;
mod stakers;

pub use {
    clients::*, delegators::*, disputes::*, endings::*, markets::*, nodes::*, nonce::new_nonce,
    stakers::*,
};
