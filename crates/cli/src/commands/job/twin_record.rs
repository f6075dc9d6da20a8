//! The twins of a job that is followed: what a check leaves for the end of the job.

use std::cell::{Cell, RefCell};

use solana_address::Address;

/// A twin that contradicts the result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContradictingTwin {
    /// Its address.
    pub address: Address,
    /// The attempt of the job whose result is disputed.
    pub attempt_id: u64,
}

/// The twins that a command has listed.
#[derive(Debug, Default)]
pub struct TwinRecord {
    listed: RefCell<Vec<Address>>,
    /// Those that may have been listed, and that nothing has ended yet.
    open: RefCell<Vec<Address>>,
    /// The one with the same result, which is to be accepted after the job.
    agreeing: Cell<Option<Address>>,
    /// The one that contradicts a result that is disputed.
    contradicting: Cell<Option<ContradictingTwin>>,
}

impl TwinRecord {
    /// Notes a twin before it is listed: its transaction may land although the command ends.
    pub fn open_twin(&self, twin: Address) {
        let mut open = self.open.borrow_mut();
        if !open.contains(&twin) {
            open.push(twin);
        }
    }

    /// Notes that a twin is listed.
    pub fn note_listed(&self, twin: Address) {
        let mut listed = self.listed.borrow_mut();
        if !listed.contains(&twin) {
            listed.push(twin);
        }
    }

    /// Notes that a twin is open no longer.
    pub fn close_twin(&self, twin: &Address) {
        self.open.borrow_mut().retain(|open| open != twin);
    }

    /// The twins that may run without any use, if this command ends now.
    pub fn open(&self) -> Vec<Address> {
        self.open.borrow().clone()
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
    pub fn note_contradicting(&self, twin: ContradictingTwin) {
        self.contradicting.set(Some(twin));
    }

    /// The twin that contradicts the job; `None` from the second call on.
    pub fn take_contradicting(&self) -> Option<ContradictingTwin> {
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
        let contradicting = ContradictingTwin { address: twin, attempt_id: 1 };
        record.note_contradicting(contradicting);
        assert_eq!(record.take_agreeing(), Some(twin));
        assert_eq!(record.take_contradicting(), Some(contradicting));
        assert_eq!((record.take_agreeing(), record.take_contradicting()), (None, None));
    }

    #[test]
    fn a_twin_is_open_before_it_is_listed_and_stays_listed() {
        let [twin, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let record = TwinRecord::default();
        record.open_twin(twin);
        record.open_twin(twin);
        assert_eq!((record.open(), record.listed()), (vec![twin], vec![]));
        record.note_listed(twin);
        record.note_listed(twin);
        record.open_twin(other);
        assert_eq!(record.open(), [twin, other], "a twin that could not be ended stays open");
        record.close_twin(&twin);
        assert_eq!((record.open(), record.listed()), (vec![other], vec![twin]));
    }
}
