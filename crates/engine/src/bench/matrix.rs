//! How fast matrices are multiplied.

use std::time::Instant;

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{ROUNDS, WARM_UP_ROUNDS, median};
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
pub(super) fn measure(gpu: &Gpu, size: usize) -> Result<MatrixProduct, EngineError> {
    let upload = |entry: fn(usize, usize) -> f32| {
        let values: Vec<f32> = (0..size * size).map(|i| entry(i / size, i % size)).collect();
        Tensor::<2>::from_data(TensorData::new(values, [size, size]), gpu.device())
    };
    let (a, b) = (upload(left), upload(right));
    let mut seconds = Vec::with_capacity(ROUNDS);
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        gpu.wait()?;
        let start = Instant::now();
        let product = a.clone().matmul(b.clone());
        gpu.wait()?;
        if round >= WARM_UP_ROUNDS {
            seconds.push(start.elapsed().as_secs_f64());
        }
        if round == 0 {
            check(product, size)?;
        }
    }
    let median_seconds = median(seconds);
    Ok(MatrixProduct {
        size,
        median_seconds,
        gflops: 2.0 * (size as f64).powi(3) / median_seconds / 1e9,
    })
}

/// Small whole numbers: every sum stays below 2^24, so single precision is exact in any order.
fn left(row: usize, column: usize) -> f32 {
    ((row * 7 + column * 3) % 11) as f32 - 5.0
}

fn right(row: usize, column: usize) -> f32 {
    ((row * 5 + column * 13) % 17) as f32 - 8.0
}

/// Compares one entry of every row, each in another column, with the exact value.
fn check(product: Tensor<2>, size: usize) -> Result<(), EngineError> {
    let data = product.try_into_data().map_err(|error| EngineError::Device(error.to_string()))?;
    let values =
        data.as_slice::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))?;
    for row in 0..size {
        let column = (row * 31 + 7) % size;
        let exact: f32 = (0..size).map(|k| left(row, k) * right(k, column)).sum();
        let actual = values.get(row * size + column).copied().unwrap_or(f32::NAN);
        if actual != exact {
            let problem = format!(
                "entry ({row}, {column}) of a {size}×{size} product is {actual}, not {exact}"
            );
            return Err(EngineError::WrongResult(problem));
        }
    }
    Ok(())
}
