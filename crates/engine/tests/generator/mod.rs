//! The model that answers prompts, loaded once for all tests of a process.

use std::{sync::OnceLock, time::Instant};

use nosana_engine::{Device, Generator, ModelStore, SMOLLM2_135M_INSTRUCT};

/// Returns the loaded model. The first run on a machine fetches 93 MB.
pub fn generator() -> &'static Generator {
    static GENERATOR: OnceLock<Generator> = OnceLock::new();
    GENERATOR.get_or_init(|| {
        let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
        let start = Instant::now();
        let generator = Generator::load(&file, &Device::open().unwrap()).unwrap();
        println!("loaded in {:?}", start.elapsed());
        generator
    })
}
