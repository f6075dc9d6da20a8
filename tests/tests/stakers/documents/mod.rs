//! The documents for auditors against the programs: every worked example is computed anew, by the
//! rules of the programs and by the model of these tests; the timelines run in the runtime; tables
//! are compared with the IDLs.
//!
//! | module | content |
//! | --- | --- |
//! | [`examples`] | the worked examples |
//! | [`timelines`] | the timelines, step by step |
//! | [`tables`] | the tables of layouts, instructions, errors and events |
//! | [`parse`] | tables of Markdown |

mod examples;
mod parse;
mod tables;
mod timelines;
