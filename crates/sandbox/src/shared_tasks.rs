//! Tasks that several jobs wait for, such as downloads: each runs once, however little time the
//! first job has that needs it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The tasks that run at the moment, by key. `E` is the error of a task.
#[derive(Debug)]
pub struct SharedTasks<K, E> {
    max_running: usize,
    running: Mutex<BTreeMap<K, Arc<SharedTask<E>>>>,
}

/// A running task.
#[derive(Debug)]
pub struct SharedTask<E> {
    ended: Mutex<Option<Result<(), E>>>,
    changed: Condvar,
}

impl<K: Ord, E: Clone> SharedTasks<K, E> {
    /// Creates a set in which at most `max_running` tasks run at a time.
    pub fn new(max_running: usize) -> Self {
        Self { max_running, running: Mutex::default() }
    }

    /// Returns the task of this key, and starts it with `start` unless it runs; `None` while too
    /// many others run. Who starts it calls [`finish`](Self::finish) at its end.
    ///
    /// # Errors
    /// If `start` fails.
    pub fn get_or_start<F>(
        &self,
        key: K,
        start: impl FnOnce(Arc<SharedTask<E>>) -> Result<(), F>,
    ) -> Result<Option<Arc<SharedTask<E>>>, F> {
        let mut running = lock_mutex(&self.running);
        if let Some(task) = running.get(&key) {
            return Ok(Some(Arc::clone(task)));
        }
        if running.len() >= self.max_running {
            return Ok(None);
        }

        let task = Arc::new(SharedTask { ended: Mutex::new(None), changed: Condvar::new() });
        start(Arc::clone(&task))?;
        running.insert(key, Arc::clone(&task));
        Ok(Some(task))
    }

    /// Removes a task and reports its result to those who wait for it.
    pub fn finish(&self, key: &K, task: &SharedTask<E>, result: Result<(), E>) {
        lock_mutex(&self.running).remove(key);

        *lock_mutex(&task.ended) = Some(result);
        task.changed.notify_all();
    }
}

impl<E: Clone> SharedTask<E> {
    /// Returns the result once the task has ended. Calls `check` at least once per `interval` until
    /// then.
    ///
    /// # Errors
    /// As soon as `check` fails. The task continues.
    pub fn wait_for_end<F>(
        &self,
        interval: Duration,
        check: impl Fn() -> Result<(), F>,
    ) -> Result<Result<(), E>, F> {
        let mut ended = lock_mutex(&self.ended);

        loop {
            match &*ended {
                Some(result) => return Ok(result.clone()),
                None => check()?,
            }
            let waited = self.changed.wait_timeout(ended, interval);
            (ended, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Locks a mutex, also after a panic: a thread that panicked leaves nothing half done.
fn lock_mutex<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    use super::*;

    const INTERVAL: Duration = Duration::from_millis(1);

    #[test]
    fn a_task_is_shared_and_continues_when_the_time_is_over() {
        let tasks = Arc::new(SharedTasks::<&str, &str>::new(1));
        let finish = Arc::new(AtomicBool::new(false));
        let start = |task: Arc<SharedTask<&'static str>>| {
            let (tasks, finish) = (Arc::clone(&tasks), Arc::clone(&finish));
            thread::spawn(move || {
                while !finish.load(Ordering::Acquire) {
                    thread::sleep(INTERVAL);
                }
                tasks.finish(&"one", &task, Err("it failed"));
            });
            Ok::<(), ()>(())
        };

        let first = tasks.get_or_start("one", start).unwrap().unwrap();
        let second = tasks.get_or_start("one", |_| Err("started twice")).unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(tasks.get_or_start("two", |_| Err("too many")).unwrap().is_none());
        assert_eq!(first.wait_for_end(INTERVAL, || Err("late")), Err("late"));

        finish.store(true, Ordering::Release);
        let ended = second.wait_for_end(INTERVAL, || Ok::<(), ()>(()));
        assert_eq!(ended, Ok(Err("it failed")));
        assert_eq!(tasks.get_or_start("one", |_| Err("starts anew")).err(), Some("starts anew"));
    }
}
