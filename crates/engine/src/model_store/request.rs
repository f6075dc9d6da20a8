//! The answer of one source.

use std::{io::Read, time::Duration};

use nosana_job_spec::ModelLocation;
use ureq::{
    Agent, Body, Proxy,
    http::{HeaderMap, Response, StatusCode, header},
    unversioned::transport::DefaultConnector,
};

use super::{ModelStore, addresses::PublicResolver};

/// The address of Hugging Face.
const HUGGING_FACE: &str = "https://huggingface.co";
/// The environment variable with another address, as Hugging Face's own tools read it.
const HUGGING_FACE_VARIABLE: &str = "HF_ENDPOINT";
/// The size of a file, in the answer of an IPFS node.
const IPFS_LENGTH: &str = "x-content-length";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest time without a byte.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest time until an answer begins. An IPFS node searches the network.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// What a source sends.
pub(super) enum SourceAnswer {
    /// The file, from the byte `start`.
    Content { content: Box<dyn Read>, start: u64, total_bytes: Option<u64> },
    /// There is nothing behind the requested byte.
    NothingMore,
}

impl ModelStore {
    /// Asks a source for the bytes from `start`. A source that cannot do that sends all of them.
    pub(super) fn ask_source(
        &self,
        location: &ModelLocation,
        start: u64,
    ) -> Result<SourceAnswer, String> {
        let response = match location {
            ModelLocation::HuggingFace { repository, revision, path } => {
                let endpoint = std::env::var(HUGGING_FACE_VARIABLE).ok();
                let endpoint = endpoint.filter(|endpoint| !endpoint.is_empty());
                let base = endpoint.as_deref().unwrap_or(HUGGING_FACE).trim_end_matches('/');
                let url = format!("{base}/{repository}/resolve/{revision}/{}", encode_path(path));
                self.get_range(&url, start)?
            }
            ModelLocation::Web(url) => self.get_range(url, start)?,
            ModelLocation::Ipfs(path) => return self.ask_ipfs(path, start),
        };
        read_answer(response, start)
    }

    fn get_range(&self, url: &str, start: u64) -> Result<Response<Body>, String> {
        let request = self.new_agent().get(url);
        let request = if start == 0 {
            request
        } else {
            request.header(header::RANGE, format!("bytes={start}-"))
        };
        request.call().map_err(|error| error.to_string())
    }

    /// Asks the IPFS node, whose address the owner has chosen.
    fn ask_ipfs(&self, path: &str, start: u64) -> Result<SourceAnswer, String> {
        let Some(api) = &self.ipfs else {
            return Err("there is no IPFS node; name one with --ipfs".to_owned());
        };

        let api = api.trim_end_matches('/');
        let url = format!("{api}/api/v0/cat?arg=/ipfs/{}&offset={start}", encode_path(path));
        let agent = Agent::new_with_config(agent_config());
        let response = agent.post(url).send_empty().map_err(|error| error.to_string())?;
        check_status(&response)?;

        let left = find_number(response.headers(), IPFS_LENGTH);
        Ok(SourceAnswer::Content {
            total_bytes: left.map(|left| left.saturating_add(start)),
            content: Box::new(response.into_body().into_reader()),
            start,
        })
    }

    /// A proxy of the owner decides for itself which addresses it serves.
    fn new_agent(&self) -> Agent {
        if self.allows_private || Proxy::try_from_env().is_some() {
            return Agent::new_with_config(agent_config());
        }
        Agent::with_parts(agent_config(), DefaultConnector::default(), PublicResolver::default())
    }
}

fn agent_config() -> ureq::config::Config {
    Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(ANSWER_TIMEOUT))
        .timeout_per_read(Some(READ_TIMEOUT))
        .http_status_as_error(false)
        .build()
}

fn read_answer(response: Response<Body>, start: u64) -> Result<SourceAnswer, String> {
    if start > 0 && response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(SourceAnswer::NothingMore);
    }
    check_status(&response)?;

    let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
    let start = if is_part { find_start(response.headers()).unwrap_or(start) } else { 0 };
    let length = response.body().content_length();
    Ok(SourceAnswer::Content {
        total_bytes: length.map(|length| length.saturating_add(start)),
        content: Box::new(response.into_body().into_reader()),
        start,
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

fn find_number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Encodes what a URL's path does not have as it is.
fn encode_path(path: &str) -> String {
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
