//! The first load of a file from a stranger, in a process of its own that may die: llama.cpp ends
//! the process on some files instead of returning an error.
//!
//! | module | purpose |
//! | --- | --- |
//! | `load` | what that process does |
//! | `process` | starting it and waiting for it |

mod load;
mod process;

pub use self::{load::load_on_trial, process::ModelTrial};
