//! The version of what loads files.

/// What loaded a file. Another version loads it again.
pub(super) const ENGINE_VERSION: &str =
    concat!("llama-cpp-2 0.1.160, nosana ", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_the_workspace_pins() {
        let workspace = include_str!("../../../../Cargo.toml");
        let pin = workspace.lines().find(|line| line.starts_with("llama-cpp-2 = ")).unwrap();
        let (_, rest) = pin.split_once("version = \"=").expect("it is not pinned");
        let (pinned, _) = rest.split_once('"').unwrap();

        let own = env!("CARGO_PKG_VERSION");
        assert_eq!(ENGINE_VERSION, format!("llama-cpp-2 {pinned}, nosana {own}"));
    }
}
