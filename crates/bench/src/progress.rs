//! Prints a line for each part of a demo: live on a terminal, plain in a file.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The interval between two frames of a spinner.
const TICK_INTERVAL: Duration = Duration::from_millis(100);
/// The shortest time between two steps that are printed without a terminal.
const STEP_INTERVAL: Duration = Duration::from_secs(5);
/// The width of the parts' names.
const NAME_WIDTH: usize = 8;

/// Prints the parts of a demo to stderr, and records how long each took.
#[derive(Clone, Debug)]
pub struct Progress {
    lines: MultiProgress,
    is_plain: bool,
    timings: Arc<Mutex<Vec<(String, f64)>>>,
}

/// A running part. Dropping it before it is finished reports a failure.
#[derive(Debug)]
pub struct Part {
    progress: Progress,
    name: &'static str,
    bar: ProgressBar,
    begun: Instant,
    /// When the last step was printed without a terminal.
    printed: Mutex<Instant>,
    is_finished: bool,
}

impl Progress {
    /// Prints to stderr, unless `quiet`.
    pub fn new(quiet: bool) -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let is_plain = !quiet && lines.is_hidden();
        if quiet {
            lines.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { lines, is_plain, timings: Arc::default() }
    }

    /// Begins a part.
    pub fn begin_part(&self, name: &'static str) -> Part {
        let bar =
            self.lines.add(ProgressBar::new_spinner().with_style(spinner_style("{spinner:.cyan}")));
        bar.set_prefix(format!("{name:NAME_WIDTH$}"));
        bar.enable_steady_tick(TICK_INTERVAL);

        let begun = Instant::now();
        let printed = Mutex::new(begun);
        Part { progress: self.clone(), name, bar, begun, printed, is_finished: false }
    }

    /// Returns the seconds that each part took.
    pub fn list_timings(&self) -> Vec<(String, f64)> {
        self.timings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Part {
    /// Shows the current step. Without a terminal, a step is printed every few seconds.
    pub fn set_step(&self, step: impl Into<Cow<'static, str>>) {
        let step = step.into();
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        if self.progress.is_plain && printed.elapsed() >= STEP_INTERVAL {
            eprintln!("… {:NAME_WIDTH$} {step}", self.name);
            *printed = Instant::now();
        }
        self.bar.set_message(step);
    }

    /// Finishes the part with this outcome.
    pub fn finish(mut self, outcome: impl Into<String>) {
        self.is_finished = true;
        let seconds = self.begun.elapsed().as_secs_f64();
        self.progress
            .timings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((self.name.to_owned(), seconds));

        self.print_end("✔", "{spinner:.green}", format!("{} ({seconds:.1} s)", outcome.into()));
    }

    fn print_end(&self, sign: &str, spinner: &str, message: String) {
        if self.progress.is_plain {
            eprintln!("{sign} {:NAME_WIDTH$} {message}", self.name);
        }
        self.bar.set_style(spinner_style(spinner).tick_strings(&[sign, sign]));
        self.bar.finish_with_message(message);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }

        let step = self.bar.message();
        let message =
            if step.is_empty() { "failed".to_owned() } else { format!("failed at: {step}") };
        self.print_end("✘", "{spinner:.red}", message);
    }
}

fn spinner_style(spinner: &str) -> ProgressStyle {
    let template = format!("{spinner} {{prefix}} {{msg}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
