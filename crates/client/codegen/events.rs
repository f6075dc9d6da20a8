//! One struct per event, and an enum of all of them.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Program, defs, names};

/// The module `events`.
pub fn module(program: &Program) -> Result<TokenStream> {
    let mut each = TokenStream::new();
    let mut idents = Vec::new();
    for event in &program.idl.events {
        each.extend(defs::definition(program, program.definition(&event.name)?)?);
        let (name, discriminator) = (names::ident(&event.name), &event.discriminator);
        each.extend(quote! {
            impl #name {
                /// The bytes that the event's data begin with.
                pub const DISCRIMINATOR: &'static [u8] = &[#(#discriminator),*];
                /// Reads the event from logged data; `None` if it is another event.
                pub fn decode(data: &[u8]) -> Option<Self> {
                    let mut reader = crate::codec::Reader::new(data.strip_prefix(Self::DISCRIMINATOR)?);
                    <Self as crate::codec::Decode>::read(&mut reader).ok()
                }
            }
        });
        idents.push(name);
    }
    let texts = program.idl.events.iter().map(|event| &event.name);
    let docs = idents.iter().map(|name| names::docs(&[], &format!("See [`{name}`].")));
    Ok(quote! {
        /// What the program logs.
        pub mod events {
            #each
            /// Any event of the program.
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub enum Event { #(#docs #idents(#idents),)* }
            impl Event {
                /// Reads an event from logged data; `None` for what is none of this program's
                /// events.
                pub fn decode(data: &[u8]) -> Option<Self> {
                    let _ = data;
                    #(if let Some(event) = #idents::decode(data) {
                        return Some(Self::#idents(event));
                    })*
                    None
                }
                /// The event's name.
                pub fn name(&self) -> &'static str {
                    match *self { #(Self::#idents(_) => #texts,)* }
                }
            }
        }
    })
}
