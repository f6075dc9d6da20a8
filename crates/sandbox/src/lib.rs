//! Runs untrusted commands on this machine: in bubblewrap, with limits, and without leaving
//! anything behind.
//!
//! A command sees a file system of its own: the system's programs and libraries (read-only), its
//! work folder at `/work`, an empty `/tmp`, fresh `/proc` and `/dev`. It has no capabilities, its
//! own user, process, network, IPC, host name and cgroup namespaces, and cannot create any. A
//! filter closes the system calls that ordinary programs do not need. When the command ends, so
//! does every process that it started. With the network, it shares the host's: it can connect to
//! everything that the host can connect to, and a port that it listens on is a port of the host.
//!
//! | limit | with a writable cgroup v2 | otherwise |
//! | --- | --- | --- |
//! | time | all processes are killed | as with a cgroup |
//! | memory | `memory.max`, no swap | the sum is measured¹; `RLIMIT_DATA` at twice the limit |
//! | processes | `pids.max` | processes are counted¹; `RLIMIT_NPROC` 32 above the limit |
//! | processor cores | `cpu.max` | affinity, which a command can undo |
//! | disk | folders are measured²; `RLIMIT_FSIZE` for each file | as with a cgroup |
//! | output | reading stops, and all processes are killed | as with a cgroup |
//!
//! ¹ Every 20 to 50 ms. ² Work folder and `/tmp`, repeatedly.
//!
//! The disk is measured and not mounted with a size, because a work folder in memory would count
//! against the memory that jobs need, and because a node without root cannot mount a disk image.
//! Deleted files that are still open count as well, and so does memory of `memfd_create`. What
//! these measurements miss (a file that is only mapped, or in transit through a socket) ends the
//! command when the host's disk or memory runs low, with and without a cgroup.
//!
//! Whatever the limits allow, the kernel ends a command before the node when memory runs out
//! (`oom_score_adj` 1000), and the node's own work has priority (nice 10). A command can undo
//! neither.
//!
//! - [`Sandbox`]: what this host supports, probed when it is opened.
//! - [`Sandbox::check_limits`]: checks that this host has what a job may use.
//! - [`Scratch`]: one job's folders, deleted on drop; or, if the node is killed, when the next node
//!   opens a sandbox.
//! - [`Request`], [`Outcome`]: one command and how it ended.
//! - [`Scratch::collect_files`]: files by pattern, never through symbolic links.
//!
//! | module | purpose |
//! | --- | --- |
//! | `probe`, `config` | opens a sandbox; the owner's settings |
//! | `run`, `spawn`, `command` | runs one command; starts bubblewrap; its command line |
//! | `filter`, `keyring` | the system calls that commands can use; a session keyring of their own |
//! | `supervise`, `cgroup`, `processes`, `procfs`, `open_files`, `disk` | limits |
//! | `output`, `log_buffer`, `output_tail`, `tail`, `status` | what the command and bubblewrap print |
//! | `scratch`, `inputs`, `artifacts`, `tree`, `leftovers` | a job's folders |
//! | `users` | the host's users who run commands, one for each job |
//! | `shared_tasks` | downloads that several jobs wait for |
//! | `observer`, `port_access`, `network_namespace` | who watches a command; the ways to its ports |
//! | `host`, `limits`, `outcome`, `cancel`, `error` | types of the interface |

mod artifacts;
mod cancel;
mod cgroup;
mod command;
mod config;
mod disk;
mod error;
mod filter;
mod host;
mod inputs;
mod keyring;
mod leftovers;
mod limits;
mod log_buffer;
mod network_namespace;
mod observer;
mod open_files;
mod outcome;
mod output;
mod output_tail;
mod port_access;
mod probe;
mod processes;
mod procfs;
mod run;
mod scratch;
mod shared_tasks;
mod spawn;
mod status;
mod supervise;
mod tail;
mod tree;
mod users;

pub use artifacts::{CollectedFiles, FoundFile, LeftOut};
pub use cancel::CancelToken;
pub use config::{BindMount, SandboxConfig};
pub use error::SandboxError;
pub use host::HostResources;
pub use inputs::check_archive;
pub use limits::{Limit, Limits, STOP_GRACE};
pub use log_buffer::LogBuffer;
pub use network_namespace::NetworkNamespace;
pub use observer::Observer;
pub use outcome::{Outcome, Request};
pub use output_tail::{OUTPUT_TAIL_BYTES, OutputTail};
pub use port_access::PortAccess;
pub use probe::{Enforcement, Sandbox};
pub use scratch::Scratch;
pub use shared_tasks::{SharedTask, SharedTasks};
