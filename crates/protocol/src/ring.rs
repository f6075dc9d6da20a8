//! The ring that a market's queue is made of.
//!
//! It is two-sided: it holds waiting jobs or waiting nodes, never both. First in, first out; an entry whose match fell
//! through returns to the head. All operations touch a bounded number of cells, however long the queue is: an entry
//! that leaves from the middle leaves a tombstone, which is skipped later, at most [`SKIP_LIMIT`] at a time.
//!
//! The cells belong to the caller (the tail of an account); this module only decides which of them to read and write.

/// The most tombstones that one operation skips.
pub const SKIP_LIMIT: u32 = 16;

/// What waits in a queue.
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

/// One cell of the ring. Zeroed memory must read as vacant.
pub trait Cell: Copy {
    /// Whether nothing waits here.
    fn is_vacant(&self) -> bool;
    /// A cell in which nothing waits.
    fn vacant() -> Self;
}

/// Where the ring stands within its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    /// What waits.
    pub side: Side,
    /// The first cell in use.
    pub head: u32,
    /// Cells in use from the head on, tombstones among them.
    pub used: u32,
    /// Entries that wait.
    pub live: u32,
}

/// Why the ring refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingError {
    /// Every cell is in use: grow the queue.
    Full,
    /// The other side waits.
    WrongSide,
    /// The hint does not point at the entry.
    NotThere,
    /// More than [`SKIP_LIMIT`] tombstones lie at the head: compact first.
    Tombstones,
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

impl Ring {
    /// A ring in which nothing waits.
    pub const EMPTY: Self = Self { side: Side::Empty, head: 0, used: 0, live: 0 };

    /// Appends `entry`; returns the cell it went to.
    pub fn push_back<C: Cell>(&mut self, cells: &mut [C], side: Side, entry: C) -> Result<u32, RingError> {
        self.accept(cells.len(), side)?;
        let index = self.cell_at(cells.len(), self.used)?;
        self.write(cells, index, entry)?;
        Ok(index)
    }

    /// Puts `entry` before all others; returns the cell it went to.
    pub fn push_front<C: Cell>(&mut self, cells: &mut [C], side: Side, entry: C) -> Result<u32, RingError> {
        self.accept(cells.len(), side)?;
        let capacity = u32::try_from(cells.len()).map_err(|_| RingError::Corrupt)?;
        let index = self.head.checked_sub(1).or(capacity.checked_sub(1)).ok_or(RingError::Corrupt)?;
        self.head = index;
        self.write(cells, index, entry)?;
        Ok(index)
    }

    /// Takes the first entry of `side`, if one waits.
    pub fn pop_front<C: Cell>(&mut self, cells: &mut [C], side: Side) -> Result<Option<C>, RingError> {
        if self.side != side || self.live == 0 {
            return Ok(None);
        }
        self.trim_front(cells, SKIP_LIMIT)?;
        let entry = self.read(cells, self.head)?;
        if entry.is_vacant() {
            return Err(RingError::Tombstones);
        }
        self.remove_at(cells, self.head)?;
        Ok(Some(entry))
    }

    /// Takes the entry in the cell `index` if it lies within the ring and `is_it` agrees.
    pub fn remove<C: Cell>(
        &mut self,
        cells: &mut [C],
        side: Side,
        index: u32,
        is_it: impl FnOnce(&C) -> bool,
    ) -> Result<C, RingError> {
        if self.side != side || !self.contains(cells.len(), index)? {
            return Err(RingError::NotThere);
        }
        let entry = self.read(cells, index)?;
        if entry.is_vacant() || !is_it(&entry) {
            return Err(RingError::NotThere);
        }
        self.remove_at(cells, index)?;
        Ok(entry)
    }

    /// Drops up to `limit` tombstones from the head; returns how many.
    pub fn trim_front<C: Cell>(&mut self, cells: &[C], limit: u32) -> Result<u32, RingError> {
        let mut dropped = 0_u32;
        while dropped < limit && self.used > self.live && self.read(cells, self.head)?.is_vacant() {
            self.head = self.cell_at(cells.len(), 1)?;
            self.used = self.used.checked_sub(1).ok_or(RingError::Corrupt)?;
            dropped = dropped.saturating_add(1);
        }
        Ok(dropped)
    }

    /// Checks what must always hold.
    pub fn invariant(&self, capacity: usize) -> Result<(), RingError> {
        let in_range = self.live <= self.used
            && usize::try_from(self.used).is_ok_and(|used| used <= capacity)
            && usize::try_from(self.head).is_ok_and(|head| head < capacity.max(1));
        let empty_is_empty = (self.live == 0) == (self.side == Side::Empty) && (self.live > 0 || self.used == 0);
        if in_range && empty_is_empty { Ok(()) } else { Err(RingError::Corrupt) }
    }

    fn accept(&mut self, capacity: usize, side: Side) -> Result<(), RingError> {
        if self.live > 0 && self.side != side {
            return Err(RingError::WrongSide);
        }
        if usize::try_from(self.used).is_ok_and(|used| used >= capacity) {
            return Err(RingError::Full);
        }
        self.side = side;
        Ok(())
    }

    fn write<C: Cell>(&mut self, cells: &mut [C], index: u32, entry: C) -> Result<(), RingError> {
        *cell_mut(cells, index)? = entry;
        self.used = self.used.checked_add(1).ok_or(RingError::Corrupt)?;
        self.live = self.live.checked_add(1).ok_or(RingError::Corrupt)?;
        Ok(())
    }

    fn read<C: Cell>(&self, cells: &[C], index: u32) -> Result<C, RingError> {
        usize::try_from(index).ok().and_then(|index| cells.get(index)).copied().ok_or(RingError::Corrupt)
    }

    fn remove_at<C: Cell>(&mut self, cells: &mut [C], index: u32) -> Result<(), RingError> {
        *cell_mut(cells, index)? = C::vacant();
        self.live = self.live.checked_sub(1).ok_or(RingError::Corrupt)?;
        if self.live == 0 {
            *self = Self::EMPTY;
        } else if index == self.head {
            self.trim_front(cells, 1)?;
        } else if index == self.cell_at(cells.len(), self.used.saturating_sub(1))? {
            self.used = self.used.checked_sub(1).ok_or(RingError::Corrupt)?;
        }
        Ok(())
    }

    fn contains(&self, capacity: usize, index: u32) -> Result<bool, RingError> {
        let capacity = u32::try_from(capacity).map_err(|_| RingError::Corrupt)?;
        let distance = match index.checked_sub(self.head) {
            Some(ahead) => ahead,
            None => {
                capacity.checked_sub(self.head).and_then(|rest| rest.checked_add(index)).ok_or(RingError::Corrupt)?
            }
        };
        Ok(index < capacity && distance < self.used)
    }

    /// The cell `offset` places behind the head. Both are within the capacity, so one subtraction wraps.
    fn cell_at(&self, capacity: usize, offset: u32) -> Result<u32, RingError> {
        let capacity = u32::try_from(capacity).map_err(|_| RingError::Corrupt)?;
        let sum = self.head.checked_add(offset).ok_or(RingError::Corrupt)?;
        Ok(sum.checked_sub(capacity).unwrap_or(sum))
    }
}

fn cell_mut<C>(cells: &mut [C], index: u32) -> Result<&mut C, RingError> {
    usize::try_from(index).ok().and_then(|index| cells.get_mut(index)).ok_or(RingError::Corrupt)
}

/// Cells to move when a wrapped ring grows from `capacity`, as `(from, count)`: they go to the new end, so that the
/// order stays. The head moves with them.
///
/// Returns `None` if the ring does not wrap: then new cells at the end change nothing.
pub const fn wrapped_tail(ring: &Ring, capacity: u32) -> Option<(u32, u32)> {
    match ring.head.checked_add(ring.used) {
        Some(end) if end > capacity => match capacity.checked_sub(ring.head) {
            Some(count) => Some((ring.head, count)),
            None => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests;
