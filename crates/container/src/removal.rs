//! Removes containers and volumes: at once if the engine does, otherwise later, one by one by their
//! names. What dead nodes have left is looked for at the start only: nodes in different PID
//! namespaces that share an engine take each other's containers for those of dead nodes.

use std::{sync::MutexGuard, thread, time::Instant};

use crate::{
    ContainerError, Engine,
    failed_removals::{ItemKind, RemovalState, RetryGuard},
    leftovers::is_orphan,
};

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
            self.removals.add_item(kind, name);
            self.retry_in_background();
        }
    }

    /// Removes what dead nodes have left. What fails is tried again in the background, like what
    /// this process needs no longer.
    pub(crate) fn remove_orphans(&self) {
        for kind in ItemKind::ALL {
            match self.list_items(kind) {
                Ok(listed) => {
                    for name in listed.iter().filter(|name| is_orphan(name)) {
                        self.discard_item(kind, name);
                    }
                }
                Err(error) => tracing::warn!(
                    "cannot list the {kind}s that a killed node may have left: {error}; start the \
                     node again to have them removed"
                ),
            }
        }
    }

    /// Tries the removals again that are due.
    fn retry_due(&self) {
        for kind in ItemKind::ALL {
            let due = self.lock_removals().begin_try(kind, Instant::now());
            if !due.is_empty() {
                self.retry_items(kind, &due);
            }
        }
    }

    fn retry_items(&self, kind: ItemKind, due: &[String]) {
        let listed = match self.list_items(kind) {
            Ok(listed) => listed,
            Err(error) => {
                return due.iter().for_each(|name| self.note_failure(kind, name, &error));
            }
        };

        for name in due {
            // Some engines return an error for the removal of what does not exist.
            let removed = if listed.contains(name) { self.remove_item(kind, name) } else { Ok(()) };
            match removed {
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

    /// Keeps what could not be removed for another try, and says so once.
    fn note_failure(&self, kind: ItemKind, name: &str, error: &ContainerError) {
        let is_first = self.lock_removals().note_failure(kind, name);
        if is_first {
            tracing::warn!(
                "the {kind} `{name}` is not removed yet: {error}; the node tries again for about \
                 an hour, and when it starts again"
            );
        }
    }

    /// Tries again until nothing is left, in one thread for all jobs.
    fn retry_in_background(&self) {
        if !self.lock_removals().begin_retrying() {
            return;
        }

        let engine = self.clone();
        let retry = move || {
            let _guard = RetryGuard(&engine.removals);
            while engine.removals.wait_for_due() {
                engine.retry_due();
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
        time::Duration,
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
        wait_until(|| left.iter().all(|file| !file.exists()));
        assert!(others.exists());
    }

    #[test]
    fn only_the_start_removes_what_dead_nodes_have_left() {
        let folder = tempfile::tempdir().unwrap();
        let engine = scripted_engine(folder.path(), Duration::from_millis(20));
        let stuck = put_file(folder.path(), "stuck");
        let [failed, running, missing] = [unique_name(), unique_name(), unique_name()];
        // Or of a living one in another PID namespace.
        let orphan = format!("nosana-job-{}-1-0", std::process::id());
        let [failed_file, running_file, orphan_file] = [&failed, &running, &orphan]
            .map(|name| put_file(folder.path(), &format!("containers/{name}")));

        engine.discard_item(ItemKind::Container, &failed);
        engine.discard_item(ItemKind::Container, &missing);
        fs::remove_file(&stuck).unwrap();
        wait_until(|| engine.lock_removals().next_try().is_none());
        assert!(!failed_file.exists() && orphan_file.exists());

        fs::write(&stuck, "").unwrap();
        engine.remove_orphans();
        assert!(orphan_file.exists());
        fs::remove_file(&stuck).unwrap();
        wait_until(|| !orphan_file.exists());
        assert!(running_file.exists(), "a job uses it");
    }

    fn wait_until(is_done: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_done() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nobody tries it again");
            thread::sleep(Duration::from_millis(10));
        }
    }
}
