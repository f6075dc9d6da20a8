//! What `build.rs` wrote from the IDLs: per program its address, instructions, accounts, events and
//! errors.
//!
//! Its docs are the programs' own, whose links lead nowhere here.

/// The market of jobs: clients, nodes, queues, escrow and settlement.
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

/// A made-up program with every shape that an Anchor 2 IDL can take.
#[cfg(test)]
pub mod tiny {
    #![allow(clippy::all, dead_code)]
    include!(concat!(env!("OUT_DIR"), "/tiny.rs"));
}

#[cfg(test)]
mod tests;
