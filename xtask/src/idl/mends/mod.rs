//! Mends what Anchor's builder writes into an IDL, so that generators in every language take it.
//!
//! | module | purpose |
//! | --- | --- |
//! | `foreign` | leaves accounts of other programs out |
//! | `aliases` | drops aliases of types |
//! | `layouts` | drops marks of layouts that equal borsh's |
//! | `seeds`, `relations` | how every account is found |
//! | `enums` | names for numbers |
//! | `queue` | the cells of a queue |
//! | `docs` | removes what only readers of the Rust code understand |
//! | `sentences` | documentation for callers |
//! | `base58`, `names` | addresses as bytes; names in an IDL |

mod aliases;
mod base58;
mod docs;
mod enums;
mod foreign;
mod layouts;
mod names;
mod queue;
mod relations;
mod seeds;
mod sentences;

use anyhow::Result;
use serde_json::Value;

pub use self::seeds::Programs;

/// Mends the IDL of one program. `programs` are all of them.
pub fn mend_idl(program: &str, programs: &Programs, idl: &mut Value) -> Result<()> {
    foreign::drop_accounts(program, idl);
    aliases::drop_aliases(idl)?;
    layouts::drop_marks(idl)?;
    seeds::write_seeds(program, programs, idl)?;
    relations::write_relations(program, idl);
    enums::write_enums(program, idl)?;
    queue::write_cells(program, idl)?;

    docs::clean_docs(idl);
    sentences::write_sentences(program, idl)?;
    docs::check_docs(program, idl)
}
