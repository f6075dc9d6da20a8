//! JSON schemas (draft 2020-12) of definitions and results, generated from the types that read
//! them.
//!
//! A schema accepts everything that the reader accepts, and more where JSON Schema cannot express a
//! rule: it bounds characters instead of bytes, it cannot compare the names of operations, and it
//! does not compile patterns.
//!
//! | module | purpose |
//! | --- | --- |
//! | `document` | the kinds of documents, and their schemas |
//! | `regexes` | regular expressions of texts; the schema of a field is in the file of its type |
//! | `tidy` | changes to a generated schema, so that errors point at a field |
//! | `problems`, `advice` | what a schema finds wrong with a document; what to write instead |
//! | `unsupported` | what nodes do not support, and what to do instead |

mod advice;
mod document;
mod problems;
pub(crate) mod regexes;
#[cfg(test)]
mod tests;
mod tidy;
pub(crate) mod unsupported;

pub use self::{document::Document, problems::Problem};
