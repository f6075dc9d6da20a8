//! The benchmark harness: runs whole markets on this machine, measures them, and checks every
//! balance to the last base unit.
//!
//! [`demo::run`] starts a local network, a GPU worker and a client, runs and pays a few jobs, and
//! writes an HTML page. What it computes from its observations are plain functions over plain
//! values:
//!
//! | module | purpose |
//! | --- | --- |
//! | [`liar`] | nodes that cheat, and the disputes about their results |
//! | [`faults`] | a node that is killed at random moments, and what that costs |
//! | [`engine`] | the speed of inference, directly and through a market |
//! | [`connect`] | what connections between clients and nodes cost |
//! | [`calibrate`] | how far honest and dishonest runs of a model differ |
//! | [`simulate`] | which strategies pay in disputes |
//! | [`scale`] | how many nodes and jobs markets and the chain have room for |
//! | [`summary`] | one page of all benchmarks, beside the committed baseline |
//! | [`report`] | the results of a demo, as `demo.json` contains them |
//! | [`stages`] | the time that each job spent in each stage |
//! | [`balances`] | balances of NOS, and their expected changes |
//! | [`compute`] | compute units by instruction, compared with the predecessor's |
//! | [`checks`] | claims about the demo, and whether they hold |
//! | [`html`], [`text`] | the report as an HTML page and as text |
//! | [`format`] | quantities as text |
//! | `wait` | time limits, and the clock |

pub mod balances;
pub mod calibrate;
pub mod checks;
pub mod compute;
pub mod connect;
pub mod demo;
pub mod engine;
pub mod faults;
pub mod format;
pub mod html;
pub mod liar;
mod node;
mod progress;
pub mod report;
pub mod scale;
pub mod simulate;
pub mod stages;
pub mod summary;
pub mod text;
mod wait;
