use super::*;
use proptest::prelude::*;
use std::{collections::VecDeque, vec, vec::Vec};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id(u32);

impl Cell for Id {
    fn is_vacant(&self) -> bool {
        self.0 == 0
    }
    fn vacant() -> Self {
        Self(0)
    }
}

#[test]
fn first_in_first_out_and_the_head_goes_first() {
    let (mut ring, mut cells) = (Ring::EMPTY, [Id(0); 4]);
    for id in 1..=3 {
        assert!(ring.push_back(&mut cells, Side::Jobs, Id(id)).is_ok());
    }
    assert_eq!(ring.push_front(&mut cells, Side::Jobs, Id(9)), Ok(3), "wraps below zero");
    assert_eq!(ring.push_back(&mut cells, Side::Jobs, Id(4)), Err(RingError::Full));
    for expected in [9, 1, 2, 3] {
        assert_eq!(ring.pop_front(&mut cells, Side::Jobs), Ok(Some(Id(expected))));
    }
    assert_eq!((ring, ring.pop_front(&mut cells, Side::Jobs)), (Ring::EMPTY, Ok(None)));
}

#[test]
fn one_side_waits_at_a_time() {
    let (mut ring, mut cells) = (Ring::EMPTY, [Id(0); 4]);
    assert!(ring.push_back(&mut cells, Side::Nodes, Id(1)).is_ok());
    assert_eq!(ring.push_back(&mut cells, Side::Jobs, Id(2)), Err(RingError::WrongSide));
    assert_eq!(ring.push_front(&mut cells, Side::Jobs, Id(2)), Err(RingError::WrongSide));
    assert_eq!(ring.pop_front(&mut cells, Side::Jobs), Ok(None));
    assert_eq!(ring.remove(&mut cells, Side::Jobs, 0, |_| true), Err(RingError::NotThere));
}

#[test]
fn a_hint_must_be_right() {
    let (mut ring, mut cells) = (Ring::EMPTY, [Id(0); 4]);
    for id in 1..=3 {
        assert!(ring.push_back(&mut cells, Side::Jobs, Id(id)).is_ok());
    }
    for index in [0, 2, 3, 4, u32::MAX] {
        assert_eq!(ring.remove(&mut cells, Side::Jobs, index, |id| id.0 == 2), Err(RingError::NotThere), "{index}");
    }
    assert_eq!(ring.remove(&mut cells, Side::Jobs, 1, |id| id.0 == 2), Ok(Id(2)));
    assert_eq!(ring.remove(&mut cells, Side::Jobs, 1, |_| true), Err(RingError::NotThere), "a tombstone");
    assert_eq!(ring.pop_front(&mut cells, Side::Jobs), Ok(Some(Id(1))));
    assert_eq!(ring.pop_front(&mut cells, Side::Jobs), Ok(Some(Id(3))), "skips the tombstone");
}

#[test]
fn skipping_is_bounded_and_compaction_helps() {
    let (mut ring, mut cells) = (Ring::EMPTY, [Id(0); 64]);
    for id in 1..=40 {
        assert!(ring.push_back(&mut cells, Side::Jobs, Id(id)).is_ok());
    }
    for index in 1..=30 {
        assert!(ring.remove(&mut cells, Side::Jobs, index, |_| true).is_ok());
    }
    assert!(ring.remove(&mut cells, Side::Jobs, 0, |_| true).is_ok());
    let stuck = ring.pop_front(&mut cells, Side::Jobs);
    assert_eq!(stuck, Err(RingError::Tombstones));
    assert!(ring.trim_front(&cells, 100).is_ok());
    assert_eq!(ring.pop_front(&mut cells, Side::Jobs), Ok(Some(Id(32))));
}

#[test]
fn a_corrupt_header_is_refused() {
    for (head, used, live, side) in [(4, 0, 0, Side::Empty), (0, 5, 1, Side::Jobs), (0, 1, 2, Side::Jobs)] {
        assert_eq!(Ring { side, head, used, live }.invariant(4), Err(RingError::Corrupt));
    }
    assert_eq!(Ring { side: Side::Jobs, ..Ring::EMPTY }.invariant(4), Err(RingError::Corrupt));
    assert_eq!(Ring::EMPTY.invariant(0), Ok(()));
}

/// Grows the cells as the queue's account does.
fn grow(ring: &mut Ring, cells: &mut Vec<Id>, by: usize) {
    let old = cells.len();
    cells.resize(old + by, Id(0));
    if let Some((from, count)) = wrapped_tail(ring, old as u32) {
        let (from, count) = (from as usize, count as usize);
        let to = cells.len() - count;
        cells.copy_within(from..from + count, to);
        let vacated = from..to.min(from + count);
        cells[vacated].fill(Id(0));
        ring.head = to as u32;
    }
}

proptest! {
    #[test]
    fn behaves_like_a_deque(operations in proptest::collection::vec((0..7u8, any::<u16>()), 1..300)) {
        let (mut ring, mut cells) = (Ring::EMPTY, vec![Id(0); 5]);
        let mut model: VecDeque<Id> = VecDeque::new();
        for (next, (operation, choice)) in operations.into_iter().enumerate() {
            let id = Id(next as u32 + 1);
            match operation {
                0 | 1 => if ring.push_back(&mut cells, Side::Jobs, id).is_ok() { model.push_back(id) },
                2 => if ring.push_front(&mut cells, Side::Jobs, id).is_ok() { model.push_front(id) },
                3 => {
                    let popped = ring.pop_front(&mut cells, Side::Jobs);
                    if popped != Err(RingError::Tombstones) {
                        prop_assert_eq!(popped, Ok(model.pop_front()));
                    }
                }
                4 | 5 => if !model.is_empty() {
                    let id = model.remove(usize::from(choice) % model.len()).unwrap_or(Id(0));
                    let index = cells.iter().position(|cell| *cell == id).unwrap_or(usize::MAX) as u32;
                    prop_assert_eq!(ring.remove(&mut cells, Side::Jobs, index, |cell| *cell == id), Ok(id));
                },
                _ => if cells.len() < 60 { grow(&mut ring, &mut cells, 3) },
            }
            prop_assert_eq!(ring.invariant(cells.len()), Ok(()));
            prop_assert_eq!(ring.live as usize, model.len());
            let in_order: Vec<Id> = (0..ring.used)
                .map(|offset| cells[(ring.head + offset) as usize % cells.len()])
                .filter(|cell| !cell.is_vacant())
                .collect();
            prop_assert_eq!(&in_order, &Vec::from(model.clone()));
        }
    }
}
