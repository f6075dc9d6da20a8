//! The answer to a request for the objects of a bucket.

use quick_xml::{Reader, events::Event};

use crate::source::shorten;

/// The most elements within each other. Lists have three.
const MAX_DEPTH: usize = 16;
/// The longest text of an element, in bytes. The longest key has 1,024.
const MAX_TEXT_BYTES: usize = 4096;

/// One page of objects, or all.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ObjectList {
    pub objects: Vec<Object>,
    /// What requests the next page.
    pub next_page: Option<String>,
}

/// One object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub key: String,
    /// It changes with the content.
    pub etag: String,
    pub size_bytes: u64,
}

impl ObjectList {
    /// Reads `ListBucketResult`.
    ///
    /// # Errors
    /// If the text is something else.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut list = Self::default();
        let mut object = Object::default();
        // The names of the elements that are open, and the text of the innermost one.
        let mut open: Vec<String> = Vec::new();
        let mut content = String::new();
        let mut is_list = false;

        let describe =
            |error: quick_xml::Error| format!("it is not a list: {}", shorten(&error.to_string()));

        loop {
            match reader.read_event().map_err(describe)? {
                Event::Start(start) => {
                    let name = start.local_name().as_ref().to_owned();
                    is_list |= open.is_empty() && name == "ListBucketResult";
                    if open.len() >= MAX_DEPTH {
                        return Err("it is not a list: it has too many levels".to_owned());
                    }
                    open.push(name);
                    content.clear();
                }
                Event::Text(text) => content.push_str(&text),
                Event::GeneralRef(reference) => content.push_str(&resolve_reference(&reference)?),
                Event::End(_) => {
                    let path: Vec<&str> = open.iter().map(String::as_str).collect();
                    match path[..] {
                        [_, "Contents", "Key"] => object.key.clone_from(&content),
                        [_, "Contents", "ETag"] => object.etag.clone_from(&content),
                        [_, "Contents", "Size"] => {
                            object.size_bytes = content.trim().parse().unwrap_or_default();
                        }
                        [_, "Contents"] => list.objects.push(std::mem::take(&mut object)),
                        [_, "NextContinuationToken"] => list.next_page = Some(content.clone()),
                        _ => {}
                    }
                    open.pop();
                    content.clear();
                }
                Event::Eof => break,
                _ => {}
            }
            if content.len() > MAX_TEXT_BYTES {
                return Err(format!(
                    "it is not a list: it has a text of more than {MAX_TEXT_BYTES} bytes"
                ));
            }
        }

        if is_list { Ok(list) } else { Err("it is not a list of objects".to_owned()) }
    }
}

/// The character that `&name;` means.
fn resolve_reference(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    let resolved = quick_xml::escape::resolve_predefined_entity(name);
    resolved.map(str::to_owned).ok_or_else(|| format!("it is not a list: `&{};`", shorten(name)))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn objects_and_the_next_page_are_read() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Name>models</Name><Prefix>a/</Prefix><IsTruncated>true</IsTruncated>
              <Contents><Key>a/b&amp;c.bin</Key><ETag>&quot;12&quot;</ETag><Size>7</Size>
                <Owner><Key>no</Key></Owner></Contents>
              <Contents><Key>a/&#228;</Key><ETag>"3"</ETag><Size>0</Size></Contents>
              <NextContinuationToken>x=</NextContinuationToken>
            </ListBucketResult>"#;
        let list = ObjectList::read(text).unwrap();
        let object = |key: &str, etag: &str, size_bytes| Object {
            key: key.to_owned(),
            etag: etag.to_owned(),
            size_bytes,
        };
        assert_eq!(list.objects, [object("a/b&c.bin", "\"12\"", 7), object("a/ä", "\"3\"", 0)]);
        assert_eq!(list.next_page.as_deref(), Some("x="));
    }

    #[test]
    fn other_answers_are_refused() {
        for text in ["", "<html></html>", "<Error><Code>NoSuchBucket</Code></Error>", "not xml"] {
            assert!(ObjectList::read(text).unwrap_err().contains("not a list"), "{text}");
        }
    }

    #[test]
    fn large_and_deep_answers_are_refused_at_once_and_with_a_short_reason() {
        let begun = Instant::now();
        let long = "x".repeat(1_000_000);
        for (text, expected) in [
            ("<a>".repeat(2_000_000) + &"</a>".repeat(2_000_000), "too many levels"),
            (format!("<ListBucketResult>&{long};"), "`&xxx"),
            (format!("<ListBucketResult><Name>{long}"), "more than 4096 bytes"),
            (format!("<ListBucketResult></{long}>"), "it is not a list"),
        ] {
            let error = ObjectList::read(&text).unwrap_err();
            assert!(error.contains(expected) && error.len() < 1_000, "{expected}: {error}");
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
