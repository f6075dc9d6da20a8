//! Bodies of requests and responses. Each keeps the seats of its request until it has ended: a job
//! may answer before it has read the request.

use std::{
    error::Error,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use solana_address::Address;

use crate::{lines::LineUse, pace::Pace, seats::Seat, visitor_seats::VisitorSeat};

/// The gateway's own text, or what a job sends.
pub(crate) type GatewayBody = Either<Full<Bytes>, JobBody>;

/// The seats of one request at a visitor and a job.
#[derive(Debug)]
pub(crate) struct RequestSeats {
    /// `None` if the connection itself is counted.
    pub _visitor: Option<VisitorSeat>,
    pub _of_both: Seat<(IpAddr, Address)>,
    pub _job: Seat<Address>,
}

/// All that one request takes.
#[derive(Debug)]
pub(crate) struct TakenSeats {
    pub _request: RequestSeats,
    pub _line: LineUse,
}

/// What a job sends.
#[derive(Debug)]
pub(crate) struct JobBody {
    incoming: Incoming,
    _seats: Arc<TakenSeats>,
}

impl JobBody {
    pub(crate) const fn new(incoming: Incoming, seats: Arc<TakenSeats>) -> Self {
        Self { incoming, _seats: seats }
    }
}

impl Body for JobBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.incoming).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// What a visitor sends, which must not be too slow.
#[derive(Debug)]
pub(crate) struct VisitorBody {
    incoming: Incoming,
    pace: Pace,
    _seats: Arc<TakenSeats>,
}

impl VisitorBody {
    pub(crate) fn new(incoming: Incoming, seats: Arc<TakenSeats>) -> Self {
        Self { incoming, pace: Pace::default(), _seats: seats }
    }
}

impl Body for VisitorBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;

        match Pin::new(&mut this.incoming).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.pace.note_bytes(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => this.pace.poll_late(context).map(|late| Some(Err(late.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
