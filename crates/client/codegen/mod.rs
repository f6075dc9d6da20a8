//! Writes a Rust client from an Anchor IDL (specification 0.1.0).
//!
//! The programs' own crates cannot be linked here (they pin other minor versions of the Solana
//! crates), so this client knows of them what every other language knows: their IDL. What the IDL
//! says and this generator cannot express is refused, never skipped.
//!
//! Layouts: Anchor refuses padding in `bytemuck` types, so their fields follow each other,
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
mod types;

/// Account types that a program only reads: another program's, by module.
///
/// Anchor lists them beside the program's own, and does not say whose they are.
pub type Foreign<'a> = &'a [(&'a str, &'a str)];

/// Reads an IDL.
pub fn parse(json: &str) -> Result<Idl> {
    serde_json::from_str(json).context("not an Anchor IDL of specification 0.1.0")
}

/// The source text of the client of the program that `idl` describes.
pub fn source(idl: &Idl, foreign: Foreign) -> Result<String> {
    let file =
        syn::parse2(generate(idl, foreign)?).context("the generator wrote what is not Rust")?;
    Ok(prettyplease::unparse(&file))
}

/// Checks that a foreign account is, in both IDLs, the same.
pub fn same_account(name: &str, reader: &Idl, owner: &Idl) -> Result<()> {
    let account = |idl: &Idl| idl.accounts.iter().find(|account| account.name == name).cloned();
    let layout = |idl: &Idl| idl.types.iter().find(|def| def.name == name).cloned();
    let known = account(reader).is_some() && layout(reader).is_some();
    let same = account(reader) == account(owner) && layout(reader) == layout(owner);
    let (reader, owner) = (&reader.metadata.name, &owner.metadata.name);
    ensure!(
        known && same,
        "`{name}` of {owner} has another layout in the IDL of {reader}: run `cargo xtask idl`"
    );
    Ok(())
}

/// The contents of one program's module.
fn generate(idl: &Idl, foreign: Foreign) -> Result<TokenStream> {
    ensure!(
        idl.metadata.spec == "0.1.0",
        "IDL specification {} instead of 0.1.0",
        idl.metadata.spec
    );
    let program = Program { idl, foreign };
    program.check()?;
    let (name, version, address) = (&idl.metadata.name, &idl.metadata.version, &idl.address);
    let instructions = instructions::module(&program)?;
    let accounts = accounts::module(&program)?;
    let events = events::module(&program)?;
    let types = program.plain_types()?;
    let errors = errors::module(&idl.errors);
    let constants = constants::module(&program)?;
    Ok(quote! {
        /// The program's address.
        pub const ID: ::solana_address::Address = ::solana_address::Address::from_str_const(#address);
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

/// One program's IDL, with the questions that the generators ask of it.
pub struct Program<'a> {
    idl: &'a Idl,
    foreign: Foreign<'a>,
}

impl<'a> Program<'a> {
    /// The definition of a named type.
    fn definition(&self, name: &str) -> Result<&'a IdlTypeDef> {
        self.idl
            .types
            .iter()
            .find(|def| def.name == name)
            .with_context(|| format!("the IDL does not define `{name}`"))
    }

    fn is_account(&self, name: &str) -> bool {
        self.idl.accounts.iter().any(|account| account.name == name)
    }

    /// The module of the program that owns an account type, if it is not this one.
    fn owner(&self, name: &str) -> Option<&'a str> {
        self.foreign.iter().find(|(account, _)| *account == name).map(|(_, owner)| *owner)
    }

    fn is_event(&self, name: &str) -> bool {
        self.idl.events.iter().any(|event| event.name == name)
    }

    /// Refuses types whose layout this generator would get wrong.
    fn check(&self) -> Result<()> {
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

    /// Definitions that are neither accounts nor events.
    fn plain_types(&self) -> Result<TokenStream> {
        let plain = self
            .idl
            .types
            .iter()
            .filter(|def| !self.is_account(&def.name) && !self.is_event(&def.name));
        plain.map(|def| defs::definition(self, def)).collect()
    }
}
