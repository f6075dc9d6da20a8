//! The queue of a market. Its cells follow the header in the account; this module reads both, and
//! puts what waits into its order.

use nosana_protocol::queue::{Fifo, Side};
use solana_address::Address;

use crate::{
    codec::{Decode, DecodeError, ProgramAccount, Reader},
    error::ClientError,
    jobs::{accounts::QueueHeader, types::QueueCell},
    pda,
    session::Session,
};

/// Bytes of one cell: an address, a price, and the links to its neighbors.
const CELL_BYTES: usize = 48;
/// Bytes of the number of cells, between the header and the cells.
const CAPACITY_BYTES: usize = 4;
/// The name of the account in errors.
const WHAT: &str = "queue";
/// The cells do not form the queue that the header describes.
const BROKEN: DecodeError = DecodeError::Invalid { what: WHAT };

/// A job or a node that waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Index of the cell, which instructions require as a hint.
    pub index: u32,
    /// The account of the job or the node.
    pub address: Address,
    /// The price that the job pays, or the lowest one that the node accepts, in base units per
    /// second.
    pub price_per_second: u64,
}

/// A market's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The account's header.
    pub header: QueueHeader,
    /// What waits (jobs or nodes), and where the queue begins and ends.
    pub fifo: Fifo,
    /// The number of cells, used and vacant.
    pub capacity: u32,
    /// The jobs or nodes that wait, in queue order.
    pub waiting: Vec<Waiting>,
}

impl Queue {
    /// Bytes of a queue account with this many cells.
    pub const fn account_size(capacity: usize) -> usize {
        QueueHeader::SIZE + CAPACITY_BYTES + capacity * CELL_BYTES
    }

    /// Reads a queue account.
    ///
    /// # Errors
    /// If the data are too short, or the cells do not form a queue.
    pub fn decode(data: &[u8]) -> Result<Self, DecodeError> {
        let (header, tail) = QueueHeader::split_data(data)?;
        let side = Side::from_byte(header.side).ok_or(BROKEN)?;
        let fifo = Fifo {
            side,
            first: header.first,
            last: header.last,
            vacated: header.vacated,
            touched: header.touched,
            live: header.live,
        };

        let mut reader = Reader::new(tail);
        let capacity = u32::decode_from(&mut reader)?;
        let (cells, _) = reader.remaining().as_chunks::<CELL_BYTES>();
        let cells = cells.get(..usize::try_from(capacity).map_err(|_| BROKEN)?).ok_or(BROKEN)?;
        fifo.invariant(cells.len()).map_err(|_| BROKEN)?;

        // Links are cell numbers counted from 1; 0 is the end.
        let mut waiting = Vec::new();
        let mut link = fifo.first;
        for _ in 0..fifo.live {
            let index = link.checked_sub(1).ok_or(BROKEN)?;
            let cell = cells.get(usize::try_from(index).map_err(|_| BROKEN)?).ok_or(BROKEN)?;

            let cell = QueueCell::decode_from(&mut Reader::new(cell))?;
            let QueueCell { address, price_per_second, next, .. } = cell;
            link = next;
            waiting.push(Waiting { index, address, price_per_second });
        }
        if link != 0 {
            return Err(BROKEN);
        }

        Ok(Self { header, fifo, capacity, waiting })
    }

    /// Whether the market accepts no further job until its queue grows: each open job has a cell,
    /// also one that runs.
    pub fn is_full(&self) -> bool {
        self.header.open_jobs >= u64::from(self.capacity)
    }

    /// Returns the index of the cell in which an account waits.
    pub fn find_cell(&self, address: &Address) -> Option<u32> {
        self.waiting.iter().find(|waiting| waiting.address == *address).map(|waiting| waiting.index)
    }
}

impl Session {
    /// Reads the queue of a market.
    ///
    /// # Errors
    /// If the queue does not exist, or cannot be read or decoded.
    pub async fn fetch_queue(&self, market: &Address) -> Result<Queue, ClientError> {
        let address = pda::jobs::queue(market);
        let account = self
            .fetch_raw_account(&address)
            .await?
            .ok_or(ClientError::NoAccount { what: WHAT, address })?;
        if account.owner != QueueHeader::PROGRAM {
            return Err(ClientError::WrongOwner { what: WHAT, address, owner: account.owner });
        }

        Queue::decode(&account.data).map_err(|source| ClientError::Decode {
            what: WHAT,
            address,
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use nosana_protocol::queue::Side;
    use solana_address::Address;

    use super::{Queue, QueueHeader, Waiting};
    use crate::codec::{Encode, ProgramAccount};

    /// Three cells: the second in the queue, a vacant one, the first.
    fn queue_data() -> Vec<u8> {
        let header = QueueHeader {
            market: Address::new_from_array([1; 32]),
            fees_accrued: 0,
            credits_owed: 0,
            jobs_listed: 0,
            open_jobs: 0,
            first: 3,
            last: 1,
            vacated: 2,
            touched: 3,
            live: 2,
            side: Side::Jobs as u8,
            version: 1,
            bump: 255,
            padding: [0; 1],
            open_disputes: 0,
            reserved: [0; 40],
        };
        let mut data = header.to_data();
        3_u32.encode_into(&mut data);
        for (byte, price, previous, next) in
            [(3, 30_u64, 3_u32, 0_u32), (0, 0, 0, 0), (2, 20, 0, 1)]
        {
            data.extend([byte; 32]);
            price.encode_into(&mut data);
            previous.encode_into(&mut data);
            next.encode_into(&mut data);
        }
        data
    }

    #[test]
    fn entries_are_in_queue_order() {
        let queue = Queue::decode(&queue_data()).unwrap();
        let waiting = |index, byte, price_per_second| Waiting {
            index,
            address: Address::new_from_array([byte; 32]),
            price_per_second,
        };
        assert_eq!(queue.waiting, [waiting(2, 2, 20), waiting(0, 3, 30)]);
        assert_eq!(queue.find_cell(&Address::new_from_array([3; 32])), Some(0));
        assert_eq!((queue.capacity, Queue::account_size(3)), (3, queue_data().len()));
    }

    #[test]
    fn jobs_that_do_not_wait_fill_a_queue_too() {
        let mut queue = Queue::decode(&queue_data()).unwrap();
        queue.header.open_jobs = 2;
        assert!(!queue.is_full());

        queue.header.open_jobs = 3;
        assert!(queue.is_full());
    }

    #[test]
    fn a_queue_without_an_end_is_rejected() {
        let mut data = queue_data();
        let last_link = QueueHeader::SIZE + 4 + 44;
        data[last_link] = 3;
        assert!(Queue::decode(&data).is_err());
    }

    #[test]
    fn a_truncated_queue_is_rejected() {
        let data = queue_data();
        assert!(Queue::decode(&data[..data.len() - 1]).is_err());
        assert!(Queue::decode(&data[..QueueHeader::SIZE + 3]).is_err());
        assert!(Queue::decode(&[0; 200]).is_err());
    }
}
