//! Downloads of files that strangers choose: models, and the resources of containers.
//!
//! Requests go to the public internet only, unless the owner of the machine allows other addresses.
//! A cut connection is resumed, a source that sends too little is left, and nothing takes more room
//! than its owner grants.
//!
//! | module | purpose |
//! | --- | --- |
//! | `source` | one source's answer |
//! | `agent`, `addresses` | the settings of requests; which addresses may be asked |
//! | `download`, `part`, `progress` | a whole file, with resume |
//! | `fetch_time` | the time that a fetch may take |
//! | `cache` | the folder of resources: at most so many bytes of them |
//! | `plan` | the files of which a resource consists |
//! | `disk`, `error` | the room on a disk; errors |

mod addresses;
mod agent;
mod cache;
mod disk;
mod download;
mod error;
mod fetch_time;
mod part;
mod plan;
mod progress;
mod source;

pub use self::{
    cache::{CachedResource, DEFAULT_CACHE_BYTES, ResourceCache, user_cache_folder},
    disk::free_bytes,
    download::{DownloadError, DownloadRoom},
    error::{FetchError, FileError},
    part::PartFile,
    progress::DownloadProgress,
    source::Downloader,
};
