//! What the program refuses.

use anchor_lang_idl_spec::IdlErrorCode;
use proc_macro2::TokenStream;
use quote::quote;

use super::names;

/// The enum `Error`.
pub fn module(errors: &[IdlErrorCode]) -> TokenStream {
    let message = |error: &IdlErrorCode| error.msg.clone().unwrap_or_default();
    let idents: Vec<_> = errors.iter().map(|error| names::ident(&error.name)).collect();
    let docs = errors.iter().map(|error| names::docs(&[], &format!("{}.", message(error))));
    let codes: Vec<u32> = errors.iter().map(|error| error.code).collect();
    let texts = errors.iter().map(|error| &error.name);
    let messages = errors.iter().map(message);
    quote! {
        /// What the program refuses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { #(#docs #idents,)* }
        impl Error {
            /// All of them, in the program's order.
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];
            /// The number by which the runtime reports it.
            pub const fn code(self) -> u32 {
                match self { #(Self::#idents => #codes,)* }
            }
            /// Its name in the program.
            pub const fn name(self) -> &'static str {
                match self { #(Self::#idents => #texts,)* }
            }
            /// What it means, and what to do.
            pub const fn message(self) -> &'static str {
                match self { #(Self::#idents => #messages,)* }
            }
            /// The error with this number.
            pub fn from_code(code: u32) -> Option<Self> {
                Self::ALL.iter().copied().find(|error| error.code() == code)
            }
        }
    }
}
