//! Resources with the places of others in their folders.

use serde::Serialize;

use super::Resource;
use crate::definition::container_path::normalize_path;

/// A resource of a container, and where others of the same container are mounted in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlacedResource {
    /// The resource.
    pub resource: Resource,
    /// Paths in its folder at which it needs empty folders: engines cannot create them in a folder
    /// that is mounted read-only.
    pub mount_points: Vec<String>,
}

impl From<Resource> for PlacedResource {
    /// A resource in whose folder no other one is mounted.
    fn from(resource: Resource) -> Self {
        Self { resource, mount_points: Vec::new() }
    }
}

/// Finds where the resources of a container are in each other's folders.
pub fn place_resources(resources: &[Resource]) -> Vec<PlacedResource> {
    let targets: Vec<String> =
        resources.iter().map(|resource| normalize_path(resource.target())).collect();

    let place = |resource: &Resource| {
        let folder = normalize_path(resource.target());
        let below = targets.iter().filter_map(|target| path_below(target, &folder));
        let mut mount_points: Vec<String> = below.map(str::to_owned).collect();
        mount_points.sort_unstable();
        PlacedResource { resource: resource.clone(), mount_points }
    };
    resources.iter().map(place).collect()
}

/// The rest of a path that is below a folder. Both have their normal form.
pub(super) fn path_below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_has_places_for_those_below_it() {
        let file = |target: &str| Resource::Http {
            url: "https://example.org/a".to_owned(),
            sha256: None,
            target: target.to_owned(),
        };
        let targets = ["/m/x/", "/m//x/b/c", "/m/x/a", "/m/xy", "/m/x/b"];
        let resources = targets.map(file);
        let placed = place_resources(&resources);

        let points: Vec<String> = placed.iter().map(|it| it.mount_points.join(" ")).collect();
        assert_eq!(points, ["a b b/c", "", "", "", "c"]);
        assert!(placed.iter().map(|it| &it.resource).eq(&resources));
        assert_eq!(placed[2], PlacedResource::from(file("/m/x/a")));
    }
}
