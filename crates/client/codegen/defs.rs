//! Definitions of structs, enums and aliases, with their bytes.

use anchor_lang_idl_spec::{IdlDefinedFields, IdlEnumVariant, IdlTypeDef, IdlTypeDefTy};
use anyhow::{Result, ensure};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Program, names};

/// One type of the IDL.
pub fn definition(program: &Program, def: &IdlTypeDef) -> Result<TokenStream> {
    let docs = names::docs(&def.docs, &format!("`{}` of the program.", def.name));
    let name = names::ident(&def.name);
    match &def.ty {
        IdlTypeDefTy::Type { alias } => {
            let alias = program.rust_type(alias)?;
            Ok(quote! { #docs pub type #name = #alias; })
        }
        IdlTypeDefTy::Struct { fields } => {
            let copy = program.are_copy(fields.as_ref())?.then(|| quote!(Copy,));
            let Shape { declared, names, types, braces } =
                shape(program, fields.as_ref(), &quote!(pub))?;
            let end = (!braces).then(|| quote!(;));
            let pattern = pattern(&names, braces);
            Ok(quote! {
                #docs
                #[derive(Clone, #copy Debug, PartialEq, Eq)]
                pub struct #name #declared #end
                impl crate::codec::Encode for #name {
                    fn write(&self, out: &mut Vec<u8>) {
                        let Self #pattern = self;
                        #(crate::codec::Encode::write(#names, out);)*
                    }
                }
                impl crate::codec::Decode for #name {
                    fn read(reader: &mut crate::codec::Reader<'_>) -> Result<Self, crate::codec::DecodeError> {
                        #(let #names = <#types as crate::codec::Decode>::read(reader)?;)*
                        Ok(Self #pattern)
                    }
                }
            })
        }
        IdlTypeDefTy::Enum { variants } => enumeration(program, def, variants),
    }
}

/// An enum: one byte for the variant, then the variant's fields.
fn enumeration(
    program: &Program,
    def: &IdlTypeDef,
    variants: &[IdlEnumVariant],
) -> Result<TokenStream> {
    ensure!(variants.len() <= 256, "`{}` has more variants than a byte can tell apart", def.name);
    let docs = names::docs(&def.docs, &format!("`{}` of the program.", def.name));
    let (text, name) = (&def.name, names::ident(&def.name));
    let mut declared = Vec::new();
    let mut writes = Vec::new();
    let mut reads = Vec::new();
    let mut copy = true;
    for (tag, variant) in (0_u8..=u8::MAX).zip(variants) {
        copy &= program.are_copy(variant.fields.as_ref())?;
        let label = names::ident(&variant.name);
        let shape = shape(program, variant.fields.as_ref(), &quote!())?;
        let (fields, names, types) = (shape.declared, &shape.names, &shape.types);
        let pattern = pattern(names, shape.braces);
        let docs = names::docs(&[], &format!("`{}`.", variant.name));
        declared.push(quote! { #docs #label #fields });
        writes.push(
            quote! { Self::#label #pattern => { out.push(#tag); #(crate::codec::Encode::write(#names, out);)* } },
        );
        reads.push(quote! { #tag => {
            #(let #names = <#types as crate::codec::Decode>::read(reader)?;)*
            Ok(Self::#label #pattern)
        } });
    }
    let copy = copy.then(|| quote!(Copy,));
    Ok(quote! {
        #docs
        #[derive(Clone, #copy Debug, PartialEq, Eq)]
        pub enum #name { #(#declared,)* }
        impl crate::codec::Encode for #name {
            fn write(&self, out: &mut Vec<u8>) {
                match self { #(#writes)* }
            }
        }
        impl crate::codec::Decode for #name {
            fn read(reader: &mut crate::codec::Reader<'_>) -> Result<Self, crate::codec::DecodeError> {
                match <u8 as crate::codec::Decode>::read(reader)? {
                    #(#reads)*
                    _ => Err(crate::codec::DecodeError::Invalid { what: #text }),
                }
            }
        }
    })
}

/// Fields as they are declared, and names and types to read and write them by.
struct Shape {
    declared: TokenStream,
    names: Vec<Ident>,
    types: Vec<TokenStream>,
    braces: bool,
}

fn shape(
    program: &Program,
    fields: Option<&IdlDefinedFields>,
    visibility: &TokenStream,
) -> Result<Shape> {
    Ok(match fields {
        None => Shape { declared: quote!(), names: Vec::new(), types: Vec::new(), braces: false },
        Some(IdlDefinedFields::Named(fields)) => {
            let names: Vec<Ident> = fields.iter().map(|field| names::ident(&field.name)).collect();
            let types: Vec<_> =
                fields.iter().map(|field| program.rust_type(&field.ty)).collect::<Result<_>>()?;
            let docs =
                fields.iter().map(|field| names::docs(&field.docs, &format!("`{}`.", field.name)));
            Shape {
                declared: quote!({ #(#docs #visibility #names: #types,)* }),
                names,
                types,
                braces: true,
            }
        }
        Some(IdlDefinedFields::Tuple(tuple)) => {
            let types: Vec<_> =
                tuple.iter().map(|ty| program.rust_type(ty)).collect::<Result<_>>()?;
            let names = (0..types.len()).map(|index| format_ident!("field_{index}")).collect();
            Shape { declared: quote!((#(#visibility #types,)*)), names, types, braces: false }
        }
    })
}

/// What takes a value apart, and puts it together.
fn pattern(names: &[Ident], braces: bool) -> TokenStream {
    match (braces, names) {
        (true, names) => quote!({ #(#names,)* }),
        (false, []) => quote!(),
        (false, names) => quote!((#(#names,)*)),
    }
}
