//! Runs other people's containers on this machine, through the engine that the host has: podman or
//! docker.
//!
//! A container gets the engine's own isolation, and beside it: no new privileges, fewer
//! capabilities than the engine's default, bounds of memory (no swap), processor cores, processes,
//! time and output. It has no network, unless the node's owner gives it one. What it writes to its
//! own file system is not bounded: engines bound that on few file systems only.
//!
//! | bound | how |
//! | --- | --- |
//! | time, output | the container is killed |
//! | memory | `--memory`, `--memory-swap` of the same size |
//! | processor cores | `--cpus` |
//! | processes | `--pids-limit` |
//!
//! - [`Engine`]: what this host has, tried when it is opened.
//! - [`Job`]: the containers and volumes of one job, removed when dropped.
//! - [`Request`], [`Outcome`]: one container and how it ended.

mod arguments;
mod config;
mod engine;
mod error;
mod fetch;
mod image;
mod job;
mod leftovers;
mod logs;
mod outcome;
mod output;
mod probe;
mod run;
mod trial_image;

pub use config::ContainerConfig;
pub use engine::{Engine, EngineKind};
pub use error::ContainerError;
pub use job::Job;
pub use outcome::{Kept, Mount, Outcome, Request};
