//! Reads GGUF, the file format of llama.cpp: a header, typed metadata, a table of tensors, and
//! their numbers.
//!
//! Facts are from the format's public specification. Everything is checked against the file's
//! length: a damaged or hostile file gives an error.

use std::{collections::HashMap, path::Path};

use crate::{EngineError, quantized};

/// The first four bytes.
const MAGIC: &[u8] = b"GGUF";
/// The versions whose counts have 64 bits; no later one exists.
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=3;
/// Tensor data begins at a multiple of this, in bytes, unless the metadata says otherwise.
const ALIGNMENT: u64 = 32;
/// More than any real tensor has.
const MAX_DIMENSIONS: u32 = 4;

/// A metadata value, as far as anything here reads it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    Array(Vec<Value>),
}

/// One tensor's place in the file.
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
    /// Reads metadata and table of a file that is already in memory; `path` is for messages.
    pub(crate) fn parse(bytes: &'a [u8], path: &'a Path) -> Result<Self, EngineError> {
        let mut reader = Reader { rest: bytes };
        let parsed = reader.table().ok_or_else(|| wrong(path, "it is no whole GGUF file"))?;
        let (metadata, tensors) = parsed;
        let alignment = match metadata.get("general.alignment") {
            Some(Value::Unsigned(alignment)) if *alignment > 0 => *alignment,
            _ => ALIGNMENT,
        };
        let read = (bytes.len() - reader.rest.len()) as u64;
        let start = usize::try_from(read.next_multiple_of(alignment)).unwrap_or(usize::MAX);
        let data = bytes.get(start..).ok_or_else(|| wrong(path, "it ends before its tensors"))?;
        Ok(Self { metadata, tensors, data, path })
    }

    /// A whole number that must be there.
    pub(crate) fn number(&self, key: &str) -> Result<usize, EngineError> {
        match self.metadata.get(key) {
            Some(Value::Unsigned(number)) => usize::try_from(*number).ok(),
            Some(Value::Signed(number)) => usize::try_from(*number).ok(),
            _ => None,
        }
        .ok_or_else(|| self.wrong(format!("{key} is no whole number")))
    }

    /// A number that must be there.
    pub(crate) fn float(&self, key: &str) -> Result<f64, EngineError> {
        match self.metadata.get(key) {
            Some(Value::Float(number)) => Ok(*number),
            _ => Err(self.wrong(format!("{key} is no number"))),
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&self, key: &str) -> Result<&str, EngineError> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(self.wrong(format!("{key} is no text"))),
        }
    }

    /// A list of texts that must be there.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&str>, EngineError> {
        let Some(Value::Array(values)) = self.metadata.get(key) else {
            return Err(self.wrong(format!("{key} is no list")));
        };
        let mut all = Vec::with_capacity(values.len());
        for value in values {
            let Value::Text(text) = value else {
                return Err(self.wrong(format!("{key} is no list of texts")));
            };
            all.push(text.as_str());
        }
        Ok(all)
    }

    /// The numbers of a tensor in single precision; its dimensions, fastest first, must be these.
    pub(crate) fn tensor(&self, name: &str, dimensions: &[usize]) -> Result<Vec<f32>, EngineError> {
        let entry =
            self.tensors.get(name).ok_or_else(|| self.wrong(format!("{name} is missing")))?;
        if entry.dimensions != dimensions {
            return Err(self.wrong(format!("{name} is {:?}, not {dimensions:?}", entry.dimensions)));
        }
        let count = dimensions.iter().product();
        let start = usize::try_from(entry.offset).unwrap_or(usize::MAX);
        let data = self.data.get(start..).unwrap_or_default();
        quantized::decode(entry.kind, count, data)
            .map_err(|problem| self.wrong(format!("{name} {problem}")))
    }

    fn wrong(&self, problem: String) -> EngineError {
        wrong(self.path, &problem)
    }
}

fn wrong(path: &Path, problem: &str) -> EngineError {
    EngineError::Weights { path: path.to_owned(), problem: problem.to_owned() }
}

/// Reads from the front of what is left; `None` if that is too short or makes no sense.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn table(&mut self) -> Option<(HashMap<String, Value>, HashMap<String, Entry>)> {
        if self.take(MAGIC.len())? != MAGIC || !VERSIONS.contains(&self.u32()?) {
            return None;
        }
        let (tensors, values) = (self.u64()?, self.u64()?);
        // Counts are claims: nothing is reserved for them.
        let mut metadata = HashMap::new();
        for _ in 0..values {
            let key = self.text()?;
            let kind = self.u32()?;
            metadata.insert(key, self.value(kind, 1)?);
        }
        let mut table = HashMap::new();
        for _ in 0..tensors {
            let (name, count) = (self.text()?, self.u32()?);
            if count > MAX_DIMENSIONS {
                return None;
            }
            let dimensions =
                (0..count).map(|_| usize::try_from(self.u64()?).ok()).collect::<Option<_>>()?;
            table.insert(name, Entry { dimensions, kind: self.u32()?, offset: self.u64()? });
        }
        Some((metadata, table))
    }

    /// A value of the type that the format numbers so; lists may hold lists `depth` deep.
    fn value(&mut self, kind: u32, depth: u32) -> Option<Value> {
        Some(match kind {
            0 => Value::Unsigned(self.array::<1>()?[0].into()),
            1 => Value::Signed(i8::from_le_bytes(self.array()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.array()?).into()),
            3 => Value::Signed(i16::from_le_bytes(self.array()?).into()),
            4 => Value::Unsigned(self.u32()?.into()),
            5 => Value::Signed(i32::from_le_bytes(self.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array()?).into()),
            7 => Value::Bool(self.array::<1>()?[0] != 0),
            8 => Value::Text(self.text()?),
            9 if depth > 0 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.value(kind, depth - 1)?);
                }
                Value::Array(values)
            }
            10 => Value::Unsigned(self.u64()?),
            11 => Value::Signed(i64::from_le_bytes(self.array()?)),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            _ => return None,
        })
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.u64()?).ok()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.array()?))
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }

    /// A file with a number, a list of texts, and one tensor of two numbers.
    fn small() -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(2_u64.to_le_bytes());
        text(&mut bytes, "layers");
        bytes.extend(4_u32.to_le_bytes());
        bytes.extend(30_u32.to_le_bytes());
        text(&mut bytes, "words");
        bytes.extend([9_u32, 8].map(u32::to_le_bytes).concat());
        bytes.extend(2_u64.to_le_bytes());
        text(&mut bytes, "one");
        text(&mut bytes, "two");
        text(&mut bytes, "weight");
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(2_u64.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend([1.5_f32, -2.0].map(f32::to_le_bytes).concat());
        bytes
    }

    #[test]
    fn a_whole_file_is_read() {
        let (bytes, path) = (small(), Path::new("small.gguf"));
        let file = Gguf::parse(&bytes, path).unwrap();
        assert_eq!(file.number("layers").unwrap(), 30);
        assert_eq!(file.texts("words").unwrap(), ["one", "two"]);
        assert_eq!(file.tensor("weight", &[2]).unwrap(), [1.5, -2.0]);
        for problem in [file.tensor("weight", &[3]), file.tensor("bias", &[2])] {
            assert!(matches!(problem, Err(EngineError::Weights { .. })));
        }
        assert!(
            file.text("layers").is_err()
                && file.float("layers").is_err()
                && file.number("words").is_err()
        );
    }

    #[test]
    fn a_part_of_a_file_is_an_error_and_no_crash() {
        let (bytes, path) = (small(), Path::new("small.gguf"));
        for length in 0..bytes.len() {
            let tensor =
                Gguf::parse(&bytes[..length], path).and_then(|file| file.tensor("weight", &[2]));
            assert!(tensor.is_err(), "{length} bytes");
        }
        let mut endless = bytes;
        endless[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(Gguf::parse(&endless, path).is_err());
    }
}
