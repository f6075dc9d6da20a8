//! Weights from a safetensors file to the graphics device.

use std::path::Path;

use burn::module::Param;
use burn::nn::{LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};

use crate::EngineError;

/// The tensors of a file, by name.
pub(crate) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    path: &'a Path,
    device: &'a Device,
}

impl<'a> Weights<'a> {
    /// Reads the table of contents of a file that is already in memory; `path` is for messages.
    pub(crate) fn parse(
        bytes: &'a [u8],
        path: &'a Path,
        device: &'a Device,
    ) -> Result<Self, EngineError> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| EngineError::Weights {
            path: path.to_owned(),
            problem: error.to_string(),
        })?;
        Ok(Self { tensors, path, device })
    }

    /// The numbers of one tensor, which must have this shape and single precision.
    pub(crate) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError> {
        let fail = |problem| EngineError::Weights { path: self.path.to_owned(), problem };
        let view = self.tensors.tensor(name).map_err(|error| fail(format!("{name}: {error}")))?;
        if view.dtype() != Dtype::F32 || view.shape() != shape {
            return Err(fail(format!(
                "{name} is {:?} {:?}, not F32 {shape:?}",
                view.dtype(),
                view.shape()
            )));
        }
        let values = view
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        Ok(values)
    }

    /// Uploads numbers in the given shape.
    pub(crate) fn param<const D: usize>(
        &self,
        values: Vec<f32>,
        shape: [usize; D],
    ) -> Param<Tensor<D>> {
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// A dense layer. The file keeps a row for each output; the tensor library wants a row for each
    /// input.
    pub(crate) fn linear(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Linear, EngineError> {
        let by_output = self.values(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.values(&format!("{name}.bias"), &[outputs])?;
        let mut by_input = Vec::with_capacity(by_output.len());
        for input in 0..inputs {
            by_input.extend(by_output.iter().skip(input).step_by(inputs));
        }
        Ok(Linear {
            weight: self.param(by_input, [inputs, outputs]),
            bias: Some(self.param(bias, [outputs])),
        })
    }

    /// A layer normalization.
    pub(crate) fn layer_norm(
        &self,
        name: &str,
        size: usize,
        epsilon: f64,
    ) -> Result<LayerNorm, EngineError> {
        let gamma = self.values(&format!("{name}.weight"), &[size])?;
        let beta = self.values(&format!("{name}.bias"), &[size])?;
        let mut norm = LayerNormConfig::new(size).with_epsilon(epsilon).init(self.device);
        norm.gamma = self.param(gamma, [size]);
        norm.beta = Some(self.param(beta, [size]));
        Ok(norm)
    }

    /// The device on which the tensors are placed.
    pub(crate) fn device(&self) -> &Device {
        self.device
    }
}
