//! Names of the IDL as Rust identifiers.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// An identifier, raw where the name is a keyword.
pub fn ident(name: &str) -> Ident {
    syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// `list_job` as `ListJob`.
pub fn pascal(name: &str) -> Ident {
    let mut out = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.extend(letters);
    }
    ident(&out)
}

/// Doc comments; `fallback` where the IDL has none.
pub fn docs(lines: &[String], fallback: &str) -> TokenStream {
    let lines: Vec<String> = match lines {
        [] => vec![fallback.to_owned()],
        lines => lines.to_vec(),
    };
    let lines = lines.iter().map(|line| format!(" {}", line.trim()));
    quote! { #(#[doc = #lines])* }
}
