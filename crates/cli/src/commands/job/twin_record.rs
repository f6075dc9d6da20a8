//! The twins of a job that is followed: what a check leaves for the end of the job.

use std::cell::{Cell, RefCell};

use solana_address::Address;

/// The twins that a command has listed.
#[derive(Debug, Default)]
pub struct TwinRecord {
    listed: RefCell<Vec<Address>>,
    /// The one that may have been listed, and that nothing has ended yet.
    open: Cell<Option<Address>>,
    /// The one with the same result, which is to be accepted after the job.
    agreeing: Cell<Option<Address>>,
    /// The one that contradicts a result that is disputed.
    contradicting: Cell<Option<Address>>,
}

impl TwinRecord {
    /// Notes a twin before it is listed: its transaction may land although the command ends.
    pub fn open_twin(&self, twin: Address) {
        self.open.set(Some(twin));
    }

    /// Notes that the open twin is listed.
    pub fn note_listed(&self, twin: Address) {
        self.listed.borrow_mut().push(twin);
    }

    /// Notes that no twin is open any more.
    pub fn close_twin(&self) {
        self.open.set(None);
    }

    /// The twin that may run without any use, if this command ends now.
    pub fn open(&self) -> Option<Address> {
        self.open.get()
    }

    /// The twins that were listed.
    pub fn listed(&self) -> Vec<Address> {
        self.listed.borrow().clone()
    }

    /// Notes that a twin has the same result as the job.
    pub fn note_agreeing(&self, twin: Address) {
        self.agreeing.set(Some(twin));
    }

    /// The twin with the same result; `None` from the second call on.
    pub fn take_agreeing(&self) -> Option<Address> {
        self.agreeing.take()
    }

    /// Notes that a twin contradicts the job, whose result is disputed.
    pub fn note_contradicting(&self, twin: Address) {
        self.contradicting.set(Some(twin));
    }

    /// The twin that contradicts the job; `None` from the second call on.
    pub fn take_contradicting(&self) -> Option<Address> {
        self.contradicting.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_follows_from_a_twin_twice() {
        let twin = Address::new_from_array([1; 32]);
        let record = TwinRecord::default();
        assert_eq!((record.take_agreeing(), record.take_contradicting()), (None, None));
        record.note_agreeing(twin);
        record.note_contradicting(twin);
        assert_eq!((record.take_agreeing(), record.take_contradicting()), (Some(twin), Some(twin)));
        assert_eq!((record.take_agreeing(), record.take_contradicting()), (None, None));
    }

    #[test]
    fn a_twin_is_open_before_it_is_listed_and_stays_listed() {
        let twin = Address::new_from_array([1; 32]);
        let record = TwinRecord::default();
        record.open_twin(twin);
        assert_eq!((record.open(), record.listed()), (Some(twin), vec![]));
        record.note_listed(twin);
        record.close_twin();
        assert_eq!((record.open(), record.listed()), (None, vec![twin]));
    }
}
