//! Verified jobs and disputes about them, by real nodes on a real network: an honest node is paid
//! and acquitted, a lie is found and convicted, and a node that is killed at any step loses
//! nothing.
//!
//! | module | purpose |
//! | --- | --- |
//! | `trial` | a market that takes verified jobs, and the owners of a panel |
//! | `descriptions` | what `nosana dispute` says about a dispute |
//! | `honest_results` | results that are accepted, and one that is challenged falsely |
//! | `kills` | results whose node is killed around their submission |
//! | `lies` | a result that nobody computed |
//! | `lying_answers` | answers to another question, and to half of the question |
//! | `lying_twins` | a twin that nobody computed |
//! | `other_markets` | a result that is judged by nodes of another market |
//! | `twins` | results that a client checks by running them once more |
//! | `unjudged` | a dispute that clocks and a stranger end |

mod descriptions;
mod honest_results;
mod kills;
mod lies;
mod lying_answers;
mod lying_twins;
mod other_markets;
#[path = "../site/mod.rs"]
mod site;
mod trial;
mod twins;
mod unjudged;
