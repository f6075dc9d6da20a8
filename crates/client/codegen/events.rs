//! One struct per event, and an enum of all events.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Program, defs, names};

/// Generates the module `events`.
pub fn generate_events(program: &Program) -> Result<TokenStream> {
    let mut items = TokenStream::new();
    let mut idents = Vec::new();
    for event in &program.idl.events {
        items.extend(defs::generate_type(program, program.find_definition(&event.name)?)?);

        let name = names::to_ident(&event.name);
        let discriminator = &event.discriminator;
        items.extend(quote! {
            impl #name {
                /// The first bytes of the event's data.
                pub const DISCRIMINATOR: &'static [u8] = &[#(#discriminator),*];
                /// Reads the event from logged data; `None` if it is another event.
                pub fn decode(data: &[u8]) -> Option<Self> {
                    let data = data.strip_prefix(Self::DISCRIMINATOR)?;
                    <Self as crate::codec::Decode>::decode_from(
                        &mut crate::codec::Reader::new(data),
                    )
                    .ok()
                }
            }
        });
        idents.push(name);
    }

    let texts = program.idl.events.iter().map(|event| &event.name);
    let docs = idents.iter().map(|name| names::doc_comment(&[], &format!("See [`{name}`].")));
    Ok(quote! {
        /// Events that the program logs.
        pub mod events {
            #items
            /// Any event of the program.
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub enum Event { #(#docs #idents(#idents),)* }
            impl Event {
                /// Reads an event from logged data; `None` if the program has no such event.
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
