//! Where the file of a model is.

use std::{fmt, str::FromStr};

/// The revision of a repository at Hugging Face, unless a source names one.
const MAIN_REVISION: &str = "main";

/// Where the file of a model is. The text form is a URL with the scheme `hf`, `https`, `http` or
/// `ipfs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelLocation {
    /// A file in a repository at Hugging Face: `hf://org/repo/file.gguf`, or
    /// `hf://org/repo@revision/file.gguf`.
    HuggingFace {
        /// The organization and the name.
        repository: String,
        /// A branch, tag or commit.
        revision: String,
        /// The file's path in the repository.
        path: String,
    },
    /// The URL of a web server, with `https` or `http`.
    Web(String),
    /// A file in IPFS: `ipfs://CID`, or `ipfs://CID/path`. The identifier and the path.
    Ipfs(String),
}

/// A text that is not the source of a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid source of a model: {problem}")]
pub struct InvalidLocation {
    /// The text, shortened to 100 characters.
    pub text: String,
    /// What is wrong with it, and what is allowed.
    pub problem: &'static str,
}

impl FromStr for ModelLocation {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, InvalidLocation> {
        parse_location(text)
            .map_err(|problem| InvalidLocation { text: text.chars().take(100).collect(), problem })
    }
}

fn parse_location(text: &str) -> Result<ModelLocation, &'static str> {
    if text.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err("it contains spaces or control characters; write them as %20");
    }

    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    match scheme {
        "https" | "http" => check_authority(rest).map(|()| ModelLocation::Web(text.to_owned())),
        "hf" => parse_hugging_face(rest),
        "ipfs" => parse_ipfs(rest),
        _ => Err("use hf://org/repo/file.gguf, https://…, http://… or ipfs://CID"),
    }
}

/// Checks the host and the port.
fn check_authority(rest: &str) -> Result<(), &'static str> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();

    if authority.contains('@') {
        return Err("it contains a user name, and definitions are public; remove it");
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    if host.is_empty() || authority.contains('\\') {
        return Err("it has no host; use https://host/path");
    }
    Ok(())
}

fn parse_hugging_face(rest: &str) -> Result<ModelLocation, &'static str> {
    const FORM: &str = "use hf://org/repo/file.gguf or hf://org/repo@revision/file.gguf";

    check_path(rest)?;
    let mut parts = rest.splitn(3, '/');
    let (Some(organization), Some(name), Some(path)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(FORM);
    };

    let (name, revision) = name.split_once('@').unwrap_or((name, MAIN_REVISION));
    if organization.contains('@') || name.is_empty() || revision.is_empty() {
        return Err(FORM);
    }
    Ok(ModelLocation::HuggingFace {
        repository: format!("{organization}/{name}"),
        revision: revision.to_owned(),
        path: path.to_owned(),
    })
}

fn parse_ipfs(rest: &str) -> Result<ModelLocation, &'static str> {
    check_path(rest)?;

    let id = rest.split('/').next().unwrap_or_default();
    if id.len() < 46 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("it has no content identifier; use ipfs://CID or ipfs://CID/path");
    }
    Ok(ModelLocation::Ipfs(rest.to_owned()))
}

/// Checks a path whose parts go into a URL.
fn check_path(path: &str) -> Result<(), &'static str> {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");

    if path.contains(['?', '#', '\\', '%']) || !path.split('/').all(is_part) {
        return Err("its path has an empty part, `..`, or one of the characters ? # % \\");
    }
    Ok(())
}

/// Writes the text that was parsed.
impl fmt::Display for ModelLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HuggingFace { repository, revision, path } if revision == MAIN_REVISION => {
                write!(f, "hf://{repository}/{path}")
            }
            Self::HuggingFace { repository, revision, path } => {
                write!(f, "hf://{repository}@{revision}/{path}")
            }
            Self::Web(url) => f.write_str(url),
            Self::Ipfs(path) => write!(f, "ipfs://{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: &str = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG";

    #[test]
    fn sources_are_read_and_written() {
        let ipfs = format!("ipfs://{CID}/models/tiny.gguf");
        for text in [
            "hf://org/repo/file.gguf",
            "hf://org/repo@0123abc/folder/file.gguf",
            "https://example.org/a%20b.gguf?download=true",
            "http://127.0.0.1:8080/file.gguf",
            "http://[::1]:80/file.gguf",
            ipfs.as_str(),
        ] {
            assert_eq!(text.parse::<ModelLocation>().unwrap().to_string(), text);
        }

        match "hf://org/repo/a/b.gguf".parse().unwrap() {
            ModelLocation::HuggingFace { repository, revision, path } => {
                assert_eq!([repository, revision, path], ["org/repo", "main", "a/b.gguf"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_texts_are_refused_and_the_reason_is_named() {
        for (text, problem) in [
            ("", "use hf://"),
            ("file.gguf", "use hf://"),
            ("ftp://example.org/file.gguf", "use hf://"),
            ("file:///etc/passwd", "use hf://"),
            ("https://user:secret@example.org/file.gguf", "user name"),
            ("https:///file.gguf", "no host"),
            ("https://:80/file.gguf", "no host"),
            ("https://example.org/a b", "spaces"),
            ("https://example.org/a\r\nHost: b", "spaces"),
            ("hf://org/repo", "use hf://org/repo/file.gguf"),
            ("hf://org/repo@/file.gguf", "use hf://org/repo/file.gguf"),
            ("hf://org/repo/../file.gguf", "`..`"),
            ("hf://org//file.gguf", "empty part"),
            ("hf://org/repo/file.gguf?a", "characters"),
            ("ipfs://short", "content identifier"),
            ("ipfs://user@host/x", "content identifier"),
        ] {
            let error = text.parse::<ModelLocation>().unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
