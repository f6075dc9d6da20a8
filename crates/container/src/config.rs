//! What a node's owner decides about containers.

use std::path::PathBuf;

/// Settings of the owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerConfig {
    /// The engine's program, `podman` or `docker`, perhaps with its path. The first of the two that
    /// works by default.
    pub engine: Option<PathBuf>,
    /// Whether no containers are run at all.
    pub disabled: bool,
    /// The OCI runtime, by default the engine's own.
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
    fn none_is_no_program() {
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
