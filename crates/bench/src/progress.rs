//! One line for each part of a demo: live where somebody watches, plain where a file does.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two pictures of a spinner.
const TICK: Duration = Duration::from_millis(100);
/// The width of the parts' names.
const NAME: usize = 8;

/// Tells of the parts of a demo, on stderr, and remembers how long each took.
#[derive(Clone, Debug)]
pub struct Progress {
    lines: MultiProgress,
    plain: bool,
    timings: Arc<Mutex<Vec<(String, f64)>>>,
}

/// A part that is under way. One that is dropped before it is done has failed.
#[derive(Debug)]
pub struct Part {
    progress: Progress,
    name: &'static str,
    bar: ProgressBar,
    begun: Instant,
    done: bool,
}

impl Progress {
    /// Tells everything, or nothing if `quiet`.
    pub fn new(quiet: bool) -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let plain = !quiet && lines.is_hidden();
        if quiet {
            lines.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { lines, plain, timings: Arc::default() }
    }

    /// Begins a part.
    pub fn part(&self, name: &'static str) -> Part {
        let bar = self.lines.add(ProgressBar::new_spinner().with_style(style("{spinner:.cyan}")));
        bar.set_prefix(format!("{name:NAME$}"));
        bar.enable_steady_tick(TICK);
        Part { progress: self.clone(), name, bar, begun: Instant::now(), done: false }
    }

    /// Seconds that each part took.
    pub fn timings(&self) -> Vec<(String, f64)> {
        self.timings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Part {
    /// What it is at.
    pub fn say(&self, what: impl Into<Cow<'static, str>>) {
        self.bar.set_message(what);
    }

    /// It is done, with this outcome.
    pub fn done(mut self, outcome: impl Into<String>) {
        self.done = true;
        let seconds = self.begun.elapsed().as_secs_f64();
        self.progress
            .timings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((self.name.to_owned(), seconds));
        self.end("✔", "{spinner:.green}", format!("{} ({seconds:.1} s)", outcome.into()));
    }

    fn end(&self, sign: &str, spinner: &str, message: String) {
        if self.progress.plain {
            eprintln!("{sign} {:NAME$} {message}", self.name);
        }
        self.bar.set_style(style(spinner).tick_strings(&[sign, sign]));
        self.bar.finish_with_message(message);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            let at = self.bar.message();
            self.end(
                "✘",
                "{spinner:.red}",
                if at.is_empty() { "failed".to_owned() } else { format!("failed at: {at}") },
            );
        }
    }
}

fn style(spinner: &str) -> ProgressStyle {
    let template = format!("{spinner} {{prefix}} {{msg}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
