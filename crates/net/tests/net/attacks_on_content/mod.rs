//! Peers that break the content protocol: they are cut off with a typed error, and nothing that
//! they sent is kept.
//!
//! | module | purpose |
//! | --- | --- |
//! | `liar` | a server that misbehaves |
//! | `false_servers` | what a client keeps of its blocks |
//! | `false_offers` | what a holder keeps of offers that are wrong or break off |
//! | `greedy_peers` | peers that take more than their share of a server |

mod false_offers;
mod false_servers;
mod greedy_peers;
mod liar;
