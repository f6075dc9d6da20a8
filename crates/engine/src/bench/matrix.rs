//! How fast matrices are multiplied.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::rounds::time_rounds;
use crate::{EngineError, Gpu};

/// The time of a product of two square matrices in single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatrixProduct {
    /// Rows and columns of each matrix.
    pub size: usize,
    /// The median time of a round, in seconds.
    pub median_seconds: f64,
    /// Billions of multiplications and additions in a second, by the median time.
    pub gflops: f64,
}

/// Multiplies two matrices of this size, and checks the first product.
pub(super) fn measure_product(gpu: &Gpu, size: usize) -> Result<MatrixProduct, EngineError> {
    let upload = |entry: fn(usize, usize) -> f32| {
        let values: Vec<f32> = (0..size * size).map(|i| entry(i / size, i % size)).collect();
        Tensor::<2>::from_data(TensorData::new(values, [size, size]), gpu.tensor_device())
    };
    let left = upload(left_entry);
    let right = upload(right_entry);

    let median_seconds = time_rounds(
        gpu,
        || left.clone().matmul(right.clone()),
        |product| check_product(product, size),
    )?;

    Ok(MatrixProduct {
        size,
        median_seconds,
        gflops: 2.0 * (size as f64).powi(3) / median_seconds / 1e9,
    })
}

/// An entry of the left matrix. Entries are small whole numbers: every sum is less than 2^24, so
/// single precision is exact in any order.
fn left_entry(row: usize, column: usize) -> f32 {
    ((row * 7 + column * 3) % 11) as f32 - 5.0
}

/// An entry of the right matrix.
fn right_entry(row: usize, column: usize) -> f32 {
    ((row * 5 + column * 13) % 17) as f32 - 8.0
}

/// Compares one entry of every row, each in another column, with the exact value.
fn check_product(product: &Tensor<2>, size: usize) -> Result<(), EngineError> {
    let data =
        product.clone().try_into_data().map_err(|error| EngineError::Device(error.to_string()))?;
    let values =
        data.as_slice::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))?;

    for row in 0..size {
        let column = (row * 31 + 7) % size;
        let exact: f32 = (0..size).map(|k| left_entry(row, k) * right_entry(k, column)).sum();
        let actual = values.get(row * size + column).copied().unwrap_or(f32::NAN);

        if actual != exact {
            return Err(EngineError::WrongResult(format!(
                "entry ({row}, {column}) of a {size}×{size} product is {actual}, not {exact}"
            )));
        }
    }
    Ok(())
}
