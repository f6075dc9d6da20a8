//! The queue in which a market's jobs or nodes wait.
//!
//! It is two-sided: it holds waiting jobs or waiting nodes, never both. First in, first out; an
//! entry whose match failed may return to the head. It is a doubly linked list in an array of
//! cells. So every operation touches a handful of cells at any length, removing an entry from the
//! middle leaves no gap, an entry keeps its cell until it leaves, and cells that are added at the
//! end of the array move nothing.
//!
//! The cells belong to the caller (the tail of an account); this module only decides which of them
//! to read and write.

/// The side that waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    /// Nothing.
    Empty = 0,
    /// Jobs, for nodes.
    Jobs = 1,
    /// Nodes, for jobs.
    Nodes = 2,
}

/// A cell's number plus one; zero for none. So zeroed memory links to nothing.
pub type Link = u32;

/// One cell. Zeroed memory must read as vacant and unlinked.
pub trait Cell: Copy {
    /// Whether nothing waits here.
    fn is_vacant(&self) -> bool;
    /// A cell in which nothing waits.
    fn vacant() -> Self;
    /// The cell before this one.
    fn previous_link(&self) -> Link;
    /// The cell behind this one; of a vacant cell, the next vacant one.
    fn next_link(&self) -> Link;
    /// Changes [`Self::previous`].
    fn set_previous(&mut self, link: Link);
    /// Changes [`Self::next`].
    fn set_next(&mut self, link: Link);
}

/// The position of a queue within its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fifo {
    /// The side that waits.
    pub side: Side,
    /// The entry that leaves first.
    pub first: Link,
    /// The entry that came last.
    pub last: Link,
    /// The first of the vacant cells that were in use before.
    pub vacated: Link,
    /// Cells that were ever in use: all behind them are vacant.
    pub touched: u32,
    /// Entries that wait.
    pub live: u32,
}

/// Why a queue operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FifoError {
    /// Every cell is in use. Grow the queue.
    Full,
    /// The other side waits.
    WrongSide,
    /// The hint does not point at the entry.
    NotThere,
    /// The stored state contradicts itself.
    Corrupt,
}

impl Side {
    /// Reads the byte that a queue stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Empty),
            1 => Some(Self::Jobs),
            2 => Some(Self::Nodes),
            _ => None,
        }
    }
}

impl Fifo {
    /// A queue that was never used.
    pub const EMPTY: Self =
        Self { side: Side::Empty, first: 0, last: 0, vacated: 0, touched: 0, live: 0 };

    /// Appends `entry` and returns the index of its cell.
    pub fn push_back<C: Cell>(
        &mut self,
        cells: &mut [C],
        side: Side,
        mut entry: C,
    ) -> Result<u32, FifoError> {
        let index = self.reserve_cell(cells, side)?;

        entry.set_previous(self.last);
        entry.set_next(0);

        *get_cell(cells, index)? = entry;

        let link = link_to(index)?;
        match self.last {
            0 => self.first = link,
            last => cell_at(cells, last)?.set_next(link),
        }

        self.last = link;

        Ok(index)
    }

    /// Inserts `entry` before all others and returns the index of its cell.
    pub fn push_front<C: Cell>(
        &mut self,
        cells: &mut [C],
        side: Side,
        mut entry: C,
    ) -> Result<u32, FifoError> {
        let index = self.reserve_cell(cells, side)?;

        entry.set_previous(0);
        entry.set_next(self.first);

        *get_cell(cells, index)? = entry;

        let link = link_to(index)?;
        match self.first {
            0 => self.last = link,
            first => cell_at(cells, first)?.set_previous(link),
        }

        self.first = link;

        Ok(index)
    }

    /// Removes and returns the first entry of `side`, if one waits.
    pub fn pop_front<C: Cell>(
        &mut self,
        cells: &mut [C],
        side: Side,
    ) -> Result<Option<C>, FifoError> {
        if self.side != side || self.live == 0 {
            return Ok(None);
        }

        let first = self.first.checked_sub(1).ok_or(FifoError::Corrupt)?;
        self.take_cell(cells, first).map(Some)
    }

    /// Removes and returns the entry in the cell `index`, if one waits there and `is_it` accepts
    /// it.
    pub fn remove_at<C: Cell>(
        &mut self,
        cells: &mut [C],
        side: Side,
        index: u32,
        is_it: impl FnOnce(&C) -> bool,
    ) -> Result<C, FifoError> {
        let there = usize::try_from(index).ok().and_then(|index| cells.get(index));
        let there = there.is_some_and(|cell| !cell.is_vacant() && is_it(cell));

        if self.side != side || !there {
            return Err(FifoError::NotThere);
        }

        self.take_cell(cells, index)
    }

    /// Returns the first entry of `side` that `is_wanted` accepts, and the index of its cell, if
    /// there is one. Reads each cell that it passes: the caller bounds how many there are.
    pub fn find_first<C: Cell>(
        &self,
        cells: &[C],
        side: Side,
        is_wanted: impl Fn(&C) -> bool,
    ) -> Result<Option<(u32, C)>, FifoError> {
        if self.side != side {
            return Ok(None);
        }

        let mut link = self.first;
        for _ in 0..self.live {
            let index = link.checked_sub(1).ok_or(FifoError::Corrupt)?;
            let place = usize::try_from(index).ok().and_then(|index| cells.get(index));
            let entry = place.filter(|entry| !entry.is_vacant()).ok_or(FifoError::Corrupt)?;
            if is_wanted(entry) {
                return Ok(Some((index, *entry)));
            }
            link = entry.next_link();
        }
        Ok(None)
    }

    /// Checks the bounds and links that must hold after every operation.
    pub fn invariant(&self, capacity: usize) -> Result<(), FifoError> {
        let in_range = self.live <= self.touched
            && usize::try_from(self.touched).is_ok_and(|count| count <= capacity);

        let linked = [self.first, self.last]
            .iter()
            .all(|link| *link <= self.touched && (*link == 0) == (self.live == 0));

        let sided = (self.live == 0) == (self.side == Side::Empty);

        if in_range && linked && sided && self.vacated <= self.touched {
            Ok(())
        } else {
            Err(FifoError::Corrupt)
        }
    }

    /// Sets the side, counts one more entry, and returns the index of a vacant cell for it.
    fn reserve_cell<C: Cell>(&mut self, cells: &mut [C], side: Side) -> Result<u32, FifoError> {
        if self.live > 0 && self.side != side {
            return Err(FifoError::WrongSide);
        }

        let index = match self.vacated.checked_sub(1) {
            Some(index) => {
                self.vacated = get_cell(cells, index)?.next_link();
                index
            }
            None => {
                let index = self.touched;
                if usize::try_from(index).map_or(true, |index| index >= cells.len()) {
                    return Err(FifoError::Full);
                }
                self.touched = index.checked_add(1).ok_or(FifoError::Corrupt)?;
                index
            }
        };

        self.side = side;
        self.live = self.live.checked_add(1).ok_or(FifoError::Corrupt)?;

        Ok(index)
    }

    /// Removes the entry from the cell `index`, links its neighbors, and keeps the cell for reuse.
    fn take_cell<C: Cell>(&mut self, cells: &mut [C], index: u32) -> Result<C, FifoError> {
        let place = get_cell(cells, index)?;
        let entry = *place;
        if entry.is_vacant() {
            return Err(FifoError::Corrupt);
        }

        *place = C::vacant();
        place.set_next(self.vacated);
        self.vacated = link_to(index)?;

        match entry.previous_link() {
            0 => self.first = entry.next_link(),
            previous => cell_at(cells, previous)?.set_next(entry.next_link()),
        }

        match entry.next_link() {
            0 => self.last = entry.previous_link(),
            next => cell_at(cells, next)?.set_previous(entry.previous_link()),
        }

        self.live = self.live.checked_sub(1).ok_or(FifoError::Corrupt)?;
        if self.live == 0 {
            self.side = Side::Empty;
        }
        Ok(entry)
    }
}

fn link_to(index: u32) -> Result<Link, FifoError> {
    index.checked_add(1).ok_or(FifoError::Corrupt)
}

fn cell_at<C: Cell>(cells: &mut [C], link: Link) -> Result<&mut C, FifoError> {
    get_cell(cells, link.checked_sub(1).ok_or(FifoError::Corrupt)?)
}

fn get_cell<C: Cell>(cells: &mut [C], index: u32) -> Result<&mut C, FifoError> {
    usize::try_from(index).ok().and_then(|index| cells.get_mut(index)).ok_or(FifoError::Corrupt)
}

#[cfg(test)]
mod tests;
