//! The bucket that a URL names.

/// A bucket, and a folder in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    /// The URL of the bucket, without a slash at its end.
    pub url: String,
    /// The folder, with a slash at its end; empty for the whole bucket.
    pub prefix: String,
}

/// What a URL may mean.
pub(super) fn find_buckets(url: &str, bucket: Option<&str>) -> Vec<Bucket> {
    let url = url.trim_end_matches('/');
    let url = match url.strip_prefix("s3://") {
        None => url.to_owned(),
        Some(rest) => {
            let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
            format!("https://{bucket}.s3.amazonaws.com/{folder}").trim_end_matches('/').to_owned()
        }
    };
    let as_folder = |path: &str| if path.is_empty() { String::new() } else { format!("{path}/") };

    let host_end = url.find("://").map_or(0, |at| at + 3);
    let host_end = url[host_end..].find('/').map_or(url.len(), |at| host_end + at);
    let (origin, path) = url.split_at(host_end);
    let path = path.trim_start_matches('/');
    if let Some(bucket) = bucket {
        let url = format!("{origin}/{bucket}");
        return vec![Bucket { url, prefix: as_folder(path) }];
    }

    let by_host = Bucket { url: origin.to_owned(), prefix: as_folder(path) };
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    if first.is_empty() {
        return vec![by_host];
    }
    let by_path = Bucket { url: format!("{origin}/{first}"), prefix: as_folder(rest) };
    vec![by_host, by_path]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_may_mean_a_bucket_by_its_host_or_by_its_path() {
        let found = |url, bucket| -> Vec<String> {
            let buckets = find_buckets(url, bucket).into_iter();
            buckets.map(|bucket| format!("{}|{}", bucket.url, bucket.prefix)).collect()
        };
        assert_eq!(
            found("https://models.org/a/b/", None),
            ["https://models.org|a/b/", "https://models.org/a|b/"]
        );
        assert_eq!(found("https://models.org", None), ["https://models.org|"]);
        assert_eq!(found("http://h:9/x", Some("b")), ["http://h:9/b|x/"]);
        assert_eq!(
            found("s3://bucket/a", None)[0],
            "https://bucket.s3.amazonaws.com|a/",
            "{:?}",
            found("s3://bucket/a", None)
        );
    }
}
