//! An IPFS node, over the HTTP API that Kubo serves. Machines share content through it.
//!
//! The node's answers are not trusted: the store checks the hash of every block that it returns.

use std::time::{Duration, Instant};

use ureq::{Agent, Body, http::Response};

use nosana_job_spec::ContentId;

use crate::StoreError;

/// The largest block that is read or fetched: the limit of IPFS's own block exchange.
pub const MAX_BLOCK_BYTES: u64 = 2 * 1024 * 1024;

/// The longest time of one call. Finding a block in the network takes time.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// The node gets this much less time than the call, so that its own, more specific error arrives.
const NODE_MARGIN_SECONDS: u64 = 5;
/// Separates the parts of an upload. If a block contains it, the block's hash does not match.
const BOUNDARY: &str = "nosana-block-3c1f0c6a9b8e4d72";
/// The longest part of the node's error that ours repeats, in bytes.
const MAX_ERROR_BYTES: u64 = 1_000;

/// A connection to an IPFS node's API. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Ipfs {
    agent: Agent,
    url: String,
}

impl Ipfs {
    /// The node whose API is at `url`, for example `http://127.0.0.1:5001`. Does not connect.
    pub(crate) fn with_url(url: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(CALL_TIMEOUT))
            .http_status_as_error(false)
            .build();

        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned() }
    }

    /// Returns the block, from the node or from the network behind it. Its hash is not checked.
    pub(crate) fn get_block(
        &self,
        id: &ContentId,
        deadline: Option<Instant>,
    ) -> Result<Vec<u8>, StoreError> {
        let action = "read a block";
        let time_left = deadline.map_or(CALL_TIMEOUT, |deadline| {
            deadline.saturating_duration_since(Instant::now()).min(CALL_TIMEOUT)
        });

        if time_left.is_zero() {
            return Err(self.call_error(action, "no time is left"));
        }

        let node_seconds = time_left.as_secs().saturating_sub(NODE_MARGIN_SECONDS).max(1);
        let url = format!("{}/api/v0/block/get?arg={id}&timeout={node_seconds}s", self.url);
        let request = self.agent.post(&url).config().timeout_global(Some(time_left)).build();
        let response = request.send_empty().map_err(|error| self.send_error(action, &error))?;

        self.check_status(action, response)?
            .with_config()
            .limit(MAX_BLOCK_BYTES)
            .read_to_vec()
            .map_err(|error| self.send_error(action, &error))
    }

    /// Stores and pins a block. A block must come after the blocks that it links to.
    pub(crate) fn put_block(&self, block: &[u8]) -> Result<(), StoreError> {
        let action = "store a block";
        let url =
            format!("{}/api/v0/block/put?cid-codec=dag-pb&mhtype=sha2-256&pin=true", self.url);
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");

        let mut form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"data\"; filename=\"block\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(block);
        form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());

        let response = self.agent.post(&url).header("Content-Type", content_type).send(&form[..]);
        let response = response.map_err(|error| self.send_error(action, &error))?;
        self.check_status(action, response).map(drop)
    }

    /// Unpins a block, so that the node's own garbage collection removes it. A block that is not
    /// pinned is not an error.
    pub(crate) fn unpin_block(&self, id: &ContentId) -> Result<(), StoreError> {
        let action = "unpin a block";
        let url = format!("{}/api/v0/pin/rm?arg={id}", self.url);
        let response = self.agent.post(url).send_empty();
        let response = response.map_err(|error| self.send_error(action, &error))?;

        match self.check_status(action, response) {
            Err(StoreError::Ipfs { problem, .. }) if problem.contains("not pinned") => Ok(()),
            checked => checked.map(drop),
        }
    }

    fn check_status(
        &self,
        action: &'static str,
        response: Response<Body>,
    ) -> Result<Body, StoreError> {
        let status = response.status();
        let mut body = response.into_body();

        if status.is_success() {
            return Ok(body);
        }

        let error = body.with_config().limit(MAX_ERROR_BYTES).read_to_string().unwrap_or_default();
        Err(self.call_error(action, format!("{status} {}", error.trim())))
    }

    /// The error of a call that got no complete response.
    fn send_error(&self, action: &'static str, error: &ureq::Error) -> StoreError {
        // A timeout says nothing: finding a block in the network takes time.
        let is_away = matches!(
            error,
            ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::HostNotFound
        );
        StoreError::Ipfs { action, url: self.url.clone(), problem: error.to_string(), is_away }
    }

    fn call_error(&self, action: &'static str, problem: impl ToString) -> StoreError {
        let problem = problem.to_string();
        StoreError::Ipfs { action, url: self.url.clone(), problem, is_away: false }
    }
}
