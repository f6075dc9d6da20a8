//! A container that runs a line of shell.

use std::{collections::BTreeMap, time::Duration};

use nosana_container::{
    ContainerError, ContainerJob, ContainerOutcome, ContainerRequest, HostFolder, Mount,
};
use nosana_sandbox::{CancelToken, Limits};

use super::common::IMAGE;

/// A container that runs a line of shell.
#[derive(Clone, Copy)]
pub struct Shell<'a> {
    pub line: &'a str,
    pub image: &'a str,
    pub entrypoint: &'a [String],
    pub mounts: &'a [Mount<'a>],
    pub folders: &'a [HostFolder<'a>],
    pub work_dir: Option<&'a str>,
    pub output: Option<&'a str>,
    pub gpu: bool,
    pub limits: Limits,
}

pub fn shell(line: &str) -> Shell<'_> {
    let limits =
        Limits { time: Duration::from_secs(60), memory_bytes: 128 << 20, ..Limits::default() };
    Shell {
        line,
        image: IMAGE,
        entrypoint: &[],
        mounts: &[],
        folders: &[],
        work_dir: None,
        output: None,
        gpu: false,
        limits,
    }
}

pub fn run(job: &ContainerJob<'_>, shell: Shell<'_>) -> Result<ContainerOutcome, ContainerError> {
    run_until(job, shell, &CancelToken::default())
}

pub fn run_until(
    job: &ContainerJob<'_>,
    shell: Shell<'_>,
    cancel: &CancelToken,
) -> Result<ContainerOutcome, ContainerError> {
    let command = ["/bin/sh", "-c", shell.line].map(str::to_owned);
    let env = BTreeMap::from([("GREETING".to_owned(), "hello there".to_owned())]);
    let Shell { image, entrypoint, mounts, folders, work_dir, output, gpu, limits, .. } = shell;

    job.run(&ContainerRequest {
        image,
        entrypoint,
        command: &command,
        env: &env,
        gpu,
        mounts,
        folders,
        work_dir,
        output,
        limits,
        cancel,
        observer: None,
        ports: &[],
    })
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
