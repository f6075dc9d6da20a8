//! Accounts of the rewards program.

pub mod pool;
pub mod position;
pub mod stream;

pub use {pool::Pool, position::Position, stream::Stream};
