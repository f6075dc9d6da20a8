//! One struct per instruction: its accounts and arguments as fields, its bytes as [`Instruction`].
//!
//! [`Instruction`]: https://docs.rs/solana-instruction

use anchor_lang_idl_spec::{IdlInstruction, IdlInstructionAccount, IdlInstructionAccountItem};
use anyhow::{Context, Result, ensure};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Program, names};

/// Generates the module `instructions`.
pub fn generate_instructions(program: &Program) -> Result<TokenStream> {
    let instructions = program.idl.instructions.iter().map(|instruction| {
        generate_instruction(program, instruction)
            .with_context(|| format!("in the instruction `{}`", instruction.name))
    });
    let items: TokenStream = instructions.collect::<Result<_>>()?;
    let all = program.idl.instructions.iter();
    let idents: Vec<_> = all.map(|instruction| names::to_pascal_case(&instruction.name)).collect();

    Ok(quote! {
        /// Instructions, each with its accounts and arguments.
        pub mod instructions {
            use ::solana_instruction::{AccountMeta, Instruction};
            #items
            /// Returns the name of the instruction with this data; `None` if the program has no such
            /// instruction.
            pub fn find_name(data: &[u8]) -> Option<&'static str> {
                let _ = data;
                #(if data.starts_with(#idents::DISCRIMINATOR) {
                    return Some(#idents::NAME);
                })*
                None
            }
        }
    })
}

fn generate_instruction(program: &Program, instruction: &IdlInstruction) -> Result<TokenStream> {
    let mut taken: Vec<String> = Vec::new();
    let mut fields = Vec::new();

    let mut metas = Vec::new();
    for (name, account) in &flatten_accounts("", &instruction.accounts) {
        if account.address.is_none() {
            ensure!(
                !taken.contains(name),
                "two accounts are named `{name}`: rename one of them in the program"
            );
            taken.push(name.clone());
            fields.push(generate_field(name, account));
        }
        metas.push(generate_meta(name, account));
    }

    let mut encoders = Vec::new();
    for arg in &instruction.args {
        let name =
            if taken.contains(&arg.name) { format!("{}_arg", arg.name) } else { arg.name.clone() };
        ensure!(
            !taken.contains(&name),
            "two arguments are named `{name}`: rename one of them in the program"
        );
        let docs = names::doc_comment(&arg.docs, "Argument.");
        let ty = program.rust_type(&arg.ty)?;
        let field = names::to_ident(&name);
        taken.push(name);
        fields.push(quote! { #docs pub #field: #ty });
        encoders.push(quote! { crate::codec::Encode::encode_into(&self.#field, &mut data); });
    }

    let docs = names::doc_comment(&instruction.docs, "An instruction.");
    let name = names::to_pascal_case(&instruction.name);
    let text = &instruction.name;
    let discriminator = &instruction.discriminator;
    let mutable = (!encoders.is_empty()).then(|| quote!(mut));
    Ok(quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct #name { #(#fields,)* }
        impl #name {
            /// The instruction's name.
            pub const NAME: &'static str = #text;
            /// The first bytes of the instruction's data.
            pub const DISCRIMINATOR: &'static [u8] = &[#(#discriminator),*];
            /// The accounts, in the program's order.
            pub fn accounts(&self) -> Vec<AccountMeta> {
                vec![#(#metas),*]
            }
            /// The discriminator and the arguments.
            pub fn data(&self) -> Vec<u8> {
                let #mutable data = Self::DISCRIMINATOR.to_vec();
                #(#encoders)*
                data
            }
            /// The complete instruction.
            pub fn instruction(&self) -> Instruction {
                Instruction { program_id: super::ID, accounts: self.accounts(), data: self.data() }
            }
            /// The instruction with further accounts after its own.
            pub fn instruction_with(
                &self,
                remaining: impl IntoIterator<Item = AccountMeta>,
            ) -> Instruction {
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

/// Returns the accounts in order; the names of those in a group begin with the group's name.
fn flatten_accounts<'a>(
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
                let prefix = format!("{prefix}{}_", group.name);
                all.extend(flatten_accounts(&prefix, &group.accounts));
            }
        }
    }
    all
}

/// Generates the field of an account whose address the IDL does not fix.
fn generate_field(name: &str, account: &IdlInstructionAccount) -> TokenStream {
    let mut traits = Vec::new();
    traits.extend(account.writable.then_some("writable"));
    traits.extend(account.signer.then_some("signer"));
    traits.extend(account.optional.then_some("optional"));
    let fallback = if traits.is_empty() {
        "Account, read only.".to_owned()
    } else {
        format!("Account: {}.", traits.join(", "))
    };

    let docs = names::doc_comment(&account.docs, &fallback);
    let field = names::to_ident(name);
    if account.optional {
        quote! { #docs pub #field: Option<::solana_address::Address> }
    } else {
        quote! { #docs pub #field: ::solana_address::Address }
    }
}

/// Generates the `AccountMeta` of an account. For an omitted one that is the program itself, which
/// Anchor reads as `None`.
fn generate_meta(name: &str, account: &IdlInstructionAccount) -> TokenStream {
    let writable = account.writable;
    let signer = account.signer;
    let field = names::to_ident(name);
    let meta = |address: TokenStream| {
        quote! { AccountMeta { pubkey: #address, is_signer: #signer, is_writable: #writable } }
    };

    match &account.address {
        Some(fixed) => meta(quote! { const { ::solana_address::Address::from_str_const(#fixed) } }),
        None if account.optional => {
            let given = meta(quote! { address });
            quote! {
                match self.#field {
                    Some(address) => #given,
                    None => AccountMeta { pubkey: super::ID, is_signer: false, is_writable: false },
                }
            }
        }
        None => meta(quote! { self.#field }),
    }
}
