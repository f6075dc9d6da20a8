//! Objects of a public bucket.

use nosana_job_spec::{Digest, ModelLocation};

use super::{
    FileSource, MAX_DESCRIPTION_BYTES, MAX_FILES, Plan, PlannedFile,
    s3_bucket::{Bucket, find_buckets},
    s3_list::ObjectList,
};
use crate::{
    Downloader,
    fetch_time::FetchTime,
    source::{encode_path, shorten},
};

/// The most pages of a list; a page has 1,000 objects.
const MAX_PAGES: usize = 64;

/// Lists the objects in a folder. `wanted` are the ones to fetch; all if it is empty.
pub(super) fn plan_objects(
    url: &str,
    bucket: Option<&str>,
    wanted: &[String],
    downloader: &Downloader,
    time: &FetchTime<'_>,
) -> Result<Plan, String> {
    // A host may be that of one bucket, or have several, of which the path names one.
    let mut problems = Vec::new();
    for bucket in find_buckets(url, bucket) {
        let listed = match wanted {
            [] => list_objects(&bucket, downloader, time),
            [..] => find_objects(&bucket, wanted, downloader, time),
        };
        match listed {
            Ok(objects) => return Ok(plan_list(&bucket, objects)),
            Err(problem) => problems.push(problem),
        }
    }
    Err(problems.join("; "))
}

/// Lists all objects of the folder, page by page.
fn list_objects(
    bucket: &Bucket,
    downloader: &Downloader,
    time: &FetchTime<'_>,
) -> Result<ObjectList, String> {
    let prefix = encode_query(&bucket.prefix);
    let first = format!("{}/?list-type=2&prefix={prefix}", bucket.url);
    let mut all = ObjectList::default();
    let mut next_page: Option<String> = None;

    for _ in 0..MAX_PAGES {
        let url = match &next_page {
            None => first.clone(),
            Some(next) => format!("{first}&continuation-token={}", encode_query(next)),
        };
        let page = get_page(&url, downloader, time)?;
        if page.objects.is_empty() && page.next_page.is_some() {
            return Err(format!("{first}: it has a page without objects"));
        }
        all.objects.extend(page.objects);

        if all.objects.len() > MAX_FILES {
            return Err(format!(
                "{first}: it has more than {MAX_FILES} objects; name those to fetch"
            ));
        }
        next_page = page.next_page;
        if next_page.is_none() {
            break;
        }
    }

    if next_page.is_some() {
        return Err(format!(
            "{first}: it has more than {MAX_PAGES} pages; name the files to fetch"
        ));
    }
    if all.objects.is_empty() {
        return Err(format!("{first}: there are no objects"));
    }
    Ok(all)
}

/// Finds objects by their names within the folder, which may have any number of others. An object
/// comes before those whose keys are longer.
fn find_objects(
    bucket: &Bucket,
    wanted: &[String],
    downloader: &Downloader,
    time: &FetchTime<'_>,
) -> Result<ObjectList, String> {
    let mut found = ObjectList::default();

    for name in wanted {
        let key = format!("{}{name}", bucket.prefix);
        let prefix = encode_query(&key);
        let url = format!("{}/?list-type=2&prefix={prefix}&max-keys=1", bucket.url);
        let page = get_page(&url, downloader, time)?;

        let object = page.objects.into_iter().find(|object| object.key == key);
        let missing = || format!("{}/{key}: the object `{name}` does not exist", bucket.url);
        found.objects.push(object.ok_or_else(missing)?);
    }
    Ok(found)
}

fn get_page(
    url: &str,
    downloader: &Downloader,
    time: &FetchTime<'_>,
) -> Result<ObjectList, String> {
    time.check_description()?;
    let text = downloader.get_text(url, "application/xml", MAX_DESCRIPTION_BYTES)?;
    ObjectList::read(&text).map_err(|problem| format!("{}: {problem}", shorten(url)))
}

/// Plans the download of the objects in a folder.
fn plan_list(bucket: &Bucket, list: ObjectList) -> Plan {
    let mut files = Vec::new();
    let mut version = String::new();

    for object in list.objects {
        let Some(name) = object.key.strip_prefix(&bucket.prefix) else { continue };
        // Keys that end with a slash are folders.
        if name.is_empty() || name.ends_with('/') {
            continue;
        }

        version.push_str(&format!("{}\n{}\n{}\n", object.key, object.etag, object.size_bytes));
        let url = format!("{}/{}", bucket.url, encode_path(&object.key));
        files.push(PlannedFile {
            path: name.to_owned(),
            source: FileSource::Location(ModelLocation::Web(url)),
            size_bytes: Some(object.size_bytes),
            sha256: None,
        });
    }
    let version = Some(Digest::of(version.as_bytes()).to_string());
    Plan { version, files, mount_points: Vec::new() }
}

/// Encodes a value of a URL's query.
fn encode_query(text: &str) -> String {
    encode_path(text).replace('/', "%2F")
}
