//! A gateway in front of a job: real processes, a visitor without a wallet.
//!
//! | module | purpose |
//! | --- | --- |
//! | `fixture` | a network, a node that runs a service, and a gateway |
//! | `http` | bodies of requests, and answers |
//! | `protocols` | what visitors use a public port for |
//! | `boundaries` | what a gateway does not lead to, and what it refuses |
//! | `shares` | how much one visitor, and all of them, can use |
//! | `streams` | events and a WebSocket |

mod boundaries;
mod fixture;
mod http;
mod protocols;
mod shares;
#[path = "../site/mod.rs"]
mod site;
#[path = "../streams/mod.rs"]
mod streams;
