//! The network of all-MiniLM-L6-v2: BERT with six layers, and a mean over the tokens.

use burn::nn::activation::Gelu;
use burn::nn::attention::{MhaInput, MultiHeadAttention, MultiHeadAttentionConfig};
use burn::nn::{Embedding, LayerNorm, Linear};
use burn::tensor::{Int, Tensor};

use crate::EngineError;
use crate::weights::Weights;

/// The components of a vector.
pub const DIMENSIONS: usize = 384;
const LAYERS: usize = 6;
const HEADS: usize = 12;
const INTERMEDIATE: usize = 1536;
const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;
const TOKEN_TYPES: usize = 2;
const EPSILON: f64 = 1e-12;

/// The network, its weights on the device.
pub(crate) struct MiniLm {
    words: Embedding,
    /// For each position, the vector that BERT adds to the word: that of the position plus that of
    /// the first token type.
    positions: Tensor<3>,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

/// Attention and a dense network, each added to its input and normalized.
struct Layer {
    attention: MultiHeadAttention,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    norm: LayerNorm,
}

impl MiniLm {
    pub(crate) fn from_weights(weights: &Weights<'_>) -> Result<Self, EngineError> {
        let words = weights
            .tensor_values("embeddings.word_embeddings.weight", &[VOCABULARY, DIMENSIONS])?;
        let mut positions = weights
            .tensor_values("embeddings.position_embeddings.weight", &[POSITIONS, DIMENSIONS])?;
        let types = weights
            .tensor_values("embeddings.token_type_embeddings.weight", &[TOKEN_TYPES, DIMENSIONS])?;

        for position in positions.chunks_exact_mut(DIMENSIONS) {
            position.iter_mut().zip(&types).for_each(|(value, first_type)| *value += first_type);
        }

        Ok(Self {
            words: Embedding { weight: weights.upload_param(words, [VOCABULARY, DIMENSIONS]) },
            positions: weights.upload_param(positions, [1, POSITIONS, DIMENSIONS]).val(),
            norm: weights.layer_norm("embeddings.LayerNorm", DIMENSIONS, EPSILON)?,
            layers: (0..LAYERS)
                .map(|index| Layer::from_weights(weights, index))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The mean vector, before scaling to unit length, of one sentence of at most 512 tokens: `[1,
    /// tokens]` to `[384]`.
    pub(crate) fn mean_vector(&self, tokens: Tensor<2, Int>) -> Tensor<1> {
        let [_, count] = tokens.dims();
        let positions = self.positions.clone().slice([0..1, 0..count, 0..DIMENSIONS]);

        let embedded = self.norm.forward(self.words.forward(tokens) + positions);
        let hidden = self.layers.iter().fold(embedded, |hidden, layer| layer.apply_layer(hidden));
        hidden.mean_dim(1).reshape([DIMENSIONS])
    }
}

impl Layer {
    fn from_weights(weights: &Weights<'_>, index: usize) -> Result<Self, EngineError> {
        let part = |name: &str| format!("encoder.layer.{index}.{name}");
        let square = |name: &str| weights.load_linear(&part(name), DIMENSIONS, DIMENSIONS);
        let norm = |name: &str| weights.layer_norm(&part(name), DIMENSIONS, EPSILON);

        let mut attention =
            MultiHeadAttentionConfig::new(DIMENSIONS, HEADS).with_dropout(0.0).init(weights.device);
        attention.query = square("attention.self.query")?;
        attention.key = square("attention.self.key")?;
        attention.value = square("attention.self.value")?;
        attention.output = square("attention.output.dense")?;

        Ok(Self {
            attention,
            attention_norm: norm("attention.output.LayerNorm")?,
            up: weights.load_linear(&part("intermediate.dense"), DIMENSIONS, INTERMEDIATE)?,
            down: weights.load_linear(&part("output.dense"), INTERMEDIATE, DIMENSIONS)?,
            norm: norm("output.LayerNorm")?,
        })
    }

    fn apply_layer(&self, input: Tensor<3>) -> Tensor<3> {
        let attended = self.attention.forward(MhaInput::self_attn(input.clone())).context;
        let attended = self.attention_norm.forward(input + attended);
        let dense = self.down.forward(Gelu::new().forward(self.up.forward(attended.clone())));
        self.norm.forward(attended + dense)
    }
}
