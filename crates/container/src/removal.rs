//! Removes containers and volumes: at once if the engine does, otherwise later. The sweep that
//! tries again also removes what dead nodes have left.

use std::{sync::MutexGuard, thread, time::Duration};

use crate::{
    ContainerError, Engine,
    failed_removals::{ItemKind, RemovalState},
    leftovers::is_orphan,
};

/// The longest pause between two sweeps.
const MAX_PAUSE: Duration = Duration::from_secs(600);

impl Engine {
    /// Removes a container or a volume, if it exists.
    pub(crate) fn remove_item(&self, kind: ItemKind, name: &str) -> Result<(), ContainerError> {
        let printed = match kind {
            ItemKind::Container => self.call(&["rm", "--force", "--volumes", name]),
            ItemKind::Volume => self.call(&["volume", "rm", "--force", name]),
        };
        printed.map(drop)
    }

    /// Removes what a job needs no longer, if it exists. What fails is tried again in the
    /// background.
    pub(crate) fn discard_item(&self, kind: ItemKind, name: &str) {
        if self.remove_item(kind, name).is_err() {
            self.lock_removals().add_item(kind, name);
            self.retry_in_background();
        }
    }

    /// Removes what dead nodes have left. What fails is tried again in the background.
    pub(crate) fn remove_orphans(&self) {
        if self.sweep_leftovers() > 0 {
            self.retry_in_background();
        }
    }

    /// Removes containers and volumes that no living process owns, and those of this process whose
    /// removal has failed. Returns how many are left for another sweep.
    pub(crate) fn sweep_leftovers(&self) -> usize {
        self.sweep_kind(ItemKind::Container);
        self.sweep_kind(ItemKind::Volume);
        self.lock_removals().count_due()
    }

    fn sweep_kind(&self, kind: ItemKind) {
        let due = self.lock_removals().begin_try(kind);
        let listed = match self.list_items(kind) {
            Ok(listed) => listed,
            Err(error) => {
                return due.iter().for_each(|name| self.note_failure(kind, name, &error));
            }
        };

        // Some engines return an error for the removal of what does not exist.
        for name in due.iter().filter(|name| !listed.contains(name)) {
            self.lock_removals().forget_item(kind, name);
        }

        let is_new = |name: &str| is_orphan(name) && !self.lock_removals().has_item(kind, name);
        for name in listed.iter().filter(|name| due.contains(name) || is_new(name)) {
            match self.remove_item(kind, name) {
                Ok(()) => self.lock_removals().forget_item(kind, name),
                Err(error) => self.note_failure(kind, name, &error),
            }
        }
    }

    /// Lists the containers or volumes of the engine by their names.
    fn list_items(&self, kind: ItemKind) -> Result<Vec<String>, ContainerError> {
        let printed = match kind {
            ItemKind::Container => self.call(&["ps", "--all", "--format", "{{.Names}}"]),
            ItemKind::Volume => self.call(&["volume", "ls", "--format", "{{.Name}}"]),
        }?;
        Ok(printed.lines().map(|name| name.trim().to_owned()).collect())
    }

    /// Keeps what could not be removed for another sweep, and says so once.
    fn note_failure(&self, kind: ItemKind, name: &str, error: &ContainerError) {
        let is_first = self.lock_removals().note_failure(kind, name);
        if is_first {
            tracing::warn!(
                "the {kind} `{name}` is not removed yet: {error}; the node tries again for about \
                 an hour, and when it starts again"
            );
        }
    }

    /// Sweeps until nothing is left that is tried again, in one thread for all jobs.
    fn retry_in_background(&self) {
        if !self.lock_removals().begin_retrying() {
            return;
        }

        let engine = self.clone();
        let retry = move || {
            let mut pause = engine.removals.first_pause;
            while engine.sweep_leftovers() > 0 || !engine.lock_removals().end_retrying() {
                thread::sleep(pause);
                pause = pause.saturating_mul(2).min(MAX_PAUSE);
            }
        };
        let started = thread::Builder::new().name("remove-leftovers".to_owned()).spawn(retry);
        if let Err(error) = started {
            self.lock_removals().stop_retrying();
            tracing::warn!("cannot start a thread that removes containers: {error}");
        }
    }

    fn lock_removals(&self) -> MutexGuard<'_, RemovalState> {
        self.removals.lock_state()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::Write,
        path::{Path, PathBuf},
        process::{Command, Stdio},
        sync::Arc,
        time::Instant,
    };

    use super::*;
    use crate::{ContainerConfig, failed_removals::FailedRemovals, leftovers::unique_name};

    /// An engine whose containers and volumes are files. It removes none while `stuck` exists.
    const SCRIPT: &str = r#"#!/bin/sh
cd "$(dirname "$0")" || exit 1
[ "$1" = volume ] && { kind=volumes; shift; } || kind=containers
case $1 in
  ps | ls) ls $kind ;;
  rm)
    [ -e stuck ] && { echo "Error: device or resource busy" >&2; exit 125; }
    for name; do :; done
    [ -e "$kind/$name" ] || { echo "Error: no such item" >&2; exit 1; }
    rm "$kind/$name" ;;
esac
"#;

    /// An engine of the script, which tries again after this pause.
    fn scripted_engine(folder: &Path, first_pause: Duration) -> Engine {
        let program = folder.join("podman");
        // Written by another process: while this one could write it, it could not be started.
        let mut writer = Command::new("sh")
            .args(["-c", r#"cat > "$0" && chmod +x "$0""#])
            .arg(&program)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writer.stdin.take().unwrap().write_all(SCRIPT.as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());

        for kind in ["containers", "volumes"] {
            fs::create_dir(folder.join(kind)).unwrap();
        }
        let mut engine = Engine::untried(program, ContainerConfig::default());
        engine.removals = Arc::new(FailedRemovals::new(first_pause));
        engine
    }

    fn put_file(folder: &Path, path: &str) -> PathBuf {
        let file = folder.join(path);
        fs::write(&file, "").unwrap();
        file
    }

    #[test]
    fn what_the_engine_refuses_to_remove_is_removed_later() {
        let folder = tempfile::tempdir().unwrap();
        let engine = scripted_engine(folder.path(), Duration::from_millis(20));
        let stuck = put_file(folder.path(), "stuck");
        let name = unique_name();
        let left = ["containers", "volumes"]
            .map(|kind| put_file(folder.path(), &format!("{kind}/{name}")));
        let others = put_file(folder.path(), "containers/postgres");

        engine.discard_item(ItemKind::Container, &name);
        engine.discard_item(ItemKind::Volume, &name);
        assert!(left.iter().all(|file| file.exists()));

        fs::remove_file(stuck).unwrap();
        let begun = Instant::now();
        while left.iter().any(|file| file.exists()) {
            assert!(begun.elapsed() < Duration::from_secs(60), "nobody tries it again");
            thread::sleep(Duration::from_millis(10));
        }
        assert!(others.exists());
    }

    #[test]
    fn one_sweep_removes_what_dead_nodes_and_this_one_have_left() {
        let folder = tempfile::tempdir().unwrap();
        // Nobody but the test sweeps.
        let engine = scripted_engine(folder.path(), Duration::from_secs(3_600));
        engine.lock_removals().begin_retrying();
        let stuck = put_file(folder.path(), "stuck");
        let [failed, running, missing] = [unique_name(), unique_name(), unique_name()];
        let orphan = format!("nosana-job-{}-1-0", std::process::id());
        for name in [&failed, &running, &orphan] {
            put_file(folder.path(), &format!("containers/{name}"));
        }

        engine.discard_item(ItemKind::Container, &failed);
        engine.discard_item(ItemKind::Container, &missing);
        assert_eq!(engine.sweep_leftovers(), 2, "the one that is missing is forgotten");

        fs::remove_file(stuck).unwrap();
        assert_eq!(engine.sweep_leftovers(), 0);
        let left = fs::read_dir(folder.path().join("containers")).unwrap().flatten();
        let left: Vec<String> = left.map(|it| it.file_name().into_string().unwrap()).collect();
        assert_eq!(left, [running], "a job uses it");
    }
}
