//! The number of processor cores that models use.

use std::{env, num::NonZeroUsize, sync::OnceLock, thread};

/// The environment variable with the number of threads.
pub const THREADS_VARIABLE: &str = "NOSANA_CPU_THREADS";

static THREADS: OnceLock<NonZeroUsize> = OnceLock::new();

/// Sets the number of threads of each model on the CPU, for the whole process. Has no effect once a
/// model was loaded.
pub fn set_cpu_threads(threads: NonZeroUsize) {
    let _ = THREADS.set(threads);
}

/// The number of threads of each model on the CPU: as set, else as the environment variable
/// [`THREADS_VARIABLE`] says, else one for each core of this machine.
///
/// The threads wait for each other many times for each token. On a machine whose cores are busy
/// with other programs, fewer threads are faster.
pub fn cpu_threads() -> i32 {
    let threads = THREADS.get_or_init(|| {
        env::var(THREADS_VARIABLE)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    });

    i32::try_from(threads.get()).unwrap_or(i32::MAX)
}
