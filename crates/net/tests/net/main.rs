//! Endpoints, content, logs and ports over real connections on the loopback interface. Nothing
//! outside this machine is contacted: relays are off, or are processes of the test. Those with a
//! relay need its program, so only the step `relay` of `cargo xtask test` runs them.
//!
//! | module | purpose |
//! | --- | --- |
//! | `fixture` | nodes and clients for the tests |
//! | `transport` | connections between endpoints |
//! | `relay` | connections over a relay |
//! | `content`, `private_content` | objects from peer to peer, and those for parties alone |
//! | `logs`, `forwarding` | the logs and ports of a running job |
//! | `visitors` | public ports, for visitors without a wallet |
//! | `attacks_on_content`, `attacks_on_jobs` | peers that break the protocols |

mod attacks_on_content;
mod attacks_on_jobs;
mod content;
mod fixture;
mod forwarding;
mod logs;
mod private_content;
mod relay;
mod transport;
mod visitors;
