//! Bytes a second: by plain TCP, over a bare stream, and through a forwarded port.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use iroh::endpoint::Connection;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;

use super::{
    ConnectSize,
    line::Line,
    service::{connect_service, exchange_byte, request_bytes},
};
use crate::report::transaction::median;

/// The bytes of the first transfer in each way, which is not counted: connections are made in it.
const FIRST_BYTES: u64 = 1_000_000;
/// The most bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// Bytes a second of each transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferRates {
    /// By TCP, without a node between.
    pub plain_tcp: Vec<u64>,
    /// Over a stream of a connection to the node, without TCP.
    pub bare_stream: Vec<u64>,
    /// Through a port of the client that leads to the job's.
    pub forwarded_port: Vec<u64>,
}

impl TransferRates {
    /// The forwarded port's median as a part of the bare stream's.
    pub fn forwarded_share(&self) -> f64 {
        divide_medians(&self.forwarded_port, &self.bare_stream)
    }

    /// The forwarded port's median as a part of plain TCP's.
    pub fn plain_share(&self) -> f64 {
        divide_medians(&self.forwarded_port, &self.plain_tcp)
    }

    /// The name and the rates of each way.
    pub fn list_ways(&self) -> [(&'static str, &[u64]); 3] {
        [
            ("plain TCP", self.plain_tcp.as_slice()),
            ("bare stream", self.bare_stream.as_slice()),
            ("forwarded port", self.forwarded_port.as_slice()),
        ]
    }
}

/// Returns the median of the first rates as a part of that of the others.
pub fn divide_medians(rates: &[u64], others: &[u64]) -> f64 {
    let [rate, other] = [rates, others].map(|rates| median(rates.to_vec()));
    rate as f64 / other.max(1) as f64
}

/// Moves bytes in each way in turn, so that other programs on this machine slow all ways alike.
pub async fn measure_transfers(line: &Line, size: &ConnectSize) -> Result<TransferRates> {
    let bytes = size.round_bytes;
    download_tcp(line.service(), FIRST_BYTES).await?;
    download_stream(line.bare(), FIRST_BYTES).await?;
    download_tcp(line.forwarded(), FIRST_BYTES).await?;

    let mut rates = TransferRates::default();
    for _ in 0..size.rounds {
        let plain = download_tcp(line.service(), bytes).await?;
        let bare = download_stream(line.bare(), bytes).await?;
        let forwarded = download_tcp(line.forwarded(), bytes).await?;

        rates.plain_tcp.push(to_rate(bytes, plain));
        rates.bare_stream.push(to_rate(bytes, bare));
        rates.forwarded_port.push(to_rate(bytes, forwarded));
    }
    Ok(rates)
}

async fn download_tcp(service: SocketAddr, bytes: u64) -> Result<Duration> {
    let mut tcp = connect_service(service).await?;
    exchange_byte(&mut tcp).await?;
    let begun = Instant::now();
    request_bytes(&mut tcp, bytes).await?;

    let mut buffer = vec![0; READ_BYTES];
    let mut received = 0;
    while received < bytes {
        let count = tcp.read(&mut buffer).await?;
        ensure!(count > 0, "the connection ended after {received} of {bytes} bytes");
        received += count as u64;
    }
    Ok(begun.elapsed())
}

async fn download_stream(connection: &Connection, bytes: u64) -> Result<Duration> {
    let (mut send, mut recv) = connection.open_bi().await?;
    let begun = Instant::now();
    send.write_all(&bytes.to_le_bytes()).await?;

    let mut received = 0;
    while let Some(chunk) = recv.read_chunk(READ_BYTES).await? {
        received += chunk.len() as u64;
    }
    ensure!(received == bytes, "the stream ended after {received} of {bytes} bytes");
    Ok(begun.elapsed())
}

fn to_rate(bytes: u64, time: Duration) -> u64 {
    (bytes as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE)) as u64
}
