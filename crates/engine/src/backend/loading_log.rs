//! Which library llama.cpp says that it has loaded. It has no function that returns it.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};

/// The target of llama.cpp's log.
const ENGINE_TARGET: &str = "llama-cpp-2";
/// The field with the text of an event.
const TEXT_FIELD: &str = "message";
/// What llama.cpp says before the path of the library for the CPU.
const LOADED_CPU: &str = "loaded CPU backend from ";

/// A line of llama.cpp's log.
#[derive(Clone, Debug)]
pub(super) struct LogLine {
    pub level: Level,
    pub text: String,
}

/// Keeps what this thread logs for llama.cpp.
struct Recorder(Arc<Mutex<Vec<LogLine>>>);

/// The text of an event.
#[derive(Default)]
struct EventText(String);

/// Runs `load`, and returns what llama.cpp logs meanwhile, which goes to no other log.
pub(super) fn record_log(load: impl FnOnce()) -> Vec<LogLine> {
    let lines = Arc::new(Mutex::new(Vec::new()));

    tracing::subscriber::with_default(Recorder(Arc::clone(&lines)), load);

    let recorded = lines.lock().unwrap_or_else(PoisonError::into_inner);
    recorded.clone()
}

/// Returns the file name of the library for the CPU, if the line says that it was loaded.
pub(super) fn parse_cpu_library(line: &str) -> Option<&str> {
    let (_, path) = line.split_once(LOADED_CPU)?;
    path.trim_end().rsplit('/').next().filter(|name| !name.is_empty())
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == ENGINE_TARGET
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn event(&self, event: &Event<'_>) {
        let level = *event.metadata().level();
        // What calls llama.cpp may log, too.
        if event.metadata().target() != ENGINE_TARGET || level > Level::INFO {
            return;
        }

        let mut text = EventText::default();
        event.record(&mut text);
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(LogLine { level, text: text.0 });
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for EventText {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == TEXT_FIELD {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == TEXT_FIELD {
            self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_llama_cpp_logs_is_recorded() {
        let lines = record_log(|| {
            tracing::info!(target: "llama-cpp-2", "loaded CPU backend from /a/libggml-cpu-x64.so");
            tracing::warn!("another part");
            tracing::debug!(target: "llama-cpp-2", "a detail");
            tracing::error!(target: "llama-cpp-2", "a failure");
        });

        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["loaded CPU backend from /a/libggml-cpu-x64.so", "a failure"]);
        assert_eq!(lines.last().unwrap().level, Level::ERROR);
        assert_eq!(parse_cpu_library(texts[0]), Some("libggml-cpu-x64.so"));
    }

    #[test]
    fn the_library_of_the_cpu_is_that_of_its_line() {
        let loaded = "load_backend: loaded CPU backend from /a b/lib/libggml-cpu-haswell.so\n";
        assert_eq!(parse_cpu_library(loaded), Some("libggml-cpu-haswell.so"));
        assert_eq!(parse_cpu_library("loaded Vulkan backend from /a/libggml-vulkan.so"), None);
        assert_eq!(parse_cpu_library("loaded CPU backend from "), None);
    }
}
