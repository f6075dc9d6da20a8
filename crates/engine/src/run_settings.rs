//! How a device runs a model, where honest nodes may differ.

use std::num::NonZeroU16;

use llama_cpp_2::context::params::LlamaContextParams;

use crate::threads::cpu_threads;

/// How a device runs a model, where honest nodes may differ: none of it belongs to what a job
/// defines. Nodes use the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunSettings {
    /// Threads on the CPU; without a number, those of [`cpu_threads`].
    pub threads: Option<NonZeroU16>,
    /// The most tokens that the device computes at once. Embedding models read a text at once,
    /// whatever this is.
    pub step_tokens: Option<NonZeroU16>,
    /// Whether attention is computed in blocks (flash attention); llama.cpp decides without it.
    pub flash_attention: Option<bool>,
}

impl RunSettings {
    /// Changes the settings of a context.
    pub(crate) fn apply_to(self, params: LlamaContextParams) -> LlamaContextParams {
        let threads = self.threads.map_or_else(cpu_threads, |threads| threads.get().into());
        let mut params = params.with_n_threads(threads).with_n_threads_batch(threads);

        if let Some(tokens) = self.step_tokens {
            params = params.with_n_ubatch(tokens.get().into());
        }
        if let Some(is_used) = self.flash_attention {
            params = params.with_flash_attention_policy(is_used.into());
        }
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_set_changes() {
        let plain = RunSettings::default().apply_to(LlamaContextParams::default());
        assert_eq!(plain.n_threads(), cpu_threads());
        assert_eq!(plain.n_ubatch(), LlamaContextParams::default().n_ubatch());
        let decided = LlamaContextParams::default().flash_attention_policy();
        assert_eq!(plain.flash_attention_policy(), decided);

        let settings = RunSettings {
            threads: NonZeroU16::new(3),
            step_tokens: NonZeroU16::new(7),
            flash_attention: Some(false),
        };
        let changed = settings.apply_to(LlamaContextParams::default());
        assert_eq!((changed.n_threads(), changed.n_threads_batch()), (3, 3));
        assert_eq!((changed.n_ubatch(), changed.flash_attention_policy()), (7, 0));
    }
}
