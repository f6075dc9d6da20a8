//! Names of images.

use std::borrow::Cow;

/// The registry of names that say none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// Its folder of names without one.
const DEFAULT_FOLDER: &str = "library";

/// The whole name that `image` stands for, as docker reads it.
///
/// podman takes a short name for any image that ends with it, whoever brought that:
/// `evil.example/python` would serve the next job that asks for `python`.
pub(crate) fn full_name(image: &str) -> Cow<'_, str> {
    match image.split_once('/') {
        None => Cow::Owned(format!("{DEFAULT_REGISTRY}/{DEFAULT_FOLDER}/{image}")),
        Some((first, _)) if first == "localhost" || first.contains(['.', ':']) => {
            Cow::Borrowed(image)
        }
        Some(_) => Cow::Owned(format!("{DEFAULT_REGISTRY}/{image}")),
    }
}

#[cfg(test)]
mod tests {
    use super::full_name;

    #[test]
    fn short_names_mean_one_registry() {
        for (short, full) in [
            ("python:3.13", "docker.io/library/python:3.13"),
            ("nvidia/cuda", "docker.io/nvidia/cuda"),
            ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00"),
            ("localhost/mine", "localhost/mine"),
            ("registry:5000/a", "registry:5000/a"),
        ] {
            assert_eq!(full_name(short), full);
        }
    }
}
