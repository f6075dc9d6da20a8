//! One struct per account type, with its discriminator, its size and the places of its fields.

use anchor_lang_idl_spec::{IdlDefinedFields, IdlTypeDef, IdlTypeDefTy};
use anyhow::{Context, Result, bail};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Program, defs, names};

/// The module `accounts`.
pub fn module(program: &Program) -> Result<TokenStream> {
    let mut each = TokenStream::new();
    for account in &program.idl.accounts {
        if let Some(owner) = program.owner(&account.name) {
            let (owner, name) = (names::ident(owner), names::ident(&account.name));
            each.extend(quote! { pub use crate::generated::#owner::accounts::#name; });
            continue;
        }
        let def = program.definition(&account.name)?;
        each.extend(defs::definition(program, def)?);
        let with = || format!("in the account `{}`", account.name);
        let places = places(program, def, account.discriminator.len()).with_context(with)?;
        let (text, name, discriminator) =
            (&account.name, names::ident(&account.name), &account.discriminator);
        each.extend(quote! {
            impl #name {
                #places
                /// Reads an account's data, and ignores what follows the type.
                pub fn decode(data: &[u8]) -> Result<Self, crate::codec::DecodeError> {
                    <Self as crate::codec::ProgramAccount>::from_data(data)
                }
            }
            impl crate::codec::ProgramAccount for #name {
                const PROGRAM: ::solana_address::Address = super::ID;
                const NAME: &'static str = #text;
                const DISCRIMINATOR: &'static [u8] = &[#(#discriminator),*];
            }
        });
    }
    Ok(quote! {
        /// Accounts that the program owns, and those of others that it reads.
        pub mod accounts { #each }
    })
}

/// Constants for the account's size and for the offset of each field, for filters.
fn places(program: &Program, def: &IdlTypeDef, discriminator: usize) -> Result<TokenStream> {
    let IdlTypeDefTy::Struct { fields } = &def.ty else { bail!("an account must be a struct") };
    let mut all = TokenStream::new();
    if let Some(size) = program.sizes(fields.as_ref())? {
        let size = size + discriminator;
        all.extend(quote! {
            /// Bytes of the account's data, with the discriminator and without a tail.
            pub const SIZE: usize = #size;
        });
    }
    let Some(IdlDefinedFields::Named(fields)) = fields else { return Ok(all) };
    let mut offset = Some(discriminator);
    for field in fields {
        let Some(at) = offset else { break };
        if !["padding", "reserved", "_"].iter().any(|start| field.name.starts_with(start)) {
            let name = format_ident!("{}_OFFSET", field.name.to_uppercase());
            let docs =
                names::docs(&[], &format!("Where `{}` begins in the account's data.", field.name));
            all.extend(quote! { #docs pub const #name: usize = #at; });
        }
        offset = program.size(&field.ty)?.map(|size| at + size);
    }
    Ok(all)
}
