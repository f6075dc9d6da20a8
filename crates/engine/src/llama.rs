//! The network of the Llama family on the graphics device.
//!
//! Root mean square normalization, rotary positions, grouped-query attention, a gated dense
//! network, and the embedding matrix again at the end. The sizes come from the model's file.

use burn::tensor::{Device, Int, Tensor, TensorData, activation};

use crate::{EngineError, gguf::Gguf};

/// The sizes of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    pub layers: usize,
    pub hidden: usize,
    pub heads: usize,
    /// Heads of keys and values; several heads of queries share one.
    pub kv_heads: usize,
    pub head: usize,
    pub dense: usize,
    pub vocabulary: usize,
    pub epsilon: f64,
    pub rope_base: f64,
}

/// A network, its weights on the device.
pub(crate) struct Llama {
    shape: Shape,
    device: Device,
    words: Tensor<2>,
    layers: Vec<Layer>,
    norm: Tensor<3>,
}

struct Layer {
    attention_norm: Tensor<3>,
    query: Tensor<3>,
    key: Tensor<3>,
    value: Tensor<3>,
    output: Tensor<3>,
    dense_norm: Tensor<3>,
    gate: Tensor<3>,
    up: Tensor<3>,
    down: Tensor<3>,
}

/// The keys and values of the tokens so far, for each layer; `[kv_heads, tokens, head]` each.
#[derive(Default)]
pub(crate) struct Memory {
    layers: Vec<[Tensor<3>; 2]>,
    tokens: usize,
}

/// Cosines and sines of the tokens' positions, and the mask of tokens that a token does not see.
struct Positions {
    cosines: Tensor<3>,
    sines: Tensor<3>,
    mask: Option<Tensor<3>>,
}

impl Shape {
    pub(crate) fn from_gguf(file: &Gguf<'_>) -> Result<Self, EngineError> {
        let number = |key: &str| file.whole_number(&format!("llama.{key}"));

        Ok(Self {
            layers: number("block_count")?,
            hidden: number("embedding_length")?,
            heads: number("attention.head_count")?,
            kv_heads: number("attention.head_count_kv")?,
            head: number("rope.dimension_count")?,
            dense: number("feed_forward_length")?,
            vocabulary: file.text_values("tokenizer.ggml.tokens")?.len(),
            epsilon: file.float_number("llama.attention.layer_norm_rms_epsilon")?,
            rope_base: file.float_number("llama.rope.freq_base")?,
        })
    }
}

impl Llama {
    pub(crate) fn from_gguf(file: &Gguf<'_>, device: &Device) -> Result<Self, EngineError> {
        let shape = Shape::from_gguf(file)?;
        let words = file.tensor_values("token_embd.weight", &[shape.hidden, shape.vocabulary])?;
        let words =
            Tensor::from_data(TensorData::new(words, [shape.vocabulary, shape.hidden]), device);
        let loading = Loading { file, device, shape };

        Ok(Self {
            shape,
            words,
            layers: (0..shape.layers)
                .map(|index| loading.load_layer(index))
                .collect::<Result<_, _>>()?,
            norm: loading.load_norm("output_norm")?,
            device: device.clone(),
        })
    }

    pub(crate) const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Reads tokens, and returns how likely each word of the vocabulary is to come next, on an
    /// unbounded scale.
    pub(crate) fn read_tokens(
        &self,
        tokens: &[u32],
        memory: &mut Memory,
    ) -> Result<Vec<f32>, EngineError> {
        let count = tokens.len();
        let positions = self.token_positions(memory.tokens, count);
        let ids: Vec<i32> = tokens.iter().map(|id| id.cast_signed()).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), &self.device);
        let mut hidden = self.words.clone().select(0, ids).reshape([1, count, self.shape.hidden]);

        for (index, layer) in self.layers.iter().enumerate() {
            hidden = layer.apply_layer(&self.shape, hidden, &positions, memory, index);
        }
        memory.tokens += count;

        let last = hidden.slice([0..1, count - 1..count, 0..self.shape.hidden]);
        let last =
            scale_mean_square(last, &self.norm, self.shape.epsilon).reshape([1, self.shape.hidden]);
        let logits = last
            .matmul(self.words.clone().transpose())
            .try_into_data()
            .map_err(|error| EngineError::Device(error.to_string()))?;

        logits.try_to_vec::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))
    }

    fn token_positions(&self, first: usize, count: usize) -> Positions {
        let half = self.shape.head / 2;
        let angles = (first..first + count).flat_map(|position| {
            (0..half).map(move |index| {
                let exponent = 2.0 * index as f64 / self.shape.head as f64;
                position as f64 / self.shape.rope_base.powf(exponent)
            })
        });
        let (cosines, sines): (Vec<f32>, Vec<f32>) =
            angles.map(|a| (a.cos() as f32, a.sin() as f32)).unzip();
        let place =
            |values| Tensor::from_data(TensorData::new(values, [1, count, half]), &self.device);

        let mask = (count > 1).then(|| {
            // Query heads that share keys and values are adjacent, so the rows repeat for each of
            // them.
            let all = first + count;
            let group = self.shape.heads / self.shape.kv_heads;
            let row = |token: usize| {
                (0..all).map(move |seen| if seen > first + token { f32::NEG_INFINITY } else { 0. })
            };
            let rows: Vec<f32> = (0..group).flat_map(|_| (0..count).flat_map(row)).collect();
            Tensor::from_data(TensorData::new(rows, [1, group * count, all]), &self.device)
        });

        Positions { cosines: place(cosines), sines: place(sines), mask }
    }
}

impl Layer {
    fn apply_layer(
        &self,
        shape: &Shape,
        input: Tensor<3>,
        positions: &Positions,
        memory: &mut Memory,
        index: usize,
    ) -> Tensor<3> {
        let [_, count, _] = input.dims();
        let normal = scale_mean_square(input.clone(), &self.attention_norm, shape.epsilon);
        let heads = |weights: &Tensor<3>, heads: usize| {
            normal
                .clone()
                .matmul(weights.clone())
                .reshape([count, heads, shape.head])
                .swap_dims(0, 1)
        };

        let query = rotate_pairs(heads(&self.query, shape.heads), positions);
        let key = rotate_pairs(heads(&self.key, shape.kv_heads), positions);
        let value = heads(&self.value, shape.kv_heads);
        let [keys, values] = memory.extend_layer(index, key, value);

        let group = shape.heads / shape.kv_heads;
        let query = query.reshape([shape.kv_heads, group * count, shape.head]);
        let mut scores =
            query.matmul(keys.swap_dims(1, 2)).mul_scalar((shape.head as f64).powf(-0.5));
        if let Some(mask) = &positions.mask {
            scores = scores + mask.clone();
        }
        let seen = activation::softmax(scores, 2).matmul(values);
        let seen = seen.reshape([shape.heads, count, shape.head]).swap_dims(0, 1);
        let attended =
            input + seen.reshape([1, count, shape.heads * shape.head]).matmul(self.output.clone());

        let normal = scale_mean_square(attended.clone(), &self.dense_norm, shape.epsilon);
        let gate = activation::silu(normal.clone().matmul(self.gate.clone()));
        attended + (gate * normal.matmul(self.up.clone())).matmul(self.down.clone())
    }
}

impl Memory {
    /// Appends the keys and values of new tokens to a layer's, and returns all.
    fn extend_layer(&mut self, layer: usize, key: Tensor<3>, value: Tensor<3>) -> [Tensor<3>; 2] {
        match self.layers.get_mut(layer) {
            Some(known) => {
                let [keys, values] = known.clone();
                *known = [Tensor::cat(vec![keys, key], 1), Tensor::cat(vec![values, value], 1)];
                known.clone()
            }
            None => {
                self.layers.push([key.clone(), value.clone()]);
                [key, value]
            }
        }
    }
}

/// Divides by the root of the mean square, and multiplies by the weights.
fn scale_mean_square(input: Tensor<3>, weight: &Tensor<3>, epsilon: f64) -> Tensor<3> {
    let mean = input.clone().powf_scalar(2.0).mean_dim(2);
    input / mean.add_scalar(epsilon).sqrt() * weight.clone()
}

/// Rotates each pair of components by its position's angle. The first components of all pairs come
/// before the second ones: see [`Loading::load_rotated`].
fn rotate_pairs(heads: Tensor<3>, positions: &Positions) -> Tensor<3> {
    let [count, tokens, size] = heads.dims();
    let first = heads.clone().slice([0..count, 0..tokens, 0..size / 2]);
    let second = heads.slice([0..count, 0..tokens, size / 2..size]);
    let cosines = positions.cosines.clone();
    let sines = positions.sines.clone();

    let rotated_first = first.clone() * cosines.clone() - second.clone() * sines.clone();
    let rotated_second = first * sines + second * cosines;
    Tensor::cat(vec![rotated_first, rotated_second], 2)
}

/// Loads the layers of one file.
struct Loading<'a> {
    file: &'a Gguf<'a>,
    device: &'a Device,
    shape: Shape,
}

impl Loading<'_> {
    fn load_layer(&self, index: usize) -> Result<Layer, EngineError> {
        let Shape { hidden, heads, kv_heads, head, dense, .. } = self.shape;
        let part = |name: &str| format!("blk.{index}.{name}");

        Ok(Layer {
            attention_norm: self.load_norm(&part("attn_norm"))?,
            query: self.load_rotated(&part("attn_q"), hidden, heads)?,
            key: self.load_rotated(&part("attn_k"), hidden, kv_heads)?,
            value: self.load_linear(&part("attn_v"), hidden, kv_heads * head)?,
            output: self.load_linear(&part("attn_output"), heads * head, hidden)?,
            dense_norm: self.load_norm(&part("ffn_norm"))?,
            gate: self.load_linear(&part("ffn_gate"), hidden, dense)?,
            up: self.load_linear(&part("ffn_up"), hidden, dense)?,
            down: self.load_linear(&part("ffn_down"), dense, hidden)?,
        })
    }

    fn load_norm(&self, name: &str) -> Result<Tensor<3>, EngineError> {
        let values = self.file.tensor_values(&format!("{name}.weight"), &[self.shape.hidden])?;
        Ok(Tensor::from_data(TensorData::new(values, [1, 1, self.shape.hidden]), self.device))
    }

    fn load_linear(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Tensor<3>, EngineError> {
        let rows = self.file.tensor_values(&format!("{name}.weight"), &[inputs, outputs])?;
        Ok(self.upload_transposed(&rows, inputs, outputs))
    }

    /// The file stores the two components of a pair next to each other. Here all first components
    /// of a head come before all second ones, in queries and keys alike, so their products are
    /// equal.
    fn load_rotated(
        &self,
        name: &str,
        inputs: usize,
        heads: usize,
    ) -> Result<Tensor<3>, EngineError> {
        let head = self.shape.head;
        let rows = self.file.tensor_values(&format!("{name}.weight"), &[inputs, heads * head])?;
        let mut sorted = Vec::with_capacity(rows.len());

        for head_rows in rows.chunks_exact(inputs * head) {
            for parity in 0..2 {
                head_rows
                    .chunks_exact(inputs)
                    .skip(parity)
                    .step_by(2)
                    .for_each(|row| sorted.extend_from_slice(row));
            }
        }
        Ok(self.upload_transposed(&sorted, inputs, heads * head))
    }

    /// Uploads the transposed matrix: the file has a row for each output, and a product needs a row
    /// for each input.
    fn upload_transposed(&self, by_output: &[f32], inputs: usize, outputs: usize) -> Tensor<3> {
        let mut by_input = vec![0.0; by_output.len()];

        for (output, row) in by_output.chunks_exact(inputs).enumerate() {
            by_input
                .iter_mut()
                .skip(output)
                .step_by(outputs)
                .zip(row)
                .for_each(|(place, value)| *place = *value);
        }
        Tensor::from_data(TensorData::new(by_input, [1, inputs, outputs]), self.device)
    }
}
