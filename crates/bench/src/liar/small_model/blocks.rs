//! Weights of four bits in blocks of 32 with one scale: the type Q4_0 of llama.cpp.

use half::f16;

/// The number of this type in llama.cpp.
pub const KIND: u32 = 2;
/// The weights of a block.
pub const BLOCK_WEIGHTS: usize = 32;
/// The largest weight of a block becomes this many scales.
const LARGEST: f32 = -8.0;

/// Packs weights in single precision. Bytes behind the last whole block are left out.
pub fn pack_weights(data: &[u8]) -> Vec<u8> {
    let (numbers, _) = data.as_chunks::<4>();
    let weights: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let (blocks, _) = weights.as_chunks::<BLOCK_WEIGHTS>();
    blocks.iter().flat_map(pack_block).collect()
}

/// Packs a block: its scale, then two weights in each byte.
fn pack_block(weights: &[f32; BLOCK_WEIGHTS]) -> Vec<u8> {
    let larger = |one: f32, other: f32| if other.abs() > one.abs() { other } else { one };
    let largest = weights.iter().copied().fold(0.0, larger);
    let scale = largest / LARGEST;
    let inverse = if scale == 0.0 { 0.0 } else { scale.recip() };
    // A conversion to an integer rounds toward zero, and stops at the bounds of the type.
    let pack = |weight: &f32| ((weight * inverse - LARGEST + 0.5) as u8).min(15);

    let (low, high) = weights.split_at(BLOCK_WEIGHTS / 2);
    let pairs = low.iter().zip(high).map(|(low, high)| pack(low) | pack(high) << 4);
    f16::from_f32(scale).to_le_bytes().into_iter().chain(pairs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unpacks a block as llama.cpp does.
    fn unpack_block(block: &[u8]) -> Vec<f32> {
        let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
        let unpack = |nibble: u8| (f32::from(nibble) - 8.0) * scale;
        let low = block[2..].iter().map(|byte| unpack(byte & 15));
        low.chain(block[2..].iter().map(|byte| unpack(byte >> 4))).collect()
    }

    #[test]
    fn weights_keep_four_bits() {
        let weights: Vec<f32> = (0..64).map(|at| (at as f32 * 0.7).sin()).collect();
        let data: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let packed = pack_weights(&data);
        assert_eq!(packed.len(), 2 * 18);

        let unpacked: Vec<f32> = packed.chunks(18).flat_map(unpack_block).collect();
        let differences = weights.iter().zip(&unpacked).map(|(one, other)| (one - other).abs());
        let largest = differences.fold(0.0, f32::max);
        assert!((0.02..0.13).contains(&largest), "an eighth at most: {largest}");
        assert_eq!(unpack_block(&pack_weights(&[0; 128])), vec![0.0; 32]);
    }
}
