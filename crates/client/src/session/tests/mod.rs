//! Failures that a real network cannot be made to produce, such as lost transactions.
//!
//! | module | purpose |
//! | --- | --- |
//! | `scripted_node` | a node that answers as a test says |
//! | `transactions` | transactions that are lost, and reads that follow them |
//! | `reads` | reads over a broken connection, and long histories |

mod reads;
mod scripted_node;
mod transactions;
