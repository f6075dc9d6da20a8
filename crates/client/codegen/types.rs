//! IDL types as Rust types, and their sizes where they are fixed.

use anchor_lang_idl_spec::{IdlArrayLen, IdlDefinedFields, IdlType, IdlTypeDefTy};
use anyhow::{Result, bail};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Program, names};

impl Program<'_> {
    /// Returns the Rust type, named from inside one of the program's modules.
    pub fn rust_type(&self, ty: &IdlType) -> Result<TokenStream> {
        Ok(match ty {
            IdlType::Bool => quote!(bool),
            IdlType::U8 => quote!(u8),
            IdlType::I8 => quote!(i8),
            IdlType::U16 => quote!(u16),
            IdlType::I16 => quote!(i16),
            IdlType::U32 => quote!(u32),
            IdlType::I32 => quote!(i32),
            IdlType::U64 => quote!(u64),
            IdlType::I64 => quote!(i64),
            IdlType::U128 => quote!(u128),
            IdlType::I128 => quote!(i128),
            IdlType::Pubkey => quote!(::solana_address::Address),
            IdlType::String => quote!(String),
            IdlType::Bytes => quote!(Vec<u8>),
            IdlType::Option(inner) => {
                let inner = self.rust_type(inner)?;
                quote!(Option<#inner>)
            }
            IdlType::Vec(inner) => {
                let inner = self.rust_type(inner)?;
                quote!(Vec<#inner>)
            }
            IdlType::Array(inner, IdlArrayLen::Value(len)) => {
                let inner = self.rust_type(inner)?;
                quote!([#inner; #len])
            }
            IdlType::Defined { name, generics } if generics.is_empty() => {
                self.find_definition(name)?;
                let module = match () {
                    () if self.is_account(name) => quote!(accounts),
                    () if self.is_event(name) => quote!(events),
                    () => quote!(types),
                };
                let name = names::to_ident(name);
                quote!(super::#module::#name)
            }
            other => bail!(
                "the type {other:?} is not supported: use a concrete type without floats \
                 in the program"
            ),
        })
    }

    /// Returns the bytes that every value of the type takes; `None` if they vary.
    pub fn type_size(&self, ty: &IdlType) -> Result<Option<usize>> {
        Ok(match ty {
            IdlType::Bool | IdlType::U8 | IdlType::I8 => Some(1),
            IdlType::U16 | IdlType::I16 => Some(2),
            IdlType::U32 | IdlType::I32 => Some(4),
            IdlType::U64 | IdlType::I64 => Some(8),
            IdlType::U128 | IdlType::I128 => Some(16),
            IdlType::Pubkey => Some(32),
            IdlType::Array(inner, IdlArrayLen::Value(len)) => {
                self.type_size(inner)?.map(|size| size * len)
            }
            IdlType::Defined { name, .. } => match &self.find_definition(name)?.ty {
                IdlTypeDefTy::Struct { fields } => self.fields_size(fields.as_ref())?,
                IdlTypeDefTy::Type { alias } => self.type_size(alias)?,
                IdlTypeDefTy::Enum { .. } => None,
            },
            _ => None,
        })
    }

    /// Returns the size of all fields together.
    pub fn fields_size(&self, fields: Option<&IdlDefinedFields>) -> Result<Option<usize>> {
        let types: Vec<&IdlType> = match fields {
            None => Vec::new(),
            Some(IdlDefinedFields::Named(fields)) => fields.iter().map(|field| &field.ty).collect(),
            Some(IdlDefinedFields::Tuple(types)) => types.iter().collect(),
        };

        types.into_iter().map(|ty| self.type_size(ty)).sum()
    }

    /// Whether the Rust type is `Copy`.
    pub fn is_copy(&self, ty: &IdlType) -> Result<bool> {
        Ok(match ty {
            IdlType::String | IdlType::Bytes | IdlType::Vec(_) => false,
            IdlType::Option(inner) | IdlType::Array(inner, _) => self.is_copy(inner)?,
            IdlType::Defined { name, .. } => match &self.find_definition(name)?.ty {
                IdlTypeDefTy::Struct { fields } => self.are_copy(fields.as_ref())?,
                IdlTypeDefTy::Type { alias } => self.is_copy(alias)?,
                IdlTypeDefTy::Enum { variants } => {
                    let each =
                        variants.iter().map(|variant| self.are_copy(variant.fields.as_ref()));
                    each.collect::<Result<Vec<bool>>>()?.into_iter().all(|copy| copy)
                }
            },
            _ => true,
        })
    }

    /// Whether all fields are `Copy`.
    pub fn are_copy(&self, fields: Option<&IdlDefinedFields>) -> Result<bool> {
        let each: Result<Vec<bool>> = match fields {
            None => Ok(Vec::new()),
            Some(IdlDefinedFields::Named(fields)) => {
                fields.iter().map(|field| self.is_copy(&field.ty)).collect()
            }
            Some(IdlDefinedFields::Tuple(types)) => {
                types.iter().map(|ty| self.is_copy(ty)).collect()
            }
        };

        Ok(each?.into_iter().all(|copy| copy))
    }
}
