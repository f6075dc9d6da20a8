//! The tensors of a GGUF file: their types, sizes and places.

use std::io::{Read, Seek};

use super::reader::BoundedReader;

/// The longest name of a tensor, in bytes; llama.cpp reads up to 63.
const MAX_NAME_BYTES: u64 = 256;
/// The most dimensions of a tensor.
const MAX_DIMENSIONS: u32 = 4;

/// A tensor in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TensorInfo {
    /// Its name, such as `token_embd.weight`.
    pub name: String,
    /// The type of its numbers.
    pub kind: TensorType,
    /// How many numbers it has.
    pub elements: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its place behind the header.
    pub offset: u64,
}

/// A type of numbers: blocks of `elements` numbers have `bytes` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TensorType {
    pub name: &'static str,
    elements: u64,
    bytes: u64,
}

impl TensorInfo {
    /// Reads the description of a tensor.
    pub fn read<R: Read + Seek>(reader: &mut BoundedReader<R>) -> Result<Self, String> {
        let name = reader.read_text("a tensor's name", MAX_NAME_BYTES)?;
        let dimensions = reader.read_u32()?;
        if dimensions > MAX_DIMENSIONS {
            return Err(format!(
                "tensor `{name}` has {dimensions} dimensions; at most {MAX_DIMENSIONS} are allowed"
            ));
        }

        let too_large = || format!("the size of tensor `{name}` is absurd");
        let mut elements = 1_u64;
        for _ in 0..dimensions {
            elements = elements.checked_mul(reader.read_u64()?).ok_or_else(too_large)?;
        }

        let number = reader.read_u32()?;
        let kind = TensorType::find(number)
            .ok_or_else(|| format!("tensor `{name}` has the unknown type {number}"))?;
        let bytes = (elements.div_ceil(kind.elements)).checked_mul(kind.bytes);
        let bytes = bytes.ok_or_else(too_large)?;
        let offset = reader.read_u64()?;
        Ok(Self { name, kind, elements, bytes, offset })
    }

    /// The byte behind the tensor's last one, counted from the end of the header.
    pub const fn end(&self) -> Option<u64> {
        self.offset.checked_add(self.bytes)
    }
}

impl TensorType {
    /// The type with this number in llama.cpp.
    const fn find(number: u32) -> Option<Self> {
        let (name, elements, bytes) = match number {
            0 => ("F32", 1, 4),
            1 => ("F16", 1, 2),
            2 => ("Q4_0", 32, 18),
            3 => ("Q4_1", 32, 20),
            6 => ("Q5_0", 32, 22),
            7 => ("Q5_1", 32, 24),
            8 => ("Q8_0", 32, 34),
            9 => ("Q8_1", 32, 36),
            10 => ("Q2_K", 256, 84),
            11 => ("Q3_K", 256, 110),
            12 => ("Q4_K", 256, 144),
            13 => ("Q5_K", 256, 176),
            14 => ("Q6_K", 256, 210),
            15 => ("Q8_K", 256, 292),
            16 => ("IQ2_XXS", 256, 66),
            17 => ("IQ2_XS", 256, 74),
            18 => ("IQ3_XXS", 256, 98),
            19 => ("IQ1_S", 256, 50),
            20 => ("IQ4_NL", 32, 18),
            21 => ("IQ3_S", 256, 110),
            22 => ("IQ2_S", 256, 82),
            23 => ("IQ4_XS", 256, 136),
            24 => ("I8", 1, 1),
            25 => ("I16", 1, 2),
            26 => ("I32", 1, 4),
            27 => ("I64", 1, 8),
            28 => ("F64", 1, 8),
            29 => ("IQ1_M", 256, 56),
            30 => ("BF16", 1, 2),
            34 => ("TQ1_0", 256, 54),
            35 => ("TQ2_0", 256, 66),
            39 => ("MXFP4", 32, 17),
            40 => ("NVFP4", 64, 36),
            41 => ("Q1_0", 128, 18),
            42 => ("Q2_0", 64, 18),
            _ => return None,
        };
        Some(Self { name, elements, bytes })
    }
}
