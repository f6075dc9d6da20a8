//! What the programs hard-code about each other equals their IDLs, and the documents say what the
//! programs do.
//!
//! | module | compares |
//! | --- | --- |
//! | `calls` | discriminators and accounts of the calls that are built by hand |
//! | `addresses` | the addresses of programs and accounts |
//! | `errors` | the numbers of errors, and what the IDLs list |
//! | `tables` | the auditors' tables of bytes and instructions |
//! | `signatures` | the table of the signatures that programs pass on |
//! | `sources` | reads the files |

mod addresses;
mod calls;
mod errors;
mod signatures;
mod sources;
mod tables;
