//! The engine's command line for one container.

use std::fs;

use crate::{Engine, EngineKind, Request, image::full_name};

/// Capabilities that engines give and no job needs.
const DROPPED: &str = "--cap-drop=NET_RAW,MKNOD,AUDIT_WRITE";

impl Engine {
    /// Options of every container, whatever it runs.
    pub(crate) fn run_options(&self) -> Vec<String> {
        let mut options: Vec<String> =
            self.ulimits.iter().map(|limit| format!("--ulimit={limit}")).collect();
        options.push("--security-opt=no-new-privileges".to_owned());
        match self.kind {
            EngineKind::Podman => options.push(DROPPED.to_owned()),
            // docker takes one capability at a time.
            EngineKind::Docker => {
                let (option, names) = DROPPED.split_once('=').unwrap_or_default();
                options.extend(names.split(',').map(|name| format!("{option}={name}")));
                options.extend(
                    self.config.runtime.iter().map(|runtime| format!("--runtime={runtime}")),
                );
            }
        }
        // The log is read as it comes; the engine need not keep it, where it could fill the disk.
        options.push("--log-driver=none".to_owned());
        options
    }

    /// The arguments of `create` for this container. `volume` tells what the engine calls a volume
    /// of the job.
    pub(crate) fn create_arguments(
        &self,
        name: &str,
        request: &Request<'_>,
        volume: impl Fn(&str) -> String,
    ) -> Vec<String> {
        let mut arguments =
            vec!["create".to_owned(), format!("--name={name}"), "--pull=never".to_owned()];
        arguments.extend(self.run_options());
        // Nobody's network is given away unasked: not the owner's neighbors, nor the cloud's
        // credentials.
        arguments.push(format!("--network={}", self.config.network.as_deref().unwrap_or("none")));
        if self.kind == EngineKind::Podman {
            // They may hold the host's passwords.
            arguments.push("--http-proxy=false".to_owned());
        }
        let limits = &request.limits;
        let memory = limits.memory_bytes.min(host_memory_bytes().unwrap_or(u64::MAX));
        let cpus = limits
            .cpus
            .min(std::thread::available_parallelism().map_or(1, |count| count.get() as u64));
        arguments.push(format!("--memory={memory}b"));
        arguments.push(format!("--memory-swap={memory}b"));
        arguments.push(format!("--cpus={cpus}"));
        arguments.push(format!("--pids-limit={}", limits.processes));
        if request.gpu {
            arguments.push(match self.kind {
                EngineKind::Podman => "--device=nvidia.com/gpu=all".to_owned(),
                EngineKind::Docker => "--gpus=all".to_owned(),
            });
        }
        arguments.extend(request.env.iter().map(|(name, value)| format!("--env={name}={value}")));
        arguments.extend(
            request
                .mounts
                .iter()
                .map(|mount| format!("--volume={}:{}", volume(mount.name), mount.path)),
        );
        arguments.extend(request.work_dir.iter().map(|folder| format!("--workdir={folder}")));
        let (entrypoint, rest) = match request.entrypoint {
            [] => (None, &[][..]),
            [program, rest @ ..] => (Some(program), rest),
        };
        arguments.extend(entrypoint.map(|program| format!("--entrypoint={program}")));
        arguments.push(full_name(request.image).into_owned());
        arguments.extend(rest.iter().chain(request.command).cloned());
        arguments
    }
}

fn host_memory_bytes() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use nosana_sandbox::{Cancel, Limits};

    use super::*;
    use crate::{ContainerConfig, Mount};

    fn engine(kind: EngineKind) -> Engine {
        let config = ContainerConfig { runtime: Some("runc".into()), ..Default::default() };
        let (version, ulimits) = (String::new(), vec!["nofile=9:9".to_owned()]);
        Engine {
            program: "engine".into(),
            kind,
            version,
            config,
            ulimits,
            has_gpu: false,
            storage: None,
            fetches: Default::default(),
        }
    }

    #[test]
    fn both_engines_get_what_they_understand() {
        let (entrypoint, command) = (["sh", "-c"].map(str::to_owned), ["echo".to_owned()]);
        let env = BTreeMap::from([("A".to_owned(), "1 2".to_owned())]);
        let request = Request {
            image: "debian",
            entrypoint: &entrypoint,
            command: &command,
            env: &env,
            gpu: true,
            mounts: &[Mount { name: "data", path: "/data" }],
            work_dir: Some("/data"),
            output: None,
            limits: Limits { memory_bytes: 1 << 62, cpus: 1, processes: 7, ..Limits::default() },
            cancel: &Cancel::default(),
            live: None,
        };
        for (kind, gpu) in [
            (EngineKind::Podman, "--device=nvidia.com/gpu=all"),
            (EngineKind::Docker, "--gpus=all"),
        ] {
            let all = engine(kind).create_arguments("n", &request, |name| format!("job-{name}"));
            for expected in [
                gpu,
                "--env=A=1 2",
                "--volume=job-data:/data",
                "--workdir=/data",
                "--pids-limit=7",
                "--network=none",
                "docker.io/library/debian",
            ] {
                assert!(all.iter().any(|it| it == expected), "{kind}: {expected} in {all:?}");
            }
            assert!(all.contains(&"--ulimit=nofile=9:9".to_owned()));
            assert_eq!(all.contains(&"--runtime=runc".to_owned()), kind == EngineKind::Docker);
            assert!(!all.contains(&format!("--memory={}b", 1_u64 << 62)), "more than the host has");
            assert_eq!(
                all[all.len() - 4..],
                ["--entrypoint=sh", "docker.io/library/debian", "-c", "echo"]
            );
        }
    }
}
