//! Where the nodes of a cluster can be reached, as their accounts announce it.
//!
//! | module | purpose |
//! | --- | --- |
//! | `account` | an address as the field of a node's account |
//! | `nodes` | the addresses of all nodes, read at most every half minute |

mod account;
mod nodes;

pub use account::{EndpointField, endpoint_field, read_endpoint};
pub use nodes::{NodeDirectory, NodeEntry};
