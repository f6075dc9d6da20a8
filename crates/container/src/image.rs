//! Names of images.

use std::borrow::Cow;

/// The registry of a name without one.
const DEFAULT_REGISTRY: &str = "docker.io";
/// The registry's folder of a name without one.
const DEFAULT_FOLDER: &str = "library";

/// Returns the full name of an image, by docker's rules for short names.
///
/// podman takes a short name for any image that ends with it, from whichever registry:
/// `evil.example/python` would be used for the next job that names `python`.
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
    fn short_names_have_a_default_registry() {
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
