//! The time of small requests: to the service itself, and through a forwarded port.

use std::{net::SocketAddr, time::Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{
    line::Line,
    service::{connect_service, exchange_byte},
};
use crate::report::transaction::median;

/// Nanoseconds of each request of one byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTimes {
    /// On an open connection, by plain TCP.
    pub open_plain: Vec<u64>,
    /// On an open connection, through a forwarded port.
    pub open_forwarded: Vec<u64>,
    /// With a new connection, by plain TCP.
    pub new_plain: Vec<u64>,
    /// With a new connection, through a forwarded port.
    pub new_forwarded: Vec<u64>,
}

impl RequestTimes {
    /// The milliseconds that a forwarded port adds to a request on an open connection.
    pub fn added_open_ms(&self) -> f64 {
        subtract_medians(&self.open_forwarded, &self.open_plain)
    }

    /// The milliseconds that a forwarded port adds to a request with a new connection.
    pub fn added_new_ms(&self) -> f64 {
        subtract_medians(&self.new_forwarded, &self.new_plain)
    }
}

/// The median in milliseconds.
pub fn median_ms(nanoseconds: &[u64]) -> f64 {
    median(nanoseconds.to_vec()) as f64 / 1e6
}

fn subtract_medians(longer: &[u64], shorter: &[u64]) -> f64 {
    median_ms(longer) - median_ms(shorter)
}

/// Sends so many requests of each kind. The ways take turns.
pub async fn measure_requests(line: &Line, count: usize) -> Result<RequestTimes> {
    let mut times = RequestTimes::default();

    let mut plain = connect_service(line.service()).await?;
    let mut forwarded = connect_service(line.forwarded()).await?;
    exchange_byte(&mut forwarded).await?;
    for _ in 0..count {
        let begun = Instant::now();
        exchange_byte(&mut plain).await?;
        times.open_plain.push(elapsed_ns(begun));

        let begun = Instant::now();
        exchange_byte(&mut forwarded).await?;
        times.open_forwarded.push(elapsed_ns(begun));
    }

    for _ in 0..count {
        times.new_plain.push(request_anew(line.service()).await?);
        times.new_forwarded.push(request_anew(line.forwarded()).await?);
    }
    Ok(times)
}

async fn request_anew(service: SocketAddr) -> Result<u64> {
    let begun = Instant::now();
    let mut tcp = connect_service(service).await?;
    exchange_byte(&mut tcp).await?;
    Ok(elapsed_ns(begun))
}

fn elapsed_ns(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
