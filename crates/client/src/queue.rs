//! Who waits in a market. The queue's cells follow its header, and the IDL does not describe them:
//! this does.

use nosana_protocol::queue::{Fifo, Side};
use solana_address::Address;

use crate::{
    codec::{Decode, DecodeError, ProgramAccount, Reader},
    error::ClientError,
    jobs::accounts::QueueHeader,
    pda,
    session::Session,
};

/// Bytes of one cell: an address, a price, and the links to its neighbors.
const CELL: usize = 48;
/// Bytes between the header and the cells: their number.
const LEN: usize = 4;

/// A job or a node that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The cell: the hint that instructions ask for.
    pub index: u32,
    /// The job's or the node's account.
    pub address: Address,
    /// What the job pays, or the least that the node accepts, in base units a second.
    pub price_per_second: u64,
}

/// A market's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its header.
    pub header: QueueHeader,
    /// What waits, and where the queue begins and ends.
    pub fifo: Fifo,
    /// Cells that there are, in use or not.
    pub capacity: u32,
    /// Who waits, first come first.
    pub waiting: Vec<Waiting>,
}

impl Queue {
    /// Bytes of a queue account with this many cells.
    pub const fn size(capacity: usize) -> usize {
        QueueHeader::SIZE + LEN + capacity * CELL
    }

    /// Reads a queue account.
    pub fn decode(data: &[u8]) -> Result<Self, DecodeError> {
        const BROKEN: DecodeError = DecodeError::Invalid { what: "queue" };
        let (header, tail) = QueueHeader::split(data)?;
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
        let capacity = u32::read(&mut reader)?;
        let (cells, _) = reader.rest().as_chunks::<CELL>();
        let cells = cells.get(..usize::try_from(capacity).map_err(|_| BROKEN)?).ok_or(BROKEN)?;
        fifo.invariant(cells.len()).map_err(|_| BROKEN)?;
        let (mut waiting, mut link) = (Vec::new(), fifo.first);
        for _ in 0..fifo.live {
            let index = link.checked_sub(1).ok_or(BROKEN)?;
            let cell = cells.get(usize::try_from(index).map_err(|_| BROKEN)?).ok_or(BROKEN)?;
            let mut cell = Reader::new(cell);
            let (address, price_per_second) = (Address::read(&mut cell)?, u64::read(&mut cell)?);
            let _previous = u32::read(&mut cell)?;
            link = u32::read(&mut cell)?;
            waiting.push(Waiting { index, address, price_per_second });
        }
        if link != 0 {
            return Err(BROKEN);
        }
        Ok(Self { header, fifo, capacity, waiting })
    }

    /// The hint for an account that waits.
    pub fn index_of(&self, address: &Address) -> Option<u32> {
        self.waiting.iter().find(|waiting| waiting.address == *address).map(|waiting| waiting.index)
    }
}

impl Session {
    /// The queue of a market.
    pub async fn queue(&self, market: &Address) -> Result<Queue, ClientError> {
        const WHAT: &str = "queue";
        let address = pda::jobs::queue(market);
        let account = self
            .raw_account(&address)
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
    fn stored() -> Vec<u8> {
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
            reserved: [0; 48],
        };
        let mut data = header.to_data();
        3_u32.write(&mut data);
        for (byte, price, previous, next) in
            [(3, 30_u64, 3_u32, 0_u32), (0, 0, 0, 0), (2, 20, 0, 1)]
        {
            data.extend([byte; 32]);
            price.write(&mut data);
            previous.write(&mut data);
            next.write(&mut data);
        }
        data
    }

    #[test]
    fn the_order_is_the_lines() {
        let queue = Queue::decode(&stored()).unwrap();
        let waiting = |index, byte, price_per_second| Waiting {
            index,
            address: Address::new_from_array([byte; 32]),
            price_per_second,
        };
        assert_eq!(queue.waiting, [waiting(2, 2, 20), waiting(0, 3, 30)]);
        assert_eq!(queue.index_of(&Address::new_from_array([3; 32])), Some(0));
        assert_eq!((queue.capacity, Queue::size(3)), (3, stored().len()));
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut data = stored();
        let next_of_the_last = QueueHeader::SIZE + 4 + 44;
        data[next_of_the_last] = 3;
        assert!(Queue::decode(&data).is_err());
    }

    #[test]
    fn a_cut_queue_is_refused() {
        let data = stored();
        assert!(Queue::decode(&data[..data.len() - 1]).is_err());
        assert!(Queue::decode(&data[..QueueHeader::SIZE + 3]).is_err());
        assert!(Queue::decode(&[0; 200]).is_err());
    }
}
