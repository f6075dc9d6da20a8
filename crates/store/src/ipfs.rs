//! An IPFS node, over the HTTP API that Kubo serves: what shares content between machines.
//!
//! Nothing that it says is believed: the store checks the hash of every block it gets.

use std::time::{Duration, Instant};

use ureq::{Agent, Body, http::Response};

use nosana_job_spec::ContentId;

use crate::{MAX_BLOCK_BYTES, StoreError};

/// How long one call may take: finding a block in the network takes time.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Separates the parts of an upload. A block that holds it would be refused by its hash.
const BOUNDARY: &str = "nosana-block-3c1f0c6a9b8e4d72";
/// The most of an error that is repeated.
const COMPLAINT_BYTES: u64 = 1_000;

/// A connection to an IPFS node's API. Clones share it.
#[derive(Clone, Debug)]
pub struct Ipfs {
    agent: Agent,
    url: String,
}

impl Ipfs {
    /// The node whose API is at `url`, for instance `http://127.0.0.1:5001`. Nothing is asked of it
    /// yet.
    pub fn at(url: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned() }
    }

    /// The block, from the node or from the network behind it. Not checked.
    pub(crate) fn get(
        &self,
        id: &ContentId,
        until: Option<Instant>,
    ) -> Result<Vec<u8>, StoreError> {
        let left = until
            .map_or(TIMEOUT, |until| until.saturating_duration_since(Instant::now()).min(TIMEOUT));
        if left.is_zero() {
            return Err(self.failed("read a block", "there is no time left for it"));
        }
        // The node gives up first, and so says why.
        let asked = left.as_secs().saturating_sub(5).max(1);
        let url = format!("{}/api/v0/block/get?arg={id}&timeout={asked}s", self.url);
        let request = self.agent.post(&url).config().timeout_global(Some(left)).build();
        let answer = request.send_empty().map_err(|error| self.failed("read a block", error))?;
        let mut body = self.accepted("read a block", answer)?;
        body.with_config()
            .limit(MAX_BLOCK_BYTES)
            .read_to_vec()
            .map_err(|error| self.failed("read a block", error))
    }

    /// Hands a block over, to be kept. Blocks come after those they link to.
    pub(crate) fn put(&self, block: &[u8]) -> Result<(), StoreError> {
        let url =
            format!("{}/api/v0/block/put?cid-codec=dag-pb&mhtype=sha2-256&pin=true", self.url);
        let mut form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"data\"; filename=\"block\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(block);
        form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let answer = self.agent.post(&url).header("Content-Type", kind).send(&form[..]);
        let answer = answer.map_err(|error| self.failed("store a block", error))?;
        self.accepted("store a block", answer).map(drop)
    }

    /// Asks the node not to keep a block any longer: it goes with the node's own clearing up. One
    /// that it does not keep is nothing to complain about.
    pub(crate) fn unpin(&self, id: &ContentId) -> Result<(), StoreError> {
        let action = "let a block go";
        let answer = self.agent.post(format!("{}/api/v0/pin/rm?arg={id}", self.url)).send_empty();
        match self.accepted(action, answer.map_err(|error| self.failed(action, error))?) {
            Err(StoreError::Ipfs { problem, .. }) if problem.contains("not pinned") => Ok(()),
            answered => answered.map(drop),
        }
    }

    fn accepted(&self, action: &'static str, answer: Response<Body>) -> Result<Body, StoreError> {
        let status = answer.status();
        let mut body = answer.into_body();
        if status.is_success() {
            return Ok(body);
        }
        let said = body.with_config().limit(COMPLAINT_BYTES).read_to_string().unwrap_or_default();
        Err(self.failed(action, format!("{status} {}", said.trim())))
    }

    fn failed(&self, action: &'static str, problem: impl ToString) -> StoreError {
        StoreError::Ipfs { action, url: self.url.clone(), problem: problem.to_string() }
    }
}
