//! Bounds for each visitor, and for the network in which it is.

use std::net::IpAddr;

use tokio::time::Instant;

use crate::{
    seats::{Seat, SeatLimit},
    visitor::{counted_ip, counted_network},
};

/// A network has as much as so many visitors.
const VISITORS_PER_NETWORK: usize = 4;

/// Counts what each visitor has at once.
#[derive(Debug)]
pub(crate) struct VisitorLimit {
    visitors: SeatLimit<IpAddr>,
    networks: SeatLimit<IpAddr>,
}

/// A use of a visitor; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct VisitorSeat {
    _own: Seat<IpAddr>,
    _of_network: Seat<IpAddr>,
}

impl VisitorLimit {
    /// At most so many of each visitor.
    pub(crate) fn new(of_each: usize) -> Self {
        let of_network = of_each.saturating_mul(VISITORS_PER_NETWORK);
        Self { visitors: SeatLimit::new(of_each), networks: SeatLimit::new(of_network) }
    }

    /// Takes one; `None` if all are taken.
    pub(crate) fn take_seat(&self, visitor: IpAddr) -> Option<VisitorSeat> {
        let own = self.visitors.take_seat(counted_ip(visitor))?;
        let of_network = self.networks.take_seat(counted_network(visitor))?;
        Some(VisitorSeat { _own: own, _of_network: of_network })
    }

    /// Takes one when there is one; `None` if there is none until `deadline`.
    pub(crate) async fn wait_for_seat(
        &self,
        visitor: IpAddr,
        deadline: Instant,
    ) -> Option<VisitorSeat> {
        let own = self.visitors.wait_for_seat(counted_ip(visitor), deadline).await?;
        let network = counted_network(visitor);
        let of_network = self.networks.wait_for_seat(network, deadline).await?;
        Some(VisitorSeat { _own: own, _of_network: of_network })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_large_network_is_not_any_number_of_visitors() {
        let limit = VisitorLimit::new(1);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = limit.take_seat(ip("2001:db8:1:1::1")).unwrap();
        assert!(limit.take_seat(ip("2001:db8:1:1::2")).is_none(), "the same visitor");

        let others = ["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"];
        let _others = others.map(|other| limit.take_seat(ip(other)).unwrap());
        assert!(limit.take_seat(ip("2001:db8:1:5::1")).is_none(), "the same network");
        assert!(limit.take_seat(ip("2001:db8:2:5::1")).is_some());

        drop(first);
        let now = Instant::now();
        assert!(limit.wait_for_seat(ip("2001:db8:1:5::1"), now).await.is_some());
    }
}
