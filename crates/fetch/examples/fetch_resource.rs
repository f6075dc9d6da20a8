//! Fetches a resource into a folder, and prints where its files are:
//! `cargo run --example fetch_resource -- FOLDER '{"type": "S3", "url": "…", "target": "/data"}'`.
//! Sources on this machine are allowed.

use std::{env, error::Error, path::PathBuf, process::ExitCode};

use nosana_fetch::ResourceCache;
use nosana_job_spec::Resource;

fn main() -> ExitCode {
    match fetch_resource() {
        Ok(folder) => {
            println!("{}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn fetch_resource() -> Result<PathBuf, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, resource] = arguments.as_slice() else {
        return Err("usage: fetch_resource FOLDER RESOURCE".into());
    };
    let resource: Resource = serde_json::from_str(resource)?;

    let cache = ResourceCache::at(folder).with_private_sources();
    let cached = cache.ensure_resource(&resource)?;
    Ok(cached.folder().to_owned())
}
