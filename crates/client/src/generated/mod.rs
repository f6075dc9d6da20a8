//! The modules that `build.rs` writes from the IDLs: for each program its address, instructions,
//! accounts, events and errors.
//!
//! Their docs are the programs' own, whose intra-doc links do not resolve here.

/// The job market: clients, nodes, queues, escrow and settlement.
pub mod jobs {
    #![allow(clippy::all, rustdoc::broken_intra_doc_links)]
    include!(concat!(env!("OUT_DIR"), "/jobs.rs"));
}

/// Stakes of NOS, their weight (xNOS), and the collateral of nodes.
pub mod staking {
    #![allow(clippy::all, rustdoc::broken_intra_doc_links)]
    include!(concat!(env!("OUT_DIR"), "/staking.rs"));
}

/// The pool that pays the network's fees to stakers.
pub mod rewards {
    #![allow(clippy::all, rustdoc::broken_intra_doc_links)]
    include!(concat!(env!("OUT_DIR"), "/rewards.rs"));
}

/// A test program with every shape that an Anchor 2 IDL can have.
#[cfg(test)]
pub mod tiny {
    #![allow(clippy::all, dead_code)]
    include!(concat!(env!("OUT_DIR"), "/tiny.rs"));
}

#[cfg(test)]
mod tests;
