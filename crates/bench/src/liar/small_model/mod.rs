//! A variant of a model with weights of four bits: an eighth of the memory, and other results. Made
//! on this machine from the model's own file.
//!
//! | module | purpose |
//! | --- | --- |
//! | `gguf` | the parts of the model's file |
//! | `blocks` | weights of four bits |

mod blocks;
mod gguf;

use std::{fs, path::Path};

use anyhow::{Context, Result};

use self::gguf::{ModelFile, Tensor};

/// Matrices whose rows are added, not multiplied: they keep their precision.
const ADDED: [&str; 2] = ["token_types.weight", "position_embd.weight"];

/// Writes a variant of a model in single precision, whose matrices have weights of four bits.
///
/// # Errors
/// If a file cannot be read or written, or the model is not in single precision.
pub fn write_small_model(source: &Path, target: &Path) -> Result<()> {
    let bytes = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    let file = ModelFile::parse(&bytes)
        .with_context(|| format!("{} is not a model in single precision", source.display()))?;

    let small = file.tensors.iter().map(shrink_tensor).collect();
    let written = ModelFile { tensors: small, ..file }.to_bytes();
    fs::write(target, written).with_context(|| format!("cannot write {}", target.display()))
}

/// Returns a matrix with weights of four bits, and other tensors as they are.
fn shrink_tensor<'a>(tensor: &Tensor<'a>) -> Tensor<'a> {
    let is_matrix = tensor.sizes.len() > 1 && !ADDED.contains(&tensor.name);
    let is_divisible =
        tensor.sizes.first().is_some_and(|row| row.is_multiple_of(blocks::BLOCK_WEIGHTS as u64));
    if !is_matrix || !is_divisible {
        return tensor.clone();
    }

    let data = blocks::pack_weights(&tensor.data).into();
    Tensor { kind: blocks::KIND, data, ..tensor.clone() }
}

#[cfg(test)]
mod tests {
    use nosana_engine::ModelHeader;

    use super::*;

    fn tensor(name: &'static str, sizes: &[u64]) -> Tensor<'static> {
        let count: u64 = sizes.iter().product();
        let data: Vec<u8> = (0..count).flat_map(|at| (at as f32).sin().to_le_bytes()).collect();
        Tensor { name, sizes: sizes.to_vec(), kind: gguf::SINGLE_PRECISION, data: data.into() }
    }

    /// One entry of metadata: the name of the architecture.
    fn metadata() -> Vec<u8> {
        let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
        [text("general.architecture"), 8_u32.to_le_bytes().to_vec(), text("bert")].concat()
    }

    #[test]
    fn only_matrices_that_are_multiplied_become_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let [source, target] = ["source", "target"].map(|name| folder.path().join(name));
        let metadata = metadata();
        let tensors = vec![
            tensor("blk.0.attn_q.weight", &[64, 2]),
            tensor("blk.0.attn_q.bias", &[64]),
            tensor("position_embd.weight", &[64, 2]),
        ];
        let file = ModelFile { entries: 1, metadata: &metadata, tensors };
        fs::write(&source, file.to_bytes()).unwrap();
        assert_eq!(ModelHeader::read(&source).unwrap().weight_bytes(), 4 * (128 + 64 + 128));

        write_small_model(&source, &target).unwrap();
        let header = ModelHeader::read(&target).unwrap();
        assert_eq!(header.architecture(), Some("bert"));
        assert_eq!(header.weight_bytes(), 128 / 32 * 18 + 4 * (64 + 128));

        fs::write(&source, b"GGUF").unwrap();
        assert!(write_small_model(&source, &target).is_err());
    }
}
