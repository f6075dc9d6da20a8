//! Runs other people's commands on this machine: in bubblewrap, bounded, and without a trace
//! afterwards.
//!
//! A command sees a file system of its own: the system's programs and libraries (read-only), its
//! work folder at `/work`, an empty `/tmp`, fresh `/proc` and `/dev`. It has no capabilities, its
//! own user, process, network, IPC, host name and cgroup namespaces, and cannot make new user
//! namespaces. When it ends, so does everything that it started. With the network, it shares the
//! host's: it reaches what the host reaches, and what it listens on is a port of the host.
//!
//! | bound | with a writable cgroup v2 | otherwise |
//! | --- | --- | --- |
//! | time | the whole tree is killed | the same |
//! | memory | `memory.max`, no swap | the tree's memory is summed every 20 to 50 ms; `RLIMIT_DATA` at twice the bound |
//! | processes | `pids.max` | the tree is counted every 20 to 50 ms; `RLIMIT_NPROC` a little above the bound |
//! | processor cores | `cpu.max` | affinity, which a command can undo |
//! | disk | work folder and `/tmp` are measured all the time; `RLIMIT_FSIZE` for each file | the same |
//! | output | the reader stops, and the tree is killed | the same |
//!
//! The disk is measured and not mounted with a size, because a work folder in memory would count
//! against the memory that jobs need, and because a node without root cannot mount a disk image.
//! Deleted files that are still open count as well, and so does memory of `memfd_create`. What
//! hides even from that (a file that is only mapped, or on its way through a socket) ends the
//! command when the host's disk or memory runs low, with and without a cgroup.
//!
//! Whatever the bounds allow, the kernel ends a command before the node where memory runs out
//! (`oom_score_adj` 1000), and the node's own work goes first (nice 10). A command can undo
//! neither.
//!
//! - [`Sandbox`]: what this host can do, found out when it is opened.
//! - [`Sandbox::fits`]: whether this host has what a job may use.
//! - [`Scratch`]: one job's folders, deleted when dropped; or, if the node is killed, when the next
//!   one opens a sandbox.
//! - [`Request`], [`Outcome`]: one command and how it ended.
//! - [`Scratch::collect`]: files by pattern, never through symbolic links.

mod artifacts;
mod cancel;
mod cgroup;
mod command;
mod config;
mod disk;
mod error;
mod host;
mod leftovers;
mod limits;
mod live;
mod open_files;
mod outcome;
mod output;
mod probe;
mod processes;
mod run;
mod scratch;
mod status;
mod supervise;
mod tail;
mod tree;

pub use artifacts::{Collected, FoundFile, LeftOut};
pub use cancel::Cancel;
pub use config::{Bind, SandboxConfig};
pub use error::SandboxError;
pub use host::Host;
pub use limits::{GRACE, Limit, Limits};
pub use live::{LIVE_BYTES, Live};
pub use outcome::{Outcome, Request};
pub use probe::{Enforcement, Sandbox};
pub use scratch::Scratch;
pub use tail::keep_end;
