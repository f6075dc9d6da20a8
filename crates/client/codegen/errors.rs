//! Errors that the program returns.

use anchor_lang_idl_spec::IdlErrorCode;
use proc_macro2::TokenStream;
use quote::quote;

use super::names;

/// Generates the enum `Error`.
pub fn generate_errors(errors: &[IdlErrorCode]) -> TokenStream {
    let message = |error: &IdlErrorCode| error.msg.clone().unwrap_or_default();
    let idents: Vec<_> = errors.iter().map(|error| names::to_ident(&error.name)).collect();
    let docs = errors.iter().map(|error| names::doc_comment(&[], &format!("{}.", message(error))));
    let codes: Vec<u32> = errors.iter().map(|error| error.code).collect();
    let texts = errors.iter().map(|error| &error.name);
    let messages = errors.iter().map(message);

    quote! {
        /// Errors that the program returns.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { #(#docs #idents,)* }
        impl Error {
            /// All errors, in the program's order.
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];
            /// The number by which the runtime reports the error.
            pub const fn code(self) -> u32 {
                match self { #(Self::#idents => #codes,)* }
            }
            /// The error's name in the program.
            pub const fn name(self) -> &'static str {
                match self { #(Self::#idents => #texts,)* }
            }
            /// What the error means, and what to do.
            pub const fn message(self) -> &'static str {
                match self { #(Self::#idents => #messages,)* }
            }
            /// Returns the error with this number.
            pub fn from_code(code: u32) -> Option<Self> {
                Self::ALL.iter().copied().find(|error| error.code() == code)
            }
        }
    }
}
