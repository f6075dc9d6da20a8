//! Progress output on the terminal while a long step runs.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Progress of a fixed number of steps. A terminal shows a spinner and a clock for the running
/// step; a log gets plain lines.
pub struct Steps {
    total: usize,
    done: usize,
}

impl Steps {
    /// Prints the title and starts counting to `total` steps.
    pub fn new(title: &str, total: usize) -> Self {
        eprintln!("{title}");
        Self { total, done: 0 }
    }

    /// Runs the next step and prints how long it took.
    pub fn run_step<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.done += 1;
        let label = format!("  [{}/{}] {name}", self.done, self.total);

        let bar = ProgressBar::new_spinner().with_message(label.clone());
        if let Ok(style) = ProgressStyle::with_template("{msg} {spinner} {elapsed}") {
            bar.set_style(style);
        }
        if bar.is_hidden() {
            eprintln!("{label} ...");
        }
        bar.enable_steady_tick(Duration::from_millis(120));

        let start = Instant::now();
        let result = work();

        bar.finish_and_clear();
        let verdict = if result.is_ok() { "done" } else { "failed" };
        eprintln!("{label}: {verdict} after {}", format_duration(start.elapsed()));
        result
    }
}

/// Formats a duration for readers: `4.2 s`, `3 min 05 s`.
pub fn format_duration(time: Duration) -> String {
    let whole = time.as_secs();

    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}
