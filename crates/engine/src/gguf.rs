//! Reads GGUF, the file format of llama.cpp: a header, typed metadata, a table of tensors, and
//! their numbers.
//!
//! It follows the format's public specification. Everything is checked against the file's length,
//! so a damaged or hostile file is an error.

use std::{collections::HashMap, path::Path};

use crate::{EngineError, quantized::decode_numbers};

/// The first four bytes of a file.
const MAGIC: &[u8] = b"GGUF";
/// The versions whose counts have 64 bits. There is no later version.
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=3;
/// Tensor data begins at a multiple of this, in bytes, unless the metadata says otherwise.
const ALIGNMENT: u64 = 32;
/// More than any real tensor has.
const MAX_DIMENSIONS: u32 = 4;

/// A metadata value of a type that this crate reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    Array(Vec<Value>),
}

/// The location of one tensor in the file.
struct Entry {
    /// Fastest dimension first.
    dimensions: Vec<usize>,
    kind: u32,
    offset: u64,
}

/// A file in memory.
pub(crate) struct Gguf<'a> {
    metadata: HashMap<String, Value>,
    tensors: HashMap<String, Entry>,
    data: &'a [u8],
    path: &'a Path,
}

impl<'a> Gguf<'a> {
    /// Reads the metadata and the table of a file in memory. `path` is for errors.
    pub(crate) fn parse(bytes: &'a [u8], path: &'a Path) -> Result<Self, EngineError> {
        let mut reader = Reader { rest: bytes };
        let (metadata, tensors) = reader
            .read_table()
            .ok_or_else(|| weights_error(path, "it is not a complete GGUF file"))?;

        let alignment = match metadata.get("general.alignment") {
            Some(Value::Unsigned(alignment)) if *alignment > 0 => *alignment,
            _ => ALIGNMENT,
        };

        let read = (bytes.len() - reader.rest.len()) as u64;
        let start = usize::try_from(read.next_multiple_of(alignment)).unwrap_or(usize::MAX);
        let data =
            bytes.get(start..).ok_or_else(|| weights_error(path, "it ends before its tensors"))?;

        Ok(Self { metadata, tensors, data, path })
    }

    /// A required whole number.
    pub(crate) fn whole_number(&self, key: &str) -> Result<usize, EngineError> {
        match self.metadata.get(key) {
            Some(Value::Unsigned(number)) => usize::try_from(*number).ok(),
            Some(Value::Signed(number)) => usize::try_from(*number).ok(),
            _ => None,
        }
        .ok_or_else(|| self.format_error(format!("{key} is not a whole number")))
    }

    /// A required number.
    pub(crate) fn float_number(&self, key: &str) -> Result<f64, EngineError> {
        match self.metadata.get(key) {
            Some(Value::Float(number)) => Ok(*number),
            _ => Err(self.format_error(format!("{key} is not a number"))),
        }
    }

    /// A required text.
    pub(crate) fn text_value(&self, key: &str) -> Result<&str, EngineError> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(self.format_error(format!("{key} is not a text"))),
        }
    }

    /// A required list of texts.
    pub(crate) fn text_values(&self, key: &str) -> Result<Vec<&str>, EngineError> {
        let Some(Value::Array(values)) = self.metadata.get(key) else {
            return Err(self.format_error(format!("{key} is not a list")));
        };

        let mut all = Vec::with_capacity(values.len());
        for value in values {
            let Value::Text(text) = value else {
                return Err(self.format_error(format!("{key} is not a list of texts")));
            };
            all.push(text.as_str());
        }
        Ok(all)
    }

    /// The numbers of a tensor in single precision; its dimensions, fastest first, must be these.
    pub(crate) fn tensor_values(
        &self,
        name: &str,
        dimensions: &[usize],
    ) -> Result<Vec<f32>, EngineError> {
        let entry = self
            .tensors
            .get(name)
            .ok_or_else(|| self.format_error(format!("{name} is missing")))?;
        if entry.dimensions != dimensions {
            return Err(
                self.format_error(format!("{name} is {:?}, not {dimensions:?}", entry.dimensions))
            );
        }

        let count = dimensions.iter().product();
        let start = usize::try_from(entry.offset).unwrap_or(usize::MAX);
        let data = self.data.get(start..).unwrap_or_default();

        decode_numbers(entry.kind, count, data)
            .map_err(|problem| self.format_error(format!("{name} {problem}")))
    }

    fn format_error(&self, problem: String) -> EngineError {
        weights_error(self.path, &problem)
    }
}

fn weights_error(path: &Path, problem: &str) -> EngineError {
    EngineError::Weights { path: path.to_owned(), problem: problem.to_owned() }
}

/// Reads from the front of the remaining bytes; `None` if they are too short or not valid.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn read_table(&mut self) -> Option<(HashMap<String, Value>, HashMap<String, Entry>)> {
        if self.read_bytes(MAGIC.len())? != MAGIC || !VERSIONS.contains(&self.read_u32()?) {
            return None;
        }

        let tensor_count = self.read_u64()?;
        let value_count = self.read_u64()?;
        // The counts are not trusted, so no memory is reserved for them.
        let mut metadata = HashMap::new();
        for _ in 0..value_count {
            let key = self.read_text()?;
            let kind = self.read_u32()?;
            metadata.insert(key, self.read_value(kind, 1)?);
        }

        let mut table = HashMap::new();
        for _ in 0..tensor_count {
            let name = self.read_text()?;
            let count = self.read_u32()?;
            if count > MAX_DIMENSIONS {
                return None;
            }

            let dimensions = (0..count)
                .map(|_| usize::try_from(self.read_u64()?).ok())
                .collect::<Option<_>>()?;
            table.insert(
                name,
                Entry { dimensions, kind: self.read_u32()?, offset: self.read_u64()? },
            );
        }
        Some((metadata, table))
    }

    /// Reads a value of this type. Lists may contain lists, `depth` levels deep.
    fn read_value(&mut self, kind: u32, depth: u32) -> Option<Value> {
        Some(match kind {
            0 => Value::Unsigned(self.read_array::<1>()?[0].into()),
            1 => Value::Signed(i8::from_le_bytes(self.read_array()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.read_array()?).into()),
            3 => Value::Signed(i16::from_le_bytes(self.read_array()?).into()),
            4 => Value::Unsigned(self.read_u32()?.into()),
            5 => Value::Signed(i32::from_le_bytes(self.read_array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.read_array()?).into()),
            7 => Value::Bool(self.read_array::<1>()?[0] != 0),
            8 => Value::Text(self.read_text()?),
            9 if depth > 0 => {
                let kind = self.read_u32()?;
                let count = self.read_u64()?;
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.read_value(kind, depth - 1)?);
                }
                Value::Array(values)
            }
            10 => Value::Unsigned(self.read_u64()?),
            11 => Value::Signed(i64::from_le_bytes(self.read_array()?)),
            12 => Value::Float(f64::from_le_bytes(self.read_array()?)),
            _ => return None,
        })
    }

    fn read_text(&mut self) -> Option<String> {
        let length = usize::try_from(self.read_u64()?).ok()?;
        String::from_utf8(self.read_bytes(length)?.to_vec()).ok()
    }

    fn read_u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.read_array()?))
    }

    fn read_u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.read_array()?))
    }

    fn read_array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.read_bytes(N)?.try_into().ok()
    }

    fn read_bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push_text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }

    /// A file with a number, a list of texts, and one tensor of two numbers.
    fn small_file() -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(2_u64.to_le_bytes());
        push_text(&mut bytes, "layers");
        bytes.extend(4_u32.to_le_bytes());
        bytes.extend(30_u32.to_le_bytes());
        push_text(&mut bytes, "words");
        bytes.extend([9_u32, 8].map(u32::to_le_bytes).concat());
        bytes.extend(2_u64.to_le_bytes());
        push_text(&mut bytes, "one");
        push_text(&mut bytes, "two");
        push_text(&mut bytes, "weight");
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(2_u64.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend([1.5_f32, -2.0].map(f32::to_le_bytes).concat());
        bytes
    }

    #[test]
    fn a_complete_file_is_read() {
        let bytes = small_file();
        let path = Path::new("small.gguf");

        let file = Gguf::parse(&bytes, path).unwrap();
        assert_eq!(file.whole_number("layers").unwrap(), 30);
        assert_eq!(file.text_values("words").unwrap(), ["one", "two"]);
        assert_eq!(file.tensor_values("weight", &[2]).unwrap(), [1.5, -2.0]);
        for problem in [file.tensor_values("weight", &[3]), file.tensor_values("bias", &[2])] {
            assert!(matches!(problem, Err(EngineError::Weights { .. })));
        }
        assert!(
            file.text_value("layers").is_err()
                && file.float_number("layers").is_err()
                && file.whole_number("words").is_err()
        );
    }

    #[test]
    fn a_part_of_a_file_is_an_error() {
        let bytes = small_file();
        let path = Path::new("small.gguf");

        for length in 0..bytes.len() {
            let tensor = Gguf::parse(&bytes[..length], path)
                .and_then(|file| file.tensor_values("weight", &[2]));
            assert!(tensor.is_err(), "{length} bytes");
        }
        let mut endless = bytes;
        endless[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(Gguf::parse(&endless, path).is_err());
    }
}
