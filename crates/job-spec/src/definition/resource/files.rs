//! The names of a resource's files in its folder. Version 0.1 of the published schema stores each
//! file that is named in the folder itself; `nosana/1` keeps the folders of the source, unless the
//! resource is `flat`.

use super::Resource;
use crate::definition::error::{DefinitionError, refuse_field, shorten};

/// The name of a file whose URL has none.
const DEFAULT_NAME: &str = "download";

/// The name of a web server's file in its folder: the last part of the URL's path.
pub fn web_file_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let name = path.split_once('/').map(|(_, path)| last_part(path));

    name.filter(|name| !matches!(*name, "" | "." | "..")).unwrap_or(DEFAULT_NAME)
}

impl Resource {
    /// The resource as version 0.1 means it: without the folders of the files that it names.
    pub(in crate::definition) fn with_flat_files(mut self) -> Self {
        if let Self::HuggingFace { files, flat, .. } = &mut self {
            *flat = files.iter().any(|file| file.contains('/'));
        }
        self
    }

    /// The paths in its folder of the files that it names, by themselves or by a URL. Without names,
    /// they are known once the source has listed its files.
    pub(super) fn stored_files(&self) -> impl Iterator<Item = &str> {
        let (files, is_flat) = match self {
            Self::HuggingFace { files, flat, .. } => (files.as_slice(), *flat),
            Self::S3 { files, .. } => (files.as_slice(), false),
            Self::Ollama { .. } | Self::Http { .. } => (&[][..], false),
        };
        let of_url = match self {
            Self::Http { url, .. } => Some(web_file_name(url)),
            Self::HuggingFace { .. } | Self::S3 { .. } | Self::Ollama { .. } => None,
        };

        let named =
            files.iter().map(move |file| if is_flat { last_part(file) } else { file.as_str() });
        named.chain(of_url)
    }
}

/// Checks the files of a resource that is `flat`: their names differ without their folders.
pub(super) fn check_flat_files(pointer: &str, files: &[String]) -> Result<(), DefinitionError> {
    if files.is_empty() {
        return refuse_field(
            format!("{pointer}/flat"),
            "is for `files`, and none are named; name them, or remove it",
        );
    }

    for (index, file) in files.iter().enumerate() {
        let name = last_part(file);
        let has_name = |other: &&String| *other != file && last_part(other) == name;

        if let Some(other) = files[..index].iter().find(has_name) {
            return refuse_field(
                format!("{pointer}/files/{index}"),
                format!(
                    "would be `{}` in the folder, as is `{}`: files that are named are stored \
                     without their folders; fetch one of them by a resource of its own, with \
                     another `target`",
                    shorten(name),
                    shorten(other)
                ),
            );
        }
    }
    Ok(())
}

/// The last part of a path.
fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(files: &[&str]) -> Resource {
        Resource::HuggingFace {
            repo: "a/b".to_owned(),
            revision: None,
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            flat: false,
            target: "/m".to_owned(),
        }
    }

    fn list_stored(resource: &Resource) -> Vec<&str> {
        resource.stored_files().collect()
    }

    #[test]
    fn a_file_has_the_last_name_of_its_url() {
        for (url, name) in [
            ("https://a.org/b/c.bin?download=true#x", "c.bin"),
            ("https://a.org/b/", "download"),
            ("https://a.org", "download"),
            ("https://a.org/..", "download"),
            ("https://a.org/a%20b", "a%20b"),
        ] {
            assert_eq!(web_file_name(url), name, "{url}");
            let (url, target) = (url.to_owned(), "/m".to_owned());
            assert_eq!(list_stored(&Resource::Http { url, sha256: None, target }), [name]);
        }
    }

    #[test]
    fn version_0_1_stores_the_last_part_of_each_path() {
        let kept = resource(&["a/b/c", "d"]);
        assert_eq!(list_stored(&kept), ["a/b/c", "d"]);
        assert_eq!(list_stored(&kept.with_flat_files()), ["c", "d"]);

        for files in [&[][..], &["a", "b"]] {
            let same = resource(files);
            assert_eq!(same.clone().with_flat_files(), same, "there is nothing to change");
        }
    }

    #[test]
    fn two_files_with_one_name_are_refused() {
        let check = |files: &[&str]| {
            let resource = resource(files).with_flat_files();
            resource.validate_resource("/r").map_err(|error| error.to_string())
        };
        for files in [&["1_Pooling/a", "a"][..], &["a", "1_Pooling/a"], &["b", "x/a", "y/z/a"]] {
            let error = check(files).unwrap_err();
            let last = format!("/r/files/{}: would be `a` in the folder, as is `", files.len() - 1);
            assert!(error.starts_with(&last), "{error}");
        }

        assert_eq!(check(&["x/a", "x/a", "x/b"]), Ok(()), "one file, named twice, is one file");
        assert_eq!(resource(&["x/a", "y/a"]).validate_resource("/r").ok(), Some(()));
        let error = check_flat_files("/r", &[]).unwrap_err().to_string();
        assert!(error.starts_with("/r/flat: is for `files`"), "{error}");
    }
}
