//! The types of outputs, by which readers parse and print them.

/// The type of an operation's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputType {
    /// An [`EmbeddingOutput`](crate::EmbeddingOutput).
    Embedding,
    /// A [`GenerationOutput`](crate::GenerationOutput).
    Generation,
    /// A [`ServingOutput`](crate::ServingOutput).
    Serving,
    /// A [`CommandOutput`](crate::CommandOutput).
    Command,
}
