//! The folders in which a container finds its resources. A resource is mounted from a folder that
//! the node keeps for later jobs, so nothing may be mounted or written below it: engines create the
//! missing parts of such a path in the folder that is mounted there.

use super::Resource;
use crate::definition::{
    container_path::normalize_path,
    error::{DefinitionError, refuse_field},
};

/// Checks that no resource overlaps another one, and that no volume is at or below one. `volumes`
/// are the paths of the container's volumes; a resource may be below one.
pub(super) fn check_targets(
    pointer: &str,
    resources: &[Resource],
    volumes: &[&str],
) -> Result<(), DefinitionError> {
    let volumes: Vec<String> = volumes.iter().map(|path| normalize_path(path)).collect();
    let mut earlier: Vec<String> = Vec::new();

    for (index, resource) in resources.iter().enumerate() {
        let pointer = format!("{pointer}/{index}/target");
        let target = normalize_path(resource.target());

        if earlier.iter().any(|other| is_within(other, &target) || is_within(&target, other)) {
            return refuse_field(
                pointer,
                "overlaps the folder of an earlier resource; use a folder beside it",
            );
        }
        if volumes.iter().any(|volume| is_within(volume, &target)) {
            return refuse_field(
                pointer,
                "has a volume at or below it; mount the volume at a folder beside it",
            );
        }
        earlier.push(target);
    }
    Ok(())
}

/// Whether a path is a folder or is below it. Both have their normal form.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(targets: &[&str], volumes: &[&str]) -> Result<(), String> {
        let url = "https://example.org/a".to_owned();
        let file = |target: &&str| {
            let target = (*target).to_owned();
            Resource::Http { url: url.clone(), sha256: None, target }
        };
        let resources: Vec<Resource> = targets.iter().map(file).collect();
        check_targets("/r", &resources, volumes).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_is_mounted_at_or_below_a_resource() {
        for targets in [["/m", "/m"], ["/m", "/m//onnx/."], ["/m/onnx", "/m"]] {
            let error = check(&targets, &[]).unwrap_err();
            assert!(error.starts_with("/r/1/target: overlaps the folder"), "{error}");
        }
        for volume in ["/m", "/m/adapter", "/./m/tokenizer.json"] {
            let error = check(&["/m"], &["/data", volume]).unwrap_err();
            assert!(error.starts_with("/r/0/target: has a volume at or below it"), "{error}");
        }
    }

    #[test]
    fn resources_are_beside_each_other_and_may_be_in_a_volume() {
        assert_eq!(check(&["/m", "/m2", "/a/m"], &["/data"]), Ok(()));
        assert_eq!(check(&["/root/.ollama/models"], &["/root/.ollama"]), Ok(()));
    }
}
