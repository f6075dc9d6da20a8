//! The network of the Llama family, one token after the other, on the graphics device.
//!
//! Root mean square normalization, rotary positions, grouped-query attention, a gated dense
//! network, and the embedding matrix once more at the end. The sizes come from the model's file.

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

/// What the layers remember of the tokens so far: keys and values, `[kv_heads, tokens, head]` each.
#[derive(Default)]
pub(crate) struct Memory {
    layers: Vec<[Tensor<3>; 2]>,
    tokens: usize,
}

/// Cosines and sines of the tokens' positions, and which tokens see which.
struct Positions {
    cosines: Tensor<3>,
    sines: Tensor<3>,
    mask: Option<Tensor<3>>,
}

impl Shape {
    pub(crate) fn read(file: &Gguf<'_>) -> Result<Self, EngineError> {
        let number = |key: &str| file.number(&format!("llama.{key}"));
        let (hidden, heads) = (number("embedding_length")?, number("attention.head_count")?);
        Ok(Self {
            layers: number("block_count")?,
            hidden,
            heads,
            kv_heads: number("attention.head_count_kv")?,
            head: number("rope.dimension_count")?,
            dense: number("feed_forward_length")?,
            vocabulary: file.texts("tokenizer.ggml.tokens")?.len(),
            epsilon: file.float("llama.attention.layer_norm_rms_epsilon")?,
            rope_base: file.float("llama.rope.freq_base")?,
        })
    }
}

impl Llama {
    pub(crate) fn load(file: &Gguf<'_>, device: &Device) -> Result<Self, EngineError> {
        let shape = Shape::read(file)?;
        let words = file.tensor("token_embd.weight", &[shape.hidden, shape.vocabulary])?;
        let words =
            Tensor::from_data(TensorData::new(words, [shape.vocabulary, shape.hidden]), device);
        let loading = Loading { file, device, shape };
        Ok(Self {
            shape,
            words,
            layers: (0..shape.layers)
                .map(|index| loading.layer(index))
                .collect::<Result<_, _>>()?,
            norm: loading.norm("output_norm")?,
            device: device.clone(),
        })
    }

    pub(crate) const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Reads tokens, and returns how likely each word of the vocabulary is to come next, on an
    /// unbounded scale.
    pub(crate) fn read(
        &self,
        tokens: &[u32],
        memory: &mut Memory,
    ) -> Result<Vec<f32>, EngineError> {
        let count = tokens.len();
        let positions = self.positions(memory.tokens, count);
        let ids: Vec<i32> = tokens.iter().map(|id| id.cast_signed()).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), &self.device);
        let mut hidden = self.words.clone().select(0, ids).reshape([1, count, self.shape.hidden]);
        for (index, layer) in self.layers.iter().enumerate() {
            hidden = layer.forward(&self.shape, hidden, &positions, memory, index);
        }
        memory.tokens += count;
        let last = hidden.slice([0..1, count - 1..count, 0..self.shape.hidden]);
        let last = normalize(last, &self.norm, self.shape.epsilon).reshape([1, self.shape.hidden]);
        let device = |error: String| EngineError::Device(error);
        let logits = last.matmul(self.words.clone().transpose()).try_into_data();
        let logits = logits.map_err(|error| device(error.to_string()))?;
        logits.try_to_vec::<f32>().map_err(|error| device(format!("{error:?}")))
    }

    fn positions(&self, first: usize, count: usize) -> Positions {
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
            // Query heads that share keys and values follow each other, so the rows repeat for each
            // of them.
            let (all, group) = (first + count, self.shape.heads / self.shape.kv_heads);
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
    fn forward(
        &self,
        shape: &Shape,
        input: Tensor<3>,
        positions: &Positions,
        memory: &mut Memory,
        index: usize,
    ) -> Tensor<3> {
        let [_, count, _] = input.dims();
        let normal = normalize(input.clone(), &self.attention_norm, shape.epsilon);
        let heads = |weights: &Tensor<3>, heads: usize| {
            normal
                .clone()
                .matmul(weights.clone())
                .reshape([count, heads, shape.head])
                .swap_dims(0, 1)
        };
        let query = rotate(heads(&self.query, shape.heads), positions);
        let key = rotate(heads(&self.key, shape.kv_heads), positions);
        let value = heads(&self.value, shape.kv_heads);
        let [keys, values] = memory.extend(index, key, value);

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

        let normal = normalize(attended.clone(), &self.dense_norm, shape.epsilon);
        let gate = activation::silu(normal.clone().matmul(self.gate.clone()));
        attended + (gate * normal.matmul(self.up.clone())).matmul(self.down.clone())
    }
}

impl Memory {
    /// Adds keys and values of new tokens to a layer's, and returns all.
    fn extend(&mut self, layer: usize, key: Tensor<3>, value: Tensor<3>) -> [Tensor<3>; 2] {
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

/// Divides by the root of the mean square, and scales.
fn normalize(input: Tensor<3>, weight: &Tensor<3>, epsilon: f64) -> Tensor<3> {
    let mean = input.clone().powf_scalar(2.0).mean_dim(2);
    input / mean.add_scalar(epsilon).sqrt() * weight.clone()
}

/// Turns each pair of components by its position's angle. The first halves of the pairs come first:
/// see [`Loading`].
fn rotate(heads: Tensor<3>, positions: &Positions) -> Tensor<3> {
    let [count, tokens, size] = heads.dims();
    let first = heads.clone().slice([0..count, 0..tokens, 0..size / 2]);
    let second = heads.slice([0..count, 0..tokens, size / 2..size]);
    let (cosines, sines) = (positions.cosines.clone(), positions.sines.clone());
    let turned_first = first.clone() * cosines.clone() - second.clone() * sines.clone();
    Tensor::cat(vec![turned_first, first * sines + second * cosines], 2)
}

/// Loading the layers of one file.
struct Loading<'a> {
    file: &'a Gguf<'a>,
    device: &'a Device,
    shape: Shape,
}

impl Loading<'_> {
    fn layer(&self, index: usize) -> Result<Layer, EngineError> {
        let Shape { hidden, heads, kv_heads, head, dense, .. } = self.shape;
        let part = |name: &str| format!("blk.{index}.{name}");
        Ok(Layer {
            attention_norm: self.norm(&part("attn_norm"))?,
            query: self.rotated(&part("attn_q"), hidden, heads)?,
            key: self.rotated(&part("attn_k"), hidden, kv_heads)?,
            value: self.linear(&part("attn_v"), hidden, kv_heads * head)?,
            output: self.linear(&part("attn_output"), heads * head, hidden)?,
            dense_norm: self.norm(&part("ffn_norm"))?,
            gate: self.linear(&part("ffn_gate"), hidden, dense)?,
            up: self.linear(&part("ffn_up"), hidden, dense)?,
            down: self.linear(&part("ffn_down"), dense, hidden)?,
        })
    }

    fn norm(&self, name: &str) -> Result<Tensor<3>, EngineError> {
        let values = self.file.tensor(&format!("{name}.weight"), &[self.shape.hidden])?;
        Ok(Tensor::from_data(TensorData::new(values, [1, 1, self.shape.hidden]), self.device))
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Tensor<3>, EngineError> {
        let rows = self.file.tensor(&format!("{name}.weight"), &[inputs, outputs])?;
        Ok(self.place(&rows, inputs, outputs))
    }

    /// The file keeps the two components of a pair side by side. Here all first ones of a head come
    /// before all second ones, in queries and keys alike, which changes no product of the two.
    fn rotated(&self, name: &str, inputs: usize, heads: usize) -> Result<Tensor<3>, EngineError> {
        let head = self.shape.head;
        let rows = self.file.tensor(&format!("{name}.weight"), &[inputs, heads * head])?;
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
        Ok(self.place(&sorted, inputs, heads * head))
    }

    /// The file keeps a row for each output; a product wants a row for each input.
    fn place(&self, by_output: &[f32], inputs: usize, outputs: usize) -> Tensor<3> {
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
