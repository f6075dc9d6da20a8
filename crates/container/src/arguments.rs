//! The engine's command line for one container.

use std::{fs, thread::available_parallelism};

use crate::{
    ContainerRequest, Engine, EngineKind, HostFolder, container::Container, image::full_name,
};

/// Capabilities that engines grant and no job needs.
const DROPPED_CAPABILITIES: [&str; 3] = ["NET_RAW", "MKNOD", "AUDIT_WRITE"];

impl Engine {
    /// Returns the options of every container, whatever it runs.
    pub(crate) fn run_options(&self) -> Vec<String> {
        let mut options: Vec<String> =
            self.ulimits.iter().map(|limit| format!("--ulimit={limit}")).collect();
        options.push("--security-opt=no-new-privileges".to_owned());

        match self.kind {
            EngineKind::Podman => {
                options.push(format!("--cap-drop={}", DROPPED_CAPABILITIES.join(",")));
            }
            // docker takes one capability at a time.
            EngineKind::Docker => {
                options.extend(DROPPED_CAPABILITIES.map(|name| format!("--cap-drop={name}")));
                options.extend(self.runtime.iter().map(|runtime| format!("--runtime={runtime}")));
            }
        }

        // The log is read while it is printed; an engine that stored it could fill the disk.
        options.push("--log-driver=none".to_owned());
        options
    }

    /// Returns the arguments of `create` for this container. `volumes` are the engine's names of
    /// the volumes that the request mounts, in its order.
    pub(crate) fn create_arguments(
        &self,
        container: &Container<'_>,
        request: &ContainerRequest<'_>,
        volumes: &[String],
    ) -> Vec<String> {
        let name = format!("--name={}", container.name);
        let mut arguments = vec!["create".to_owned(), name, "--pull=never".to_owned()];
        arguments.extend(self.run_options());
        arguments.extend(self.network_options(container.network.as_deref()));
        // Ports of a shared network belong to the container that has it.
        if container.network.is_none() {
            arguments.extend(self.port_options(request.ports));
        }
        arguments.extend(self.limit_options(request));

        arguments.extend(request.env.iter().map(|(name, value)| format!("--env={name}={value}")));
        let mounts = request.mounts.iter().zip(volumes);
        arguments.extend(mounts.map(|(mount, volume)| format!("--volume={volume}:{}", mount.path)));
        // On hosts with SELinux, `z` allows all containers to read the folder.
        let folders = request.folders.iter().filter(|folder| !folder.is_copied);
        arguments.extend(folders.map(|HostFolder { folder, path, .. }| {
            format!("--volume={}:{path}:ro,z", folder.display())
        }));
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

    /// Returns the options of a container's network: that of the container `holder`, if there is
    /// one.
    pub(crate) fn network_options(&self, holder: Option<&str>) -> Vec<String> {
        // A network must be configured explicitly: it gives access to the owner's neighbors, and to
        // the cloud's credentials.
        let network = match holder {
            Some(holder) => format!("container:{holder}"),
            None => self.network().to_owned(),
        };
        let mut options = vec![format!("--network={network}")];

        if self.kind == EngineKind::Podman {
            // The proxy variables may hold the host's passwords.
            options.push("--http-proxy=false".to_owned());
        }
        options
    }

    fn limit_options(&self, request: &ContainerRequest<'_>) -> Vec<String> {
        let limits = &request.limits;
        let memory_bytes = limits.memory_bytes.min(host_memory_bytes().unwrap_or(u64::MAX));
        let host_cpus = available_parallelism().map_or(1, |count| count.get() as u64);
        let cpus = limits.cpus.min(host_cpus);

        let mut options = vec![
            format!("--memory={memory_bytes}b"),
            format!("--memory-swap={memory_bytes}b"),
            // What is in shared memory counts as memory, so that needs no limit of its own. The
            // engines' default of 64 MB is too little for programs that share data by it.
            format!("--shm-size={memory_bytes}b"),
            format!("--cpus={cpus}"),
            format!("--pids-limit={}", limits.processes),
        ];
        if request.gpu {
            options.push(match self.kind {
                EngineKind::Podman => "--device=nvidia.com/gpu=all".to_owned(),
                EngineKind::Docker => "--gpus=all".to_owned(),
            });
        }
        options
    }
}

/// The memory of this machine.
pub fn host_memory_bytes() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;

    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, mem::ManuallyDrop, path::Path, sync::Arc};

    use nosana_sandbox::{CancelToken, Limits};

    use super::*;
    use crate::{ContainerConfig, Mount, fetch::new_downloads};

    fn test_engine(kind: EngineKind) -> Engine {
        Engine {
            program: "engine".into(),
            kind,
            version: String::new(),
            config: ContainerConfig::default(),
            runtime: Some("runc".to_owned()),
            runtime_notice: None,
            ulimits: vec!["nofile=9:9".to_owned()],
            has_gpu: false,
            storage: None,
            downloads: new_downloads(),
            removals: Arc::default(),
        }
    }

    #[test]
    fn the_engine_has_the_environment_of_the_node() {
        // It prints its environment.
        let engine = Engine { program: "env".into(), ..test_engine(EngineKind::Docker) };
        let printed = engine.call(&[]).unwrap();
        let path = format!("PATH={}", std::env::var("PATH").unwrap());
        assert!(printed.lines().any(|line| line == path), "{printed}");
        assert_eq!(engine.base_command().get_envs().count(), 0, "nothing is replaced");
    }

    #[test]
    fn ports_are_published_in_a_network_only() {
        let options = |network: Option<&str>| {
            let mut engine = test_engine(EngineKind::Docker);
            engine.config.network = network.map(str::to_owned);
            (engine.port_options(&[80, 9]), engine.check_ports(&[80]).is_ok())
        };
        let published = ["--publish=127.0.0.1::80/tcp", "--publish=127.0.0.1::9/tcp"];
        assert_eq!(options(Some("bridge")), (published.map(str::to_owned).to_vec(), true));
        assert_eq!(options(None), (Vec::new(), true));
        assert_eq!(options(Some("host")), (Vec::new(), false));
    }

    #[test]
    fn both_engines_get_their_options() {
        let entrypoint = ["sh", "-c"].map(str::to_owned);
        let command = ["echo".to_owned()];
        let env = BTreeMap::from([("A".to_owned(), "1 2".to_owned())]);
        let request = ContainerRequest {
            image: "debian",
            entrypoint: &entrypoint,
            command: &command,
            env: &env,
            gpu: true,
            mounts: &[Mount { name: "data", path: "/data" }],
            folders: &[HostFolder { folder: Path::new("/a"), path: "/b", is_copied: false }],
            work_dir: Some("/data"),
            output: None,
            limits: Limits { memory_bytes: 1 << 62, cpus: 1, processes: 7, ..Limits::default() },
            cancel: &CancelToken::default(),
            observer: None,
            ports: &[],
        };
        for (kind, gpu) in [
            (EngineKind::Podman, "--device=nvidia.com/gpu=all"),
            (EngineKind::Docker, "--gpus=all"),
        ] {
            let volumes = ["job-0".to_owned()];
            let engine = test_engine(kind);
            // It is not removed: the engine does not exist.
            let container = |network: Option<&str>| {
                let network = network.map(str::to_owned);
                ManuallyDrop::new(Container { engine: &engine, name: "n".to_owned(), network })
            };
            let shared = engine.create_arguments(&container(Some("m")), &request, &volumes);
            assert!(shared.contains(&"--network=container:m".to_owned()), "{shared:?}");
            let all = engine.create_arguments(&container(None), &request, &volumes);
            for expected in [
                gpu,
                "--env=A=1 2",
                "--volume=job-0:/data",
                "--volume=/a:/b:ro,z",
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
            let value = |name: &str| all.iter().find_map(|option| option.strip_prefix(name));
            assert_eq!(value("--shm-size="), value("--memory="));
            assert_eq!(
                all[all.len() - 4..],
                ["--entrypoint=sh", "docker.io/library/debian", "-c", "echo"]
            );
        }
    }
}
