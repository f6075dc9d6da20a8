//! Definitions of structs, enums and aliases, with their encoding.

use anchor_lang_idl_spec::{IdlDefinedFields, IdlEnumVariant, IdlTypeDef, IdlTypeDefTy};
use anyhow::{Result, ensure};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Program, names};

/// Generates one type of the IDL.
pub fn generate_type(program: &Program, def: &IdlTypeDef) -> Result<TokenStream> {
    match &def.ty {
        IdlTypeDefTy::Type { alias } => {
            let docs = type_docs(def);
            let name = names::to_ident(&def.name);
            let alias = program.rust_type(alias)?;
            Ok(quote! { #docs pub type #name = #alias; })
        }
        IdlTypeDefTy::Struct { fields } => generate_struct(program, def, fields.as_ref()),
        IdlTypeDefTy::Enum { variants } => generate_enum(program, def, variants),
    }
}

fn type_docs(def: &IdlTypeDef) -> TokenStream {
    names::doc_comment(&def.docs, &format!("`{}` of the program.", def.name))
}

/// Generates a struct: its fields, one after the other.
fn generate_struct(
    program: &Program,
    def: &IdlTypeDef,
    fields: Option<&IdlDefinedFields>,
) -> Result<TokenStream> {
    let docs = type_docs(def);
    let name = names::to_ident(&def.name);
    let copy = program.are_copy(fields)?.then(|| quote!(Copy,));

    let shape = FieldShape::new(program, fields, &quote!(pub))?;
    let end = (!shape.braces).then(|| quote!(;));
    let pattern = shape.to_pattern();
    let FieldShape { declared, names, types, .. } = shape;

    Ok(quote! {
        #docs
        #[derive(Clone, #copy Debug, PartialEq, Eq)]
        pub struct #name #declared #end
        impl crate::codec::Encode for #name {
            fn encode_into(&self, out: &mut Vec<u8>) {
                let Self #pattern = self;
                #(crate::codec::Encode::encode_into(#names, out);)*
            }
        }
        impl crate::codec::Decode for #name {
            fn decode_from(
                reader: &mut crate::codec::Reader<'_>,
            ) -> Result<Self, crate::codec::DecodeError> {
                #(let #names = <#types as crate::codec::Decode>::decode_from(reader)?;)*
                Ok(Self #pattern)
            }
        }
    })
}

/// Generates an enum: one byte for the variant, then the fields of the variant.
fn generate_enum(
    program: &Program,
    def: &IdlTypeDef,
    variants: &[IdlEnumVariant],
) -> Result<TokenStream> {
    ensure!(
        variants.len() <= 256,
        "`{}` has more than 256 variants, which do not fit into a byte",
        def.name
    );

    let mut declared = Vec::new();
    let mut encoders = Vec::new();
    let mut decoders = Vec::new();
    let mut is_copy = true;
    for (tag, variant) in (0_u8..=u8::MAX).zip(variants) {
        is_copy &= program.are_copy(variant.fields.as_ref())?;

        let shape = FieldShape::new(program, variant.fields.as_ref(), &quote!())?;
        let pattern = shape.to_pattern();
        let FieldShape { declared: fields, names, types, .. } = shape;

        let docs = names::doc_comment(&[], &format!("`{}`.", variant.name));
        let label = names::to_ident(&variant.name);
        declared.push(quote! { #docs #label #fields });
        encoders.push(quote! { Self::#label #pattern => {
            out.push(#tag);
            #(crate::codec::Encode::encode_into(#names, out);)*
        } });
        decoders.push(quote! { #tag => {
            #(let #names = <#types as crate::codec::Decode>::decode_from(reader)?;)*
            Ok(Self::#label #pattern)
        } });
    }

    let docs = type_docs(def);
    let copy = is_copy.then(|| quote!(Copy,));
    let text = &def.name;
    let name = names::to_ident(&def.name);
    Ok(quote! {
        #docs
        #[derive(Clone, #copy Debug, PartialEq, Eq)]
        pub enum #name { #(#declared,)* }
        impl crate::codec::Encode for #name {
            fn encode_into(&self, out: &mut Vec<u8>) {
                match self { #(#encoders)* }
            }
        }
        impl crate::codec::Decode for #name {
            fn decode_from(
                reader: &mut crate::codec::Reader<'_>,
            ) -> Result<Self, crate::codec::DecodeError> {
                match <u8 as crate::codec::Decode>::decode_from(reader)? {
                    #(#decoders)*
                    _ => Err(crate::codec::DecodeError::Invalid { what: #text }),
                }
            }
        }
    })
}

/// The fields of a struct or a variant: their declaration, and names and types to encode them by.
struct FieldShape {
    declared: TokenStream,
    names: Vec<Ident>,
    types: Vec<TokenStream>,
    braces: bool,
}

impl FieldShape {
    fn new(
        program: &Program,
        fields: Option<&IdlDefinedFields>,
        visibility: &TokenStream,
    ) -> Result<Self> {
        Ok(match fields {
            None => {
                Self { declared: quote!(), names: Vec::new(), types: Vec::new(), braces: false }
            }
            Some(IdlDefinedFields::Named(fields)) => {
                let names: Vec<Ident> =
                    fields.iter().map(|field| names::to_ident(&field.name)).collect();
                let types: Vec<_> = fields
                    .iter()
                    .map(|field| program.rust_type(&field.ty))
                    .collect::<Result<_>>()?;
                let docs = fields
                    .iter()
                    .map(|field| names::doc_comment(&field.docs, &format!("`{}`.", field.name)));
                Self {
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
                Self { declared: quote!((#(#visibility #types,)*)), names, types, braces: false }
            }
        })
    }

    /// The pattern that destructures a value, which is also the expression that builds one.
    fn to_pattern(&self) -> TokenStream {
        let names = &self.names;
        match (self.braces, names.as_slice()) {
            (true, _) => quote!({ #(#names,)* }),
            (false, []) => quote!(),
            (false, _) => quote!((#(#names,)*)),
        }
    }
}
