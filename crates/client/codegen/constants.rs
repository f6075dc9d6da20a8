//! Constants that the program publishes.

use anchor_lang_idl_spec::{IdlConst, IdlType};
use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Program, names};

/// Generates the module `constants`.
pub fn generate_constants(program: &Program) -> Result<TokenStream> {
    let constants = program.idl.constants.iter().map(|constant| {
        generate_constant(program, constant)
            .with_context(|| format!("in the constant `{}`", constant.name))
    });
    let items: TokenStream = constants.collect::<Result<_>>()?;

    Ok(quote! {
        /// Constants that the program publishes.
        pub mod constants { #items }
    })
}

fn generate_constant(program: &Program, constant: &IdlConst) -> Result<TokenStream> {
    let docs = names::doc_comment(&constant.docs, "A constant.");
    let name = names::to_ident(&constant.name);
    let value = &constant.value;

    let (ty, value) = match &constant.ty {
        IdlType::String => {
            let text = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.clone());
            (quote!(&str), quote!(#text))
        }
        IdlType::Bytes => {
            let bytes: Vec<u8> =
                serde_json::from_str(value).context("its bytes are not a JSON array")?;
            (quote!(&[u8]), quote!(&[#(#bytes),*]))
        }
        IdlType::Pubkey => (
            quote!(::solana_address::Address),
            quote!(::solana_address::Address::from_str_const(#value)),
        ),
        other => {
            let value: syn::Expr =
                syn::parse_str(value).context("its value is not a Rust expression")?;
            (program.rust_type(other)?, quote!(#value))
        }
    };

    Ok(quote! { #docs pub const #name: #ty = #value; })
}
