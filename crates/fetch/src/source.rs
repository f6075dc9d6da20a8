//! The answer of one source.

use std::io::Read;

use nosana_job_spec::ModelLocation;
use ureq::{
    Body,
    http::{HeaderMap, Response, StatusCode, header},
};

use crate::agent::{Reach, file_agent, text_agent};

/// The address of Hugging Face.
const HUGGING_FACE: &str = "https://huggingface.co";
/// The environment variable with another address, as Hugging Face's own tools read it.
const HUGGING_FACE_VARIABLE: &str = "HF_ENDPOINT";
/// The environment variable with the owner's token. It is not the one of Hugging Face's own tools:
/// clients get whatever it can read.
const TOKEN_VARIABLE: &str = "NOSANA_HF_TOKEN";
/// The size of a file, in the answer of an IPFS node.
const IPFS_LENGTH: &str = "x-content-length";

/// The longest part of a URL or of a message that an error repeats, in characters. Sources choose
/// them.
const MAX_QUOTED_CHARACTERS: usize = 300;

/// Gets files from their sources.
#[derive(Clone, Debug, Default)]
pub struct Downloader {
    /// The HTTP API of the IPFS node for sources in IPFS.
    ipfs: Option<String>,
    /// Whether sources may be in this machine's own networks.
    allows_private: bool,
}

/// What a source sends.
pub(crate) enum SourceAnswer {
    /// The file, from the byte `start`. `has_ranges`: whether a part can be requested.
    Content { content: Box<dyn Read>, start: u64, total_bytes: Option<u64>, has_ranges: bool },
    /// There is nothing behind the requested byte.
    NothingMore,
}

impl Downloader {
    /// Gets sources in IPFS from the node whose HTTP API is at `url`.
    #[must_use]
    pub fn with_ipfs(self, url: Option<String>) -> Self {
        Self { ipfs: url, ..self }
    }

    /// Allows sources on this machine and in its own networks. A node must not allow them, unless
    /// it trusts its clients: they could send requests to what only this machine reaches.
    #[must_use]
    pub fn with_private_sources(self) -> Self {
        Self { allows_private: true, ..self }
    }

    /// Asks a source for the bytes from `start`. A source that cannot do that sends all of them.
    pub(crate) fn ask_source(
        &self,
        location: &ModelLocation,
        start: u64,
    ) -> Result<SourceAnswer, String> {
        let response = match location {
            ModelLocation::HuggingFace { repository, revision, path } => {
                let base = hugging_face_url();
                let revision = encode_path(revision).replace('/', "%2F");
                let url = format!("{base}/{repository}/resolve/{revision}/{}", encode_path(path));
                self.get_range(&url, find_token(), start)?
            }
            ModelLocation::Web(url) => self.get_range(url, None, start)?,
            ModelLocation::Ipfs(path) => return self.ask_ipfs(path, start),
        };
        read_answer(response, start)
    }

    fn get_range(
        &self,
        url: &str,
        token: Option<String>,
        start: u64,
    ) -> Result<Response<Body>, String> {
        let mut request = file_agent(self.reach()).get(url);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if start > 0 {
            request = request.header(header::RANGE, format!("bytes={start}-"));
        }
        request.call().map_err(|error| shorten(&error.to_string()))
    }

    /// Asks the IPFS node, whose address the owner has chosen.
    fn ask_ipfs(&self, path: &str, start: u64) -> Result<SourceAnswer, String> {
        let Some(api) = &self.ipfs else {
            return Err("no IPFS node is configured; name one with --ipfs".to_owned());
        };

        let api = api.trim_end_matches('/');
        let url = format!("{api}/api/v0/cat?arg=/ipfs/{}&offset={start}", encode_path(path));
        let response =
            file_agent(Reach::All).post(url).send_empty().map_err(|error| error.to_string())?;
        check_status(&response)?;

        let left = find_number(response.headers(), IPFS_LENGTH);
        Ok(SourceAnswer::Content {
            total_bytes: left.map(|left| left.saturating_add(start)),
            content: Box::new(response.into_body().into_reader()),
            start,
            has_ranges: true,
        })
    }

    /// Returns a text of at most `max_bytes`. `accept` is the kind that is requested.
    pub(crate) fn get_text(
        &self,
        url: &str,
        accept: &str,
        max_bytes: u64,
    ) -> Result<String, String> {
        self.get_text_with(url, accept, None, max_bytes)
    }

    /// Returns what the interface of Hugging Face says about a repository that the owner's token
    /// can read.
    pub(crate) fn get_repository(&self, url: &str, max_bytes: u64) -> Result<String, String> {
        self.get_text_with(url, "application/json", find_token(), max_bytes)
    }

    fn get_text_with(
        &self,
        url: &str,
        accept: &str,
        token: Option<String>,
        max_bytes: u64,
    ) -> Result<String, String> {
        let failed = |problem: String| format!("{}: {}", shorten(url), shorten(&problem));
        let mut request = text_agent(self.reach()).get(url).header(header::ACCEPT, accept);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }

        let mut response = request.call().map_err(|error| failed(error.to_string()))?;
        check_status(&response).map_err(failed)?;
        let body = response.body_mut().with_config().limit(max_bytes).read_to_string();
        body.map_err(|error| failed(error.to_string()))
    }

    fn reach(&self) -> Reach {
        if self.allows_private { Reach::All } else { Reach::Public }
    }
}

/// The address of Hugging Face, or of the server that is used instead.
pub(crate) fn hugging_face_url() -> String {
    let endpoint = std::env::var(HUGGING_FACE_VARIABLE).ok().filter(|url| !url.is_empty());
    endpoint.as_deref().unwrap_or(HUGGING_FACE).trim_end_matches('/').to_owned()
}

/// The owner's token, for files and lists of repositories at Hugging Face only: URLs of clients do
/// not get it, since others of that server say who the owner is. Nor do redirections.
fn find_token() -> Option<String> {
    std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty())
}

fn read_answer(response: Response<Body>, start: u64) -> Result<SourceAnswer, String> {
    if start > 0 && response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(SourceAnswer::NothingMore);
    }
    check_status(&response)?;

    let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
    let start = if is_part { find_start(response.headers()).unwrap_or(start) } else { 0 };
    let has_ranges = is_part || accepts_ranges(response.headers());
    let length = response.body().content_length();
    Ok(SourceAnswer::Content {
        total_bytes: length.map(|length| length.saturating_add(start)),
        content: Box::new(response.into_body().into_reader()),
        start,
        has_ranges,
    })
}

fn check_status(response: &Response<Body>) -> Result<(), String> {
    if response.status().is_success() {
        return Ok(());
    }
    Err(format!("it answers {}", response.status()))
}

/// The first byte that a partial answer has: `bytes 100-199/200`.
fn find_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.trim().strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

/// Whether a server says that it sends parts of the file.
fn accepts_ranges(headers: &HeaderMap) -> bool {
    let units = headers.get(header::ACCEPT_RANGES).and_then(|value| value.to_str().ok());
    units.is_some_and(|units| units.trim().eq_ignore_ascii_case("bytes"))
}

fn find_number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// The beginning of a text that an error quotes.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARACTERS).collect()
}

/// Encodes what a URL's path does not have as it is.
pub(crate) fn encode_path(path: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');

    path.bytes()
        .map(
            |byte| {
                if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}
