//! One struct per instruction: its accounts and arguments as fields, its bytes as [`Instruction`].
//!
//! [`Instruction`]: https://docs.rs/solana-instruction

use anchor_lang_idl_spec::{IdlInstruction, IdlInstructionAccount, IdlInstructionAccountItem};
use anyhow::{Context, Result, ensure};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Program, names};

/// The module `instructions`.
pub fn module(program: &Program) -> Result<TokenStream> {
    let each = program.idl.instructions.iter().map(|instruction| {
        structure(program, instruction)
            .with_context(|| format!("in the instruction `{}`", instruction.name))
    });
    let each: TokenStream = each.collect::<Result<_>>()?;
    Ok(quote! {
        /// Instructions, each with its accounts and arguments.
        pub mod instructions {
            use ::solana_instruction::{AccountMeta, Instruction};
            #each
        }
    })
}

fn structure(program: &Program, instruction: &IdlInstruction) -> Result<TokenStream> {
    let accounts = flatten("", &instruction.accounts);
    let mut taken: Vec<String> = Vec::new();
    let mut fields = Vec::new();
    let mut metas = Vec::new();
    for (name, account) in &accounts {
        if account.address.is_none() {
            ensure!(
                !taken.contains(name),
                "two accounts are named `{name}`: name them apart in the program"
            );
            taken.push(name.clone());
            fields.push(field(name, account));
        }
        metas.push(meta(name, account));
    }
    let mut writes = Vec::new();
    for arg in &instruction.args {
        let name =
            if taken.contains(&arg.name) { format!("{}_arg", arg.name) } else { arg.name.clone() };
        ensure!(
            !taken.contains(&name),
            "two arguments are named `{name}`: name them apart in the program"
        );
        let (docs, ty) = (names::docs(&arg.docs, "Argument."), program.rust_type(&arg.ty)?);
        let field = names::ident(&name);
        taken.push(name);
        fields.push(quote! { #docs pub #field: #ty });
        writes.push(quote! { crate::codec::Encode::write(&self.#field, &mut data); });
    }
    let (docs, name) =
        (names::docs(&instruction.docs, "An instruction."), names::pascal(&instruction.name));
    let (discriminator, text) = (&instruction.discriminator, &instruction.name);
    let mutable = (!writes.is_empty()).then(|| quote!(mut));
    Ok(quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct #name { #(#fields,)* }
        impl #name {
            /// The instruction's name.
            pub const NAME: &'static str = #text;
            /// The bytes that its data begin with.
            pub const DISCRIMINATOR: &'static [u8] = &[#(#discriminator),*];
            /// The accounts, in the program's order.
            pub fn accounts(&self) -> Vec<AccountMeta> {
                vec![#(#metas),*]
            }
            /// The discriminator and the arguments.
            pub fn data(&self) -> Vec<u8> {
                let #mutable data = Self::DISCRIMINATOR.to_vec();
                #(#writes)*
                data
            }
            /// The whole instruction.
            pub fn instruction(&self) -> Instruction {
                Instruction { program_id: super::ID, accounts: self.accounts(), data: self.data() }
            }
            /// The instruction with further accounts behind its own.
            pub fn instruction_with(&self, remaining: impl IntoIterator<Item = AccountMeta>) -> Instruction {
                let mut instruction = self.instruction();
                instruction.accounts.extend(remaining);
                instruction
            }
        }
        impl From<#name> for Instruction {
            fn from(value: #name) -> Self {
                value.instruction()
            }
        }
    })
}

/// Accounts in order; those of a group carry the group's name.
fn flatten<'a>(
    prefix: &str,
    items: &'a [IdlInstructionAccountItem],
) -> Vec<(String, &'a IdlInstructionAccount)> {
    let mut all = Vec::new();
    for item in items {
        match item {
            IdlInstructionAccountItem::Single(account) => {
                all.push((format!("{prefix}{}", account.name), account))
            }
            IdlInstructionAccountItem::Composite(group) => {
                all.extend(flatten(&format!("{prefix}{}_", group.name), &group.accounts));
            }
        }
    }
    all
}

/// The field of an account whose address the IDL does not fix.
fn field(name: &str, account: &IdlInstructionAccount) -> TokenStream {
    let mut traits = Vec::new();
    traits.extend(account.writable.then_some("writable"));
    traits.extend(account.signer.then_some("signer"));
    traits.extend(account.optional.then_some("optional"));
    let fallback = if traits.is_empty() {
        "Account, read only.".to_owned()
    } else {
        format!("Account: {}.", traits.join(", "))
    };
    let (docs, field) = (names::docs(&account.docs, &fallback), names::ident(name));
    if account.optional {
        quote! { #docs pub #field: Option<::solana_address::Address> }
    } else {
        quote! { #docs pub #field: ::solana_address::Address }
    }
}

/// The account as the runtime is told of it. One left out is the program itself, which Anchor reads
/// as none.
fn meta(name: &str, account: &IdlInstructionAccount) -> TokenStream {
    let (writable, signer, field) = (account.writable, account.signer, names::ident(name));
    let some = |address: TokenStream| {
        quote! { AccountMeta { pubkey: #address, is_signer: #signer, is_writable: #writable } }
    };
    match &account.address {
        Some(fixed) => some(quote! { const { ::solana_address::Address::from_str_const(#fixed) } }),
        None if account.optional => {
            let given = some(quote! { address });
            quote! {
                match self.#field {
                    Some(address) => #given,
                    None => AccountMeta { pubkey: super::ID, is_signer: false, is_writable: false },
                }
            }
        }
        None => some(quote! { self.#field }),
    }
}
