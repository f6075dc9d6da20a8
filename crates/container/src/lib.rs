//! Runs untrusted containers on this machine, through the engine that the host has: podman or
//! docker.
//!
//! A container has the engine's own isolation, and in addition: no new privileges, fewer
//! capabilities than the engine's default, limits of memory (no swap), processor cores, processes,
//! time and output. It has no network, unless the node's owner configures one. What it writes to
//! its own file system is not limited: engines support that on few file systems only.
//!
//! | limit | how |
//! | --- | --- |
//! | time, output | the container is killed |
//! | memory | `--memory`, and `--memory-swap` and `--shm-size` with an equal value |
//! | processor cores | `--cpus` |
//! | processes | `--pids-limit` |
//!
//! - [`Engine`]: what this host supports, probed when it is opened.
//! - [`ContainerJob`]: the containers and volumes of one job, removed on drop.
//! - [`ContainerRequest`], [`EndedContainer`], [`ContainerOutcome`]: one container and how it ended.
//!
//! | module | purpose |
//! | --- | --- |
//! | `probe`, `config` | opens an engine; its settings |
//! | `trial`, `trial_image` | tries an engine; the image of the trial |
//! | `engine`, `call`, `arguments` | the engine; its calls; the command line of a container |
//! | `fetch`, `image` | fetches images in the background; names of images |
//! | `job` | a job's volumes |
//! | `removal`, `failed_removals` | removes containers and volumes, again if the engine fails |
//! | `leftovers` | their names, and which of them a killed node has left |
//! | `shared_network` | one network for the containers of a job |
//! | `run`, `create`, `container` | runs one container; creates it; starts and watches it |
//! | `overlap` | refuses containers that would change a folder of the host |
//! | `logs`, `ports` | what a container prints; its ports |
//! | `output`, `ended` | the kept path of a container; one that has ended |
//! | `outcome`, `error` | types of the interface |

mod arguments;
mod call;
mod config;
mod container;
mod create;
mod ended;
mod engine;
mod error;
mod failed_removals;
mod fetch;
mod image;
mod job;
mod leftovers;
mod logs;
mod outcome;
mod output;
mod overlap;
mod ports;
mod probe;
mod removal;
mod run;
mod shared_network;
mod trial;
mod trial_image;

pub use arguments::host_memory_bytes;
pub use config::ContainerConfig;
pub use ended::EndedContainer;
pub use engine::{Engine, EngineKind};
pub use error::ContainerError;
pub use job::ContainerJob;
pub use outcome::{ContainerOutcome, ContainerRequest, HostFolder, KeptPath, Mount};
