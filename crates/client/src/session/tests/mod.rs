//! Failures that a real network cannot be made to produce, such as lost transactions.
//!
//! | module | purpose |
//! | --- | --- |
//! | `scripted_node` | a node that answers as a test says |
//! | `holders` | the node that holds a job, without a list of all nodes |
//! | `limits` | what a transaction requests after its simulation |
//! | `messages` | the bytes of transactions |
//! | `newest_slot` | reads after a transaction, from a server that has not seen it yet |
//! | `transactions` | transactions that are lost |
//! | `reads` | reads over a broken connection, of many accounts, and of long histories |

mod holders;
mod limits;
mod messages;
mod newest_slot;
mod reads;
mod scripted_node;
mod transactions;
