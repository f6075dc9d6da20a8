//! Names of the IDL as Rust identifiers.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Returns the name as an identifier, raw if it is a keyword.
pub fn to_ident(name: &str) -> Ident {
    syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// Returns `list_job` as `ListJob`.
pub fn to_pascal_case(name: &str) -> Ident {
    let mut pascal = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        pascal.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        pascal.extend(letters);
    }

    to_ident(&pascal)
}

/// Returns doc comments; `fallback` if the IDL has none.
pub fn doc_comment(lines: &[String], fallback: &str) -> TokenStream {
    let lines: Vec<String> = match lines {
        [] => vec![fallback.to_owned()],
        lines => lines.to_vec(),
    };
    let lines = lines.iter().map(|line| format!(" {}", line.trim()));

    quote! { #(#[doc = #lines])* }
}
