//! What a model reads of its weights for each token.

use super::ModelHeader;

/// The table with a vector for each token.
const EMBEDDING_TABLE: &str = "token_embd.weight";
/// The matrix that turns a vector into the scores of all tokens.
const OUTPUT_MATRIX: &str = "output.weight";

impl ModelHeader {
    /// The bytes of the weights that a dense model reads for each token that it generates: those
    /// of all tensors. If the model has an output matrix, the table of embeddings does not count,
    /// since one row of it is read; without such a matrix the whole table is read in place of it.
    pub fn token_bytes(&self) -> u64 {
        let has_output = self.tensors.iter().any(|tensor| tensor.name == OUTPUT_MATRIX);
        let is_read = |name: &str| !has_output || name != EMBEDDING_TABLE;

        let read = self.tensors.iter().filter(|tensor| is_read(&tensor.name));
        read.fold(0, |sum, tensor| sum.saturating_add(tensor.bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::convert::gguf_writer::{Tensor, write_gguf};

    fn token_bytes(tensors: &[(&str, u64)]) -> u64 {
        let data = [0; 4_096];
        let tensor = |(name, numbers): &(&str, u64)| Tensor {
            name: (*name).to_owned(),
            shape: vec![*numbers],
            data: &data,
        };
        let tensors: Vec<_> = tensors.iter().map(tensor).collect();

        let file = write_gguf(&[], &tensors);
        let size = file.len() as u64;
        ModelHeader::read_from(Cursor::new(file), size).unwrap().token_bytes()
    }

    #[test]
    fn the_embedding_table_counts_where_it_is_the_output_matrix() {
        let layer = ("blk.0.attn_q.weight", 10);
        let (table, output) = (("token_embd.weight", 200), ("output.weight", 300));

        assert_eq!(token_bytes(&[]), 0);
        assert_eq!(token_bytes(&[layer]), 4 * 10);
        assert_eq!(token_bytes(&[table, layer]), 4 * (200 + 10));
        assert_eq!(token_bytes(&[table, layer, output]), 4 * (10 + 300));
        assert_eq!(token_bytes(&[output, layer, table]), 4 * (10 + 300));
    }
}
