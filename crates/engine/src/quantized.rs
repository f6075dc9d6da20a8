//! Decodes the numbers of GGUF to single precision.
//!
//! Quantized tensors come in blocks of 32 numbers that share a scale, and in some formats an
//! offset. The layouts are those of the public format description of ggml.

use half::f16;

/// The count of numbers in a block.
const BLOCK_NUMBERS: usize = 32;

/// Decodes `count` numbers of ggml's type `kind` from the beginning of `data`.
///
/// # Errors
/// If the type is not supported, the tensor ends within a block, or the data is too short.
pub(crate) fn decode_numbers(kind: u32, count: usize, data: &[u8]) -> Result<Vec<f32>, String> {
    match kind {
        0 => decode_blocks(count, 1, data, |bytes: &[u8; 4], out| {
            out.push(f32::from_le_bytes(*bytes))
        }),
        1 => decode_blocks(count, 1, data, |bytes: &[u8; 2], out| {
            out.push(f16::from_le_bytes(*bytes).to_f32())
        }),
        3 => decode_blocks(count, BLOCK_NUMBERS, data, q4_1),
        8 => decode_blocks(count, BLOCK_NUMBERS, data, q8_0),
        other => Err(format!(
            "has ggml's type {other}, which is not supported; 0 F32, 1 F16, 3 Q4_1 and 8 Q8_0 are"
        )),
    }
}

/// Decodes blocks of `SIZE` bytes, each of `numbers` numbers.
fn decode_blocks<const SIZE: usize>(
    count: usize,
    numbers: usize,
    data: &[u8],
    decode: impl Fn(&[u8; SIZE], &mut Vec<f32>),
) -> Result<Vec<f32>, String> {
    if !count.is_multiple_of(numbers) {
        return Err(format!("has {count} numbers, which is not a multiple of {numbers}"));
    }

    let (blocks, _) = data.as_chunks::<SIZE>();
    let blocks = blocks.get(..count / numbers).ok_or("is cut off")?;

    let mut out = Vec::with_capacity(count);
    blocks.iter().for_each(|block| decode(block, &mut out));
    Ok(out)
}

/// Four bits a number: scale and offset in half precision, then 16 bytes with two numbers each. The
/// low halves come before the high ones.
fn q4_1(block: &[u8; 20], out: &mut Vec<f32>) {
    let scale = half_to_single(block[0], block[1]);
    let offset = half_to_single(block[2], block[3]);

    out.extend(block[4..].iter().map(|byte| scale.mul_add(f32::from(byte & 0x0f), offset)));
    out.extend(block[4..].iter().map(|byte| scale.mul_add(f32::from(byte >> 4), offset)));
}

/// Eight bits a number: a scale in half precision, then 32 signed bytes.
fn q8_0(block: &[u8; 34], out: &mut Vec<f32>) {
    let scale = half_to_single(block[0], block[1]);
    out.extend(block[2..].iter().map(|byte| scale * f32::from(byte.cast_signed())));
}

fn half_to_single(low: u8, high: u8) -> f32 {
    f16::from_le_bytes([low, high]).to_f32()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.5 and −1 in half precision.
    const HALF: [u8; 2] = [0x00, 0x38];
    const MINUS_ONE: [u8; 2] = [0x00, 0xbc];

    #[test]
    fn blocks_are_decoded() {
        let mut block = [HALF, MINUS_ONE].concat();
        block.extend((0..16).map(|index| index | (15 - index) << 4));
        let numbers = decode_numbers(3, 32, &block).unwrap();
        assert_eq!(numbers[..3], [-1.0, -0.5, 0.0]);
        assert_eq!(numbers[15..18], [6.5, 6.5, 6.0]);
        assert_eq!(numbers[31], -1.0);

        let mut block = HALF.to_vec();
        block.extend((0..32).map(|index: i8| (index - 16).to_le_bytes()[0]));
        let numbers = decode_numbers(8, 32, &block).unwrap();
        assert_eq!((numbers[0], numbers[16], numbers[31]), (-8.0, 0.0, 7.5));
        assert_eq!(decode_numbers(1, 2, &[HALF, MINUS_ONE].concat()).unwrap(), [0.5, -1.0]);
    }

    #[test]
    fn wrong_sizes_and_types_are_refused() {
        assert!(decode_numbers(3, 31, &[0; 20]).unwrap_err().contains("multiple"));
        assert!(decode_numbers(3, 64, &[0; 39]).unwrap_err().contains("cut off"));
        assert!(decode_numbers(2, 32, &[0; 99]).unwrap_err().contains("type 2"));
    }
}
