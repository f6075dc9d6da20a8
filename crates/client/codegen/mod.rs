//! Generates a Rust client from an Anchor IDL (specification 0.1.0).
//!
//! | module | purpose |
//! | --- | --- |
//! | `instructions`, `accounts`, `events`, `errors`, `constants` | the parts of a client |
//! | `defs` | structs, enums and aliases |
//! | `types` | IDL types as Rust types, and their sizes |
//! | `rust_forms` | where this client differs from those in other languages |
//! | `names` | identifiers and doc comments |
//!
//! The programs' own crates cannot be linked here (they pin other minor versions of the Solana
//! crates), so this client is built from the IDL, as clients in other languages are. The generator
//! rejects what it cannot express; it never skips it.
//!
//! Layouts: Anchor rejects padding in `bytemuck` types, so their fields follow each other,
//! little-endian, exactly as in borsh. One reader serves both, and it does not matter whether a
//! `u64` is aligned in the program's own type.

use anchor_lang_idl_spec::{Idl, IdlSerialization, IdlTypeDef};
use anyhow::{Context, Result, bail, ensure};
use proc_macro2::TokenStream;
use quote::quote;

mod accounts;
mod constants;
mod defs;
mod errors;
mod events;
mod instructions;
mod names;
mod rust_forms;
mod types;

pub use self::rust_forms::keep_rust_forms;

/// The version of the IDL specification that this generator reads.
const IDL_SPEC: &str = "0.1.0";

/// Parses an IDL.
pub fn parse_idl(json: &str) -> Result<Idl> {
    serde_json::from_str(json).context("not an Anchor IDL of specification 0.1.0")
}

/// Generates the source text of the client of the program that `idl` describes.
pub fn generate_source(idl: &Idl) -> Result<String> {
    let tokens = generate_module(idl)?;
    let file = syn::parse2(tokens).context("the generated code is not valid Rust")?;

    Ok(prettyplease::unparse(&file))
}

/// Generates the contents of one program's module.
fn generate_module(idl: &Idl) -> Result<TokenStream> {
    let spec = &idl.metadata.spec;
    ensure!(spec == IDL_SPEC, "IDL specification {spec} instead of {IDL_SPEC}");
    let program = Program { idl };
    program.check_layouts()?;

    let name = &idl.metadata.name;
    let version = &idl.metadata.version;
    let address = &idl.address;
    let instructions = instructions::generate_instructions(&program)?;
    let accounts = accounts::generate_accounts(&program)?;
    let events = events::generate_events(&program)?;
    let types = program.generate_types()?;
    let errors = errors::generate_errors(&idl.errors);
    let constants = constants::generate_constants(&program)?;

    Ok(quote! {
        /// The program's address.
        pub const ID: ::solana_address::Address =
            ::solana_address::Address::from_str_const(#address);
        /// The program's name in its IDL.
        pub const NAME: &str = #name;
        /// The program's version in its IDL.
        pub const VERSION: &str = #version;
        #instructions
        #accounts
        /// Types that accounts, events and arguments share.
        pub mod types { #types }
        #events
        #errors
        #constants
    })
}

/// The IDL of one program, and the queries that the generators make.
pub struct Program<'a> {
    idl: &'a Idl,
}

impl<'a> Program<'a> {
    /// Returns the definition of a named type.
    fn find_definition(&self, name: &str) -> Result<&'a IdlTypeDef> {
        self.idl
            .types
            .iter()
            .find(|def| def.name == name)
            .with_context(|| format!("the IDL does not define `{name}`"))
    }

    fn is_account(&self, name: &str) -> bool {
        self.idl.accounts.iter().any(|account| account.name == name)
    }

    fn is_event(&self, name: &str) -> bool {
        self.idl.events.iter().any(|event| event.name == name)
    }

    /// Rejects types whose layout this generator would get wrong.
    fn check_layouts(&self) -> Result<()> {
        for def in &self.idl.types {
            let name = &def.name;
            ensure!(
                def.generics.is_empty(),
                "`{name}` is generic: name a concrete type in the program instead"
            );
            match &def.serialization {
                IdlSerialization::Borsh | IdlSerialization::Bytemuck => {}
                other => bail!("`{name}` is serialized as {other:?}, whose padding is unknown"),
            }
            ensure!(
                !(self.is_account(name) && self.is_event(name)),
                "`{name}` is an account and an event: rename one of them"
            );
        }

        Ok(())
    }

    /// Generates the types that are neither accounts nor events.
    fn generate_types(&self) -> Result<TokenStream> {
        let plain = self
            .idl
            .types
            .iter()
            .filter(|def| !self.is_account(&def.name) && !self.is_event(&def.name));

        plain.map(|def| defs::generate_type(self, def)).collect()
    }
}
