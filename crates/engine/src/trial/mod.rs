//! The first load of a file from a stranger, in a process of its own that may die: llama.cpp ends
//! the process on some files instead of returning an error.
//!
//! | module | purpose |
//! | --- | --- |
//! | `load` | what that process does |
//! | `process` | starting it and waiting for it |
//! | `version` | the version of what loads files |

mod load;
mod process;
mod version;

pub use self::{load::load_on_trial, process::ModelTrial};
