//! One struct per account type, with its discriminator, its size and the offsets of its fields.

use anchor_lang_idl_spec::{IdlDefinedFields, IdlTypeDef, IdlTypeDefTy};
use anyhow::{Context, Result, bail};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Program, defs, names};

/// Prefixes of fields that filters do not need.
const UNNAMED: [&str; 3] = ["padding", "reserved", "_"];

/// Generates the module `accounts`.
pub fn generate_accounts(program: &Program) -> Result<TokenStream> {
    let mut items = TokenStream::new();
    for account in &program.idl.accounts {
        let name = names::to_ident(&account.name);
        let def = program.find_definition(&account.name)?;
        items.extend(defs::generate_type(program, def)?);

        let layout = generate_layout(program, def, account.discriminator.len())
            .with_context(|| format!("in the account `{}`", account.name))?;
        let text = &account.name;
        let discriminator = &account.discriminator;
        items.extend(quote! {
            impl #name {
                #layout
                /// Reads the data of an account. Ignores what follows the type.
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
        /// Accounts that the program owns.
        pub mod accounts { #items }
    })
}

/// Generates constants for the account's size and for the offset of each field, for filters.
fn generate_layout(
    program: &Program,
    def: &IdlTypeDef,
    discriminator_len: usize,
) -> Result<TokenStream> {
    let IdlTypeDefTy::Struct { fields } = &def.ty else { bail!("an account must be a struct") };

    let mut constants = TokenStream::new();
    if let Some(size) = program.fields_size(fields.as_ref())? {
        let size = size + discriminator_len;
        constants.extend(quote! {
            /// Bytes of the account's data, with the discriminator and without a tail.
            pub const SIZE: usize = #size;
        });
    }

    let Some(IdlDefinedFields::Named(fields)) = fields else { return Ok(constants) };
    let mut next_offset = Some(discriminator_len);
    for field in fields {
        let Some(offset) = next_offset else { break };
        if !UNNAMED.iter().any(|prefix| field.name.starts_with(prefix)) {
            let name = format_ident!("{}_OFFSET", field.name.to_uppercase());
            let docs = names::doc_comment(
                &[],
                &format!("Offset of `{}` in the account's data.", field.name),
            );
            constants.extend(quote! { #docs pub const #name: usize = #offset; });
        }
        next_offset = program.type_size(&field.ty)?.map(|size| offset + size);
    }

    Ok(constants)
}
