//! Resources in whose folders others are mounted.

use nosana_job_spec::PlacedResource;

use super::*;

fn place(resource: &Resource, points: &[&str]) -> PlacedResource {
    let mount_points = points.iter().map(|point| (*point).to_owned()).collect();
    PlacedResource { resource: resource.clone(), mount_points }
}

#[test]
fn a_resource_has_an_empty_folder_for_each_one_in_it() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let kept = file_of(&server.put("/a", b"content"), Some(b"content"));
    let once = file_of(&server.put("/a", b"content"), None);

    for resource in [kept, once] {
        let placed = place(&resource, &["x/y", "z"]);
        let cached = cache.ensure_wanted(&placed, &|| true).unwrap();
        let folder = cached.folder();
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"content");
        for point in ["x/y", "z"] {
            assert_eq!(fs::read_dir(folder.join(point)).unwrap().count(), 0, "{point}");
        }

        // The resource itself has none.
        let alone = cache.ensure_resource(&resource).unwrap();
        assert_eq!(fs::read_dir(alone.folder()).unwrap().count(), 1);
    }
}

#[test]
fn mount_points_are_kept_and_made_again_if_they_are_missing() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));
    let placed = place(&resource, &["x/y"]);

    let path = cache.ensure_wanted(&placed, &|| true).unwrap().folder().to_owned();
    assert_eq!(cache.ensure_wanted(&placed, &|| true).unwrap().folder(), path);
    assert_eq!(server.count_requests(), 1);

    fs::remove_dir(path.join("x/y")).unwrap();
    let cached = cache.ensure_wanted(&placed, &|| true).unwrap();
    assert!(cached.folder().join("x/y").is_dir());
    assert_eq!(list_cache(&cache).len(), 1);
}

#[test]
fn a_file_at_a_mount_point_is_named() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));

    let error = cache.ensure_wanted(&place(&resource, &["a/x"]), &|| true).unwrap_err();
    assert!(matches!(error, FetchError::Source { .. }), "{error}");
    assert!(error.to_string().contains("its file `a` is where another resource"), "{error}");
    assert_eq!(server.count_requests(), 0);
}
