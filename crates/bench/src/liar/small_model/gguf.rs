//! The parts of a GGUF file, version 3, as llama.cpp's `ggml/include/gguf.h` describes them.

use std::borrow::Cow;

use anyhow::{Context, Result, bail, ensure};

/// The number of single precision among the types of tensors.
pub const SINGLE_PRECISION: u32 = 0;
/// The first bytes of a file, with the version.
const HEAD: &[u8; 8] = b"GGUF\x03\0\0\0";
/// The alignment of each tensor's data, in bytes: the default of the format.
const ALIGNMENT: usize = 32;

/// A model's file.
pub struct ModelFile<'a> {
    /// The number of entries of the metadata.
    pub entries: u64,
    /// The metadata.
    pub metadata: &'a [u8],
    /// The tensors.
    pub tensors: Vec<Tensor<'a>>,
}

/// A tensor. `sizes` has the fastest dimension first.
#[derive(Clone)]
pub struct Tensor<'a> {
    pub name: &'a str,
    pub sizes: Vec<u64>,
    pub kind: u32,
    pub data: Cow<'a, [u8]>,
}

impl<'a> ModelFile<'a> {
    /// Parses a file whose tensors are in single precision.
    ///
    /// # Errors
    /// If it is another file, or cut.
    pub fn parse(file: &'a [u8]) -> Result<Self> {
        let mut rest = file;
        ensure!(take_bytes(&mut rest, HEAD.len())? == HEAD, "its first bytes are others");
        let count = take_u64(&mut rest)?;
        let entries = take_u64(&mut rest)?;

        let begin = rest;
        for _ in 0..entries {
            take_text(&mut rest)?;
            let kind = take_u32(&mut rest)?;
            skip_value(&mut rest, kind)?;
        }
        let metadata = begin.get(..begin.len() - rest.len()).unwrap_or_default();

        let places: Vec<(Tensor<'a>, usize)> =
            (0..count).map(|_| take_tensor(&mut rest)).collect::<Result<_>>()?;
        let data_start = (file.len() - rest.len()).next_multiple_of(ALIGNMENT);
        let data = file.get(data_start..).context("it has no tensors")?;
        let fill = |(tensor, offset): (Tensor<'a>, usize)| {
            let elements: u64 = tensor.sizes.iter().product();
            let bytes = usize::try_from(elements)?.saturating_mul(size_of::<f32>());
            let part = data.get(offset..offset.saturating_add(bytes));
            Ok(Tensor { data: part.context("a tensor is cut")?.into(), ..tensor })
        };
        let tensors = places.into_iter().map(fill).collect::<Result<_>>()?;
        Ok(Self { entries, metadata, tensors })
    }

    /// Returns the bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = HEAD.to_vec();
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend(self.entries.to_le_bytes());
        file.extend(self.metadata);

        let mut offset = 0;
        for tensor in &self.tensors {
            file.extend((tensor.name.len() as u64).to_le_bytes());
            file.extend(tensor.name.as_bytes());
            file.extend(u32::try_from(tensor.sizes.len()).unwrap_or(u32::MAX).to_le_bytes());
            tensor.sizes.iter().for_each(|size| file.extend(size.to_le_bytes()));
            file.extend(tensor.kind.to_le_bytes());
            file.extend((offset as u64).to_le_bytes());
            offset = (offset + tensor.data.len()).next_multiple_of(ALIGNMENT);
        }

        for part in std::iter::once(&[][..]).chain(self.tensors.iter().map(|one| &*one.data)) {
            file.extend(part);
            file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        }
        file
    }
}

/// Takes a tensor without its data, and the place of the data.
fn take_tensor<'a>(rest: &mut &'a [u8]) -> Result<(Tensor<'a>, usize)> {
    let name = take_text(rest)?;
    let dimensions = take_u32(rest)?;
    let sizes = (0..dimensions).map(|_| take_u64(rest)).collect::<Result<_>>()?;
    let kind = take_u32(rest)?;
    ensure!(kind == SINGLE_PRECISION, "the tensor `{name}` is not in single precision");

    let offset = usize::try_from(take_u64(rest)?)?;
    Ok((Tensor { name, sizes, kind, data: Cow::default() }, offset))
}

/// Skips a value of the metadata, by the number of its type.
fn skip_value(rest: &mut &[u8], kind: u32) -> Result<()> {
    let bytes = match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        8 => return take_text(rest).map(drop),
        9 => {
            let of = take_u32(rest)?;
            let length = take_u64(rest)?;
            return (0..length).try_for_each(|_| skip_value(rest, of));
        }
        _ => bail!("its metadata has a value of the unknown type {kind}"),
    };
    take_bytes(rest, bytes).map(drop)
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Result<&'a str> {
    let length = usize::try_from(take_u64(rest)?)?;
    Ok(std::str::from_utf8(take_bytes(rest, length)?)?)
}

fn take_u32(rest: &mut &[u8]) -> Result<u32> {
    Ok(u32::from_le_bytes(take_bytes(rest, 4)?.try_into()?))
}

fn take_u64(rest: &mut &[u8]) -> Result<u64> {
    Ok(u64::from_le_bytes(take_bytes(rest, 8)?.try_into()?))
}

fn take_bytes<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count).context("it is cut")?;
    *rest = left;
    Ok(taken)
}
