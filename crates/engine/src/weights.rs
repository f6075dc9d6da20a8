//! Loads weights from a safetensors file to the graphics device.

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
    /// The device to which tensors are uploaded.
    pub(crate) device: &'a Device,
}

impl<'a> Weights<'a> {
    /// Reads the table of contents of a file in memory. `path` is for errors.
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
    pub(crate) fn tensor_values(
        &self,
        name: &str,
        shape: &[usize],
    ) -> Result<Vec<f32>, EngineError> {
        let weights_error = |problem| EngineError::Weights { path: self.path.to_owned(), problem };
        let view =
            self.tensors.tensor(name).map_err(|error| weights_error(format!("{name}: {error}")))?;

        if view.dtype() != Dtype::F32 || view.shape() != shape {
            return Err(weights_error(format!(
                "{name} is {:?} {:?}, not F32 {shape:?}",
                view.dtype(),
                view.shape()
            )));
        }
        let (numbers, _) = view.data().as_chunks::<4>();
        Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// Uploads numbers in the given shape.
    pub(crate) fn upload_param<const D: usize>(
        &self,
        values: Vec<f32>,
        shape: [usize; D],
    ) -> Param<Tensor<D>> {
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// Loads a dense layer. The file has a row for each output; the tensor library expects a row
    /// for each input.
    pub(crate) fn load_linear(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Linear, EngineError> {
        let by_output = self.tensor_values(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.tensor_values(&format!("{name}.bias"), &[outputs])?;

        let mut by_input = Vec::with_capacity(by_output.len());
        for input in 0..inputs {
            by_input.extend(by_output.iter().skip(input).step_by(inputs));
        }

        Ok(Linear {
            weight: self.upload_param(by_input, [inputs, outputs]),
            bias: Some(self.upload_param(bias, [outputs])),
        })
    }

    /// Loads a layer normalization.
    pub(crate) fn layer_norm(
        &self,
        name: &str,
        size: usize,
        epsilon: f64,
    ) -> Result<LayerNorm, EngineError> {
        let gamma = self.tensor_values(&format!("{name}.weight"), &[size])?;
        let beta = self.tensor_values(&format!("{name}.bias"), &[size])?;

        let mut norm = LayerNormConfig::new(size).with_epsilon(epsilon).init(self.device);
        norm.gamma = self.upload_param(gamma, [size]);
        norm.beta = Some(self.upload_param(beta, [size]));
        Ok(norm)
    }
}
