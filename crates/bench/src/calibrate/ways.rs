//! Ways in which honest nodes run models.

use std::num::NonZeroU16;

use nosana_engine::{Device, RunSettings};

/// Numbers of threads.
const THREADS: [u16; 3] = [1, 2, 3];
/// Numbers of tokens that are computed at once: a round one, and one that splits questions
/// unevenly.
const STEP_TOKENS: [u16; 2] = [64, 7];

/// A device, and how an honest node may run models on it.
pub struct HonestWay {
    pub name: String,
    pub device: Device,
}

/// Lists the other devices, and ways that one device has: threads, and how attention is computed.
pub fn list_ways(reference: &Device, others: &[&Device]) -> Vec<HonestWay> {
    let tune =
        |name: String, settings| HonestWay { name, device: reference.with_settings(settings) };
    let default = RunSettings::default();

    let mut ways = Vec::new();
    for count in THREADS {
        let settings = RunSettings { threads: NonZeroU16::new(count), ..default };
        ways.push(tune(format!("threads: {count}"), settings));
    }
    for (name, is_used) in [("with", true), ("without", false)] {
        let settings = RunSettings { flash_attention: Some(is_used), ..default };
        ways.push(tune(format!("{name} flash attention"), settings));
    }
    for device in others {
        ways.push(HonestWay { name: device.info().to_string(), device: (*device).clone() });
    }
    ways
}

/// Lists ways to read a question in parts. Embedding models read a text at once.
pub fn list_steps(reference: &Device) -> Vec<HonestWay> {
    let step = |count: u16| {
        let settings =
            RunSettings { step_tokens: NonZeroU16::new(count), ..RunSettings::default() };
        let name = format!("{count} tokens at once");
        HonestWay { name, device: reference.with_settings(settings) }
    };
    STEP_TOKENS.into_iter().map(step).collect()
}
