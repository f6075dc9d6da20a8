//! The benchmark harness: whole markets on this machine, measured, and their books checked to the
//! last base unit.
//!
//! [`demo::run`] starts a local network, a GPU worker and a client, has a handful of jobs run and
//! paid, and leaves a page to look at. What it computes from what it saw is here as plain functions
//! over plain values:
//!
//! | module | what for |
//! | --- | --- |
//! | [`report`] | all that a demo found out, as it is written to `demo.json` |
//! | [`stages`] | where a job's time went |
//! | [`books`] | who holds how much NOS, and what should have changed |
//! | [`compute`] | compute units by instruction, beside the predecessor's |
//! | [`checks`] | what has to hold, and whether it does |
//! | [`page`], [`text`] | the report as a page and as text |

pub mod books;
pub mod checks;
pub mod compute;
pub mod demo;
pub mod format;
pub mod page;
mod progress;
pub mod report;
pub mod stages;
pub mod text;
