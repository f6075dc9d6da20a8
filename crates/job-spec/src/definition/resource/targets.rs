//! The folders in which a container finds its resources. A resource is mounted from a folder that
//! the node keeps for later jobs, so nothing may be written below it: engines create the missing
//! parts of a path in the folder that is mounted there. Another resource that is only read may be
//! below it, since the node makes a place for it; a volume or a copy may not.

use super::{Resource, placed::path_below};
use crate::definition::{
    container_path::normalize_path,
    error::{DefinitionError, refuse_field, shorten},
};

/// A resource, and its target in the normal form.
struct Place<'a> {
    resource: &'a Resource,
    target: String,
}

/// Checks that resources which overlap can be mounted in each other, and that no volume is at or
/// below one. `volumes` are the paths of the container's volumes; a resource may be below one.
pub(super) fn check_targets(
    pointer: &str,
    resources: &[Resource],
    volumes: &[&str],
) -> Result<(), DefinitionError> {
    let volumes: Vec<String> = volumes.iter().map(|path| normalize_path(path)).collect();
    let mut earlier: Vec<Place<'_>> = Vec::new();

    for (index, resource) in resources.iter().enumerate() {
        let pointer = format!("{pointer}/{index}/target");
        let place = Place { resource, target: normalize_path(resource.target()) };

        for other in &earlier {
            check_overlap(&pointer, &place, other)?;
        }
        if volumes.iter().any(|volume| is_within(volume, &place.target)) {
            return refuse_field(
                pointer,
                "has a volume at or below it; mount the volume at a folder beside it",
            );
        }
        earlier.push(place);
    }
    Ok(())
}

/// Checks that one of two resources can be mounted in the other if their folders overlap.
fn check_overlap(
    pointer: &str,
    place: &Place<'_>,
    earlier: &Place<'_>,
) -> Result<(), DefinitionError> {
    let refuse = |why: &str| {
        let problem = format!("overlaps the folder of an earlier resource{why}");
        refuse_field(pointer, format!("{problem}; use a folder beside it"))
    };

    if place.target == earlier.target {
        return refuse(", and is the same");
    }
    let below = path_below(&place.target, &earlier.target);
    let above = path_below(&earlier.target, &place.target);
    let (outer, inner) = match (below, above) {
        (Some(inner), _) => (earlier, inner),
        (None, Some(inner)) => (place, inner),
        (None, None) => return Ok(()),
    };

    if place.resource.is_writable() || earlier.resource.is_writable() {
        return refuse(", and `allowWrite` is for folders that do not");
    }
    match outer.resource.stored_files().find(|file| is_in_way(file, inner)) {
        Some(file) => refuse(&format!(", where the outer one has its file `{}`", shorten(file))),
        None => Ok(()),
    }
}

/// Whether a file and a folder of one folder cannot exist at once, or the folder would hide it.
fn is_in_way(file: &str, folder: &str) -> bool {
    is_within(file, folder) || is_within(folder, file)
}

/// Whether a path is a folder or is below it. Both have their normal form.
fn is_within(path: &str, folder: &str) -> bool {
    path == folder || path_below(path, folder).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(target: &str) -> Resource {
        let url = "https://example.org/a".to_owned();
        Resource::Http { url, sha256: None, target: target.to_owned() }
    }

    fn bucket(target: &str, files: &[&str], allow_write: bool) -> Resource {
        Resource::S3 {
            url: "https://example.org".to_owned(),
            bucket: None,
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            target: target.to_owned(),
            allow_write,
        }
    }

    fn check_all(resources: &[Resource], volumes: &[&str]) -> Result<(), String> {
        check_targets("/r", resources, volumes).map_err(|error| error.to_string())
    }

    fn check(targets: &[&str], volumes: &[&str]) -> Result<(), String> {
        let resources: Vec<Resource> = targets.iter().map(|target| file(target)).collect();
        check_all(&resources, volumes)
    }

    #[test]
    fn nothing_is_mounted_at_a_resource_and_no_volume_below_it() {
        for targets in [["/m", "/m"], ["/m/a", "/m//a/."]] {
            let error = check(&targets, &[]).unwrap_err();
            assert!(error.starts_with("/r/1/target: overlaps the folder"), "{error}");
            assert!(error.contains("is the same"), "{error}");
        }
        for volume in ["/m", "/m/adapter", "/./m/tokenizer.json"] {
            let error = check(&["/m"], &["/data", volume]).unwrap_err();
            assert!(error.starts_with("/r/0/target: has a volume at or below it"), "{error}");
        }
    }

    #[test]
    fn resources_are_beside_or_in_each_other_and_may_be_in_a_volume() {
        assert_eq!(check(&["/m", "/m2", "/a/m"], &["/data"]), Ok(()));
        assert_eq!(check(&["/root/.ollama/models"], &["/root/.ollama"]), Ok(()));
        assert_eq!(check(&["/m/x", "/m/x/1_Pooling", "/m"], &[]), Ok(()));
    }

    #[test]
    fn a_copy_is_not_in_another_resource_and_has_none() {
        for targets in [["/m", "/m/a"], ["/m/a", "/m"]] {
            for [one, other] in [[true, false], [false, true]] {
                let resources = [bucket(targets[0], &[], one), bucket(targets[1], &[], other)];
                let error = check_all(&resources, &[]).unwrap_err();
                assert!(error.contains("`allowWrite` is for"), "{error}");
            }
        }
    }

    #[test]
    fn a_resource_hides_no_file_of_another() {
        for files in [["b", "a"], ["b", "a/x/y"], ["b", "a/x"]] {
            let outer = bucket("/m", &files, false);
            for resources in [[outer.clone(), file("/m/a/x")], [file("/m/a/x"), outer]] {
                let error = check_all(&resources, &[]).unwrap_err();
                let name = format!("has its file `{}`", files[1]);
                assert!(error.starts_with("/r/1/target: ") && error.contains(&name), "{error}");
            }
        }
        for targets in [["/m", "/m/a"], ["/m/a/x", "/m"]] {
            let error = check(&targets, &[]).unwrap_err();
            assert!(error.contains("has its file `a`"), "the URL names it: {error}");
        }
        let beside = bucket("/m", &["a/b", "a/xy", "x"], false);
        assert_eq!(check_all(&[beside, file("/m/a/x")], &[]), Ok(()));
    }
}
