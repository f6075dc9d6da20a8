//! How long the sandbox takes for a command that does nothing.

mod common;

use std::time::{Duration, Instant};

use common::{Job, limits};

#[test]
fn a_sandbox_takes_little_time() {
    let job = Job::new();
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            assert!(job.run(&["/bin/true"], "", limits()).succeeded());
            begun.elapsed()
        })
        .collect();
    times.sort();
    let median = (times[9] + times[10]) / 2;
    println!(
        "an empty command in a sandbox: median of 20 {median:.1?}, {:.1?} to {:.1?}",
        times[0], times[19]
    );

    // Builds run beside the tests; on an idle machine it is a few milliseconds.
    assert!(median < Duration::from_millis(500), "{median:?}");
}
