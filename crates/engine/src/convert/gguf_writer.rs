//! Writes GGUF files, version 3, as llama.cpp's `ggml/include/gguf.h` describes them.

/// The alignment of each tensor's data, in bytes: the default of the format.
const ALIGNMENT: usize = 32;
/// The number of the tensor type F32.
const TYPE_F32: u32 = 0;

/// A value of the metadata.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(&'a str),
    Texts(&'a [String]),
    Numbers(&'a [i32]),
}

/// A tensor in single precision. `shape` has the fastest dimension first.
pub(crate) struct Tensor<'a> {
    pub name: String,
    pub shape: Vec<u64>,
    pub data: &'a [u8],
}

/// Returns the bytes of a file with these metadata and tensors, in their order.
pub(crate) fn write_gguf(metadata: &[(&str, Value<'_>)], tensors: &[Tensor<'_>]) -> Vec<u8> {
    let mut file = Vec::from(*b"GGUF");
    push_u32(&mut file, 3);
    push_u64(&mut file, tensors.len() as u64);
    push_u64(&mut file, metadata.len() as u64);

    for (key, value) in metadata {
        push_text(&mut file, key);
        push_value(&mut file, value);
    }

    let mut offset = 0;
    for tensor in tensors {
        push_text(&mut file, &tensor.name);
        push_u32(&mut file, u32::try_from(tensor.shape.len()).unwrap_or(u32::MAX));
        tensor.shape.iter().for_each(|size| push_u64(&mut file, *size));
        push_u32(&mut file, TYPE_F32);
        push_u64(&mut file, offset as u64);
        offset = (offset + tensor.data.len()).next_multiple_of(ALIGNMENT);
    }

    pad(&mut file);
    for tensor in tensors {
        file.extend(tensor.data);
        pad(&mut file);
    }
    file
}

/// Writes a value after the number of its type.
fn push_value(file: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::U32(number) => {
            push_u32(file, 4);
            push_u32(file, *number);
        }
        Value::F32(number) => {
            push_u32(file, 6);
            file.extend(number.to_le_bytes());
        }
        Value::Bool(flag) => {
            push_u32(file, 7);
            file.push(u8::from(*flag));
        }
        Value::Text(text) => {
            push_u32(file, 8);
            push_text(file, text);
        }
        Value::Texts(texts) => {
            push_array(file, 8, texts.len());
            texts.iter().for_each(|text| push_text(file, text));
        }
        Value::Numbers(numbers) => {
            push_array(file, 5, numbers.len());
            numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
        }
    }
}

/// Writes the beginning of an array whose elements have the type `of`.
fn push_array(file: &mut Vec<u8>, of: u32, length: usize) {
    push_u32(file, 9);
    push_u32(file, of);
    push_u64(file, length as u64);
}

fn push_text(file: &mut Vec<u8>, text: &str) {
    push_u64(file, text.len() as u64);
    file.extend(text.as_bytes());
}

fn push_u32(file: &mut Vec<u8>, number: u32) {
    file.extend(number.to_le_bytes());
}

fn push_u64(file: &mut Vec<u8>, number: u64) {
    file.extend(number.to_le_bytes());
}

fn pad(file: &mut Vec<u8>) {
    file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
}
