//! Settings of containers, which the node's owner chooses.

use std::path::PathBuf;

/// Settings of containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerConfig {
    /// The engine's program, `podman` or `docker`, optionally with its path; defaults to the first
    /// of the two that works.
    pub engine: Option<PathBuf>,
    /// Whether the node runs no containers.
    pub disabled: bool,
    /// The OCI runtime; defaults to the engine's own.
    pub runtime: Option<String>,
    /// The engine's network that containers join, such as `bridge`; by default they have none.
    pub network: Option<String>,
}

impl ContainerConfig {
    /// Reads the environment: `NOSANA_CONTAINER_ENGINE` (a program, or `none` to run no
    /// containers), `NOSANA_CONTAINER_RUNTIME` and `NOSANA_CONTAINER_NETWORK`.
    pub fn from_env() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::from_settings(text)
    }

    fn from_settings(text: impl Fn(&'static str) -> Option<String>) -> Self {
        let engine = text("NOSANA_CONTAINER_ENGINE");
        let disabled = engine.as_deref() == Some("none");

        Self {
            engine: engine.filter(|_| !disabled).map(PathBuf::from),
            disabled,
            runtime: text("NOSANA_CONTAINER_RUNTIME"),
            network: text("NOSANA_CONTAINER_NETWORK"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_not_a_program() {
        let config = |engine: &'static str| {
            ContainerConfig::from_settings(move |name| {
                (name == "NOSANA_CONTAINER_ENGINE").then(|| engine.to_owned())
            })
        };
        assert!(config("none").disabled && config("none").engine.is_none());
        assert_eq!(config("/opt/podman").engine, Some("/opt/podman".into()));
        assert!(!config("/opt/podman").disabled);
    }
}
