use super::*;
use proptest::prelude::*;
use std::{collections::VecDeque, vec, vec::Vec};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Id {
    id: u32,
    previous: Link,
    next: Link,
}

impl Cell for Id {
    fn is_vacant(&self) -> bool {
        self.id == 0
    }
    fn vacant() -> Self {
        Self::default()
    }
    fn previous_link(&self) -> Link {
        self.previous
    }
    fn next_link(&self) -> Link {
        self.next
    }
    fn set_previous(&mut self, link: Link) {
        self.previous = link;
    }
    fn set_next(&mut self, link: Link) {
        self.next = link;
    }
}

fn id(id: u32) -> Id {
    Id { id, ..Id::default() }
}

fn pop(fifo: &mut Fifo, cells: &mut [Id], side: Side) -> Result<Option<u32>, FifoError> {
    Ok(fifo.pop_front(cells, side)?.map(|entry| entry.id))
}

#[test]
fn the_byte_of_a_side_round_trips() {
    for side in [Side::Empty, Side::Jobs, Side::Nodes] {
        assert_eq!(Side::from_byte(side as u8), Some(side));
    }
    assert_eq!(Side::from_byte(3), None);
}

#[test]
fn a_queue_that_lost_cells_is_full() {
    let mut cells = [Id::default(); 2];
    let mut shrunk = Fifo { touched: 3, ..Fifo::EMPTY };
    assert_eq!(shrunk.push_back(&mut cells, Side::Jobs, id(1)), Err(FifoError::Full));
}

#[test]
fn first_in_first_out_and_the_head_goes_first() {
    let (mut fifo, mut cells) = (Fifo::EMPTY, [Id::default(); 4]);
    for number in 1..=3 {
        assert!(fifo.push_back(&mut cells, Side::Jobs, id(number)).is_ok());
    }
    assert_eq!(fifo.push_front(&mut cells, Side::Jobs, id(9)), Ok(3));
    assert_eq!(fifo.push_back(&mut cells, Side::Jobs, id(4)), Err(FifoError::Full));
    for expected in [9, 1, 2, 3] {
        assert_eq!(pop(&mut fifo, &mut cells, Side::Jobs), Ok(Some(expected)));
    }
    assert_eq!(pop(&mut fifo, &mut cells, Side::Jobs), Ok(None));
    assert_eq!((fifo.side, fifo.live, fifo.touched), (Side::Empty, 0, 4));
}

#[test]
fn one_side_waits_at_a_time() {
    let (mut fifo, mut cells) = (Fifo::EMPTY, [Id::default(); 4]);
    assert!(fifo.push_back(&mut cells, Side::Nodes, id(1)).is_ok());
    assert_eq!(fifo.push_back(&mut cells, Side::Jobs, id(2)), Err(FifoError::WrongSide));
    assert_eq!(fifo.push_front(&mut cells, Side::Jobs, id(2)), Err(FifoError::WrongSide));
    assert_eq!(pop(&mut fifo, &mut cells, Side::Jobs), Ok(None));
    assert_eq!(fifo.remove_at(&mut cells, Side::Jobs, 0, |_| true), Err(FifoError::NotThere));
    assert_eq!(pop(&mut fifo, &mut cells, Side::Nodes), Ok(Some(1)));
    assert!(
        fifo.push_back(&mut cells, Side::Jobs, id(2)).is_ok(),
        "an empty queue takes either side"
    );
}

#[test]
fn a_hint_must_be_right_and_a_gap_costs_nothing() {
    let (mut fifo, mut cells) = (Fifo::EMPTY, [Id::default(); 4]);
    for number in 1..=3 {
        assert!(fifo.push_back(&mut cells, Side::Jobs, id(number)).is_ok());
    }
    for index in [0, 2, 3, 4, u32::MAX] {
        assert_eq!(
            fifo.remove_at(&mut cells, Side::Jobs, index, |entry| entry.id == 2),
            Err(FifoError::NotThere)
        );
    }
    assert_eq!(
        fifo.remove_at(&mut cells, Side::Jobs, 1, |entry| entry.id == 2).map(|entry| entry.id),
        Ok(2)
    );
    assert_eq!(
        fifo.remove_at(&mut cells, Side::Jobs, 1, |_| true),
        Err(FifoError::NotThere),
        "it has left"
    );
    assert_eq!(fifo.push_back(&mut cells, Side::Jobs, id(4)), Ok(1), "its cell is used again");
    for expected in [1, 3, 4] {
        assert_eq!(pop(&mut fifo, &mut cells, Side::Jobs), Ok(Some(expected)));
    }
}

#[test]
fn the_first_that_is_wanted_is_found_and_stays() {
    let (mut fifo, mut cells) = (Fifo::EMPTY, [Id::default(); 4]);
    for number in [1, 2, 3] {
        assert!(fifo.push_back(&mut cells, Side::Nodes, id(number)).is_ok());
    }
    assert_eq!(fifo.push_front(&mut cells, Side::Nodes, id(9)), Ok(3));

    let before = (fifo, cells);
    let find = |side, wanted: fn(u32) -> bool| {
        let found = fifo.find_first(&cells, side, |entry: &Id| wanted(entry.id));
        found.map(|found| found.map(|(index, entry)| (index, entry.id)))
    };
    assert_eq!(find(Side::Nodes, |_| true), Ok(Some((3, 9))));
    assert_eq!(find(Side::Nodes, |id| id != 9), Ok(Some((0, 1))));
    assert_eq!(find(Side::Nodes, |id| id == 3), Ok(Some((2, 3))));
    assert_eq!(find(Side::Nodes, |id| id == 4), Ok(None));
    assert_eq!(find(Side::Jobs, |_| true), Ok(None));
    assert_eq!((fifo, cells), before);
}

#[test]
fn contradictions_are_errors_and_not_panics() {
    let mut cells = [Id::default(); 2];
    for broken in [
        Fifo { side: Side::Jobs, first: 9, last: 9, live: 1, touched: 1, ..Fifo::EMPTY },
        Fifo { side: Side::Jobs, first: 1, last: 1, live: 1, touched: 1, ..Fifo::EMPTY },
        Fifo { side: Side::Jobs, live: 1, touched: 1, ..Fifo::EMPTY },
    ] {
        assert_eq!(
            { broken }.pop_front(&mut cells, Side::Jobs),
            Err(FifoError::Corrupt),
            "{broken:?}"
        );
        let found = broken.find_first(&cells, Side::Jobs, |_| true);
        assert_eq!(found, Err(FifoError::Corrupt), "{broken:?}");
    }
    let vacated = Fifo { vacated: 9, ..Fifo::EMPTY };
    assert_eq!({ vacated }.push_back(&mut cells, Side::Jobs, id(1)), Err(FifoError::Corrupt));
    for broken in [
        Fifo { live: 1, ..Fifo::EMPTY },
        Fifo { touched: 3, ..Fifo::EMPTY },
        Fifo { side: Side::Jobs, ..Fifo::EMPTY },
        Fifo { first: 1, touched: 1, ..Fifo::EMPTY },
        Fifo { vacated: 1, ..Fifo::EMPTY },
    ] {
        assert_eq!(broken.invariant(2), Err(FifoError::Corrupt), "{broken:?}");
    }
}

/// Walks the fifo both ways; returns the entries in order.
fn walk(fifo: &Fifo, cells: &[Id]) -> Vec<u32> {
    let (mut found, mut place, mut before) = (vec![], fifo.first, 0);
    while place != 0 {
        let entry = cells[place as usize - 1];
        assert_eq!(entry.previous, before);
        assert!(entry.id != 0 && found.len() <= cells.len());
        found.push(entry.id);
        (before, place) = (place, entry.next);
    }
    assert_eq!(fifo.last, before);
    found
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Back(bool),
    Front(bool),
    Pop(bool),
    Remove(usize),
    Grow(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => any::<bool>().prop_map(Op::Back),
        2 => any::<bool>().prop_map(Op::Front),
        4 => any::<bool>().prop_map(Op::Pop),
        3 => (0..8_usize).prop_map(Op::Remove),
        1 => (1..4_usize).prop_map(Op::Grow),
    ];
    proptest::collection::vec(op, 0..200)
}

proptest! {
    /// Against a queue of the standard library: the same entries in the same order, and every cell
    /// accounted for.
    #[test]
    fn it_is_a_queue(ops in ops(), capacity in 1..6_usize) {
        let (mut fifo, mut cells) = (Fifo::EMPTY, vec![Id::default(); capacity]);
        let (mut model, mut side, mut number) = (VecDeque::new(), Side::Empty, 0_u32);
        let side_of = |jobs| if jobs { Side::Jobs } else { Side::Nodes };
        for op in ops {
            match op {
                Op::Back(jobs) | Op::Front(jobs) => {
                    number += 1;
                    let wanted = side_of(jobs);
                    let back = matches!(op, Op::Back(_));
                    let pushed = if back { fifo.push_back(&mut cells, wanted, id(number)) }
                        else { fifo.push_front(&mut cells, wanted, id(number)) };
                    if !model.is_empty() && side != wanted {
                        prop_assert_eq!(pushed, Err(FifoError::WrongSide));
                    } else if model.len() == cells.len() {
                        prop_assert_eq!(pushed, Err(FifoError::Full));
                    } else {
                        prop_assert_eq!(pushed.map(|index| cells[index as usize].id), Ok(number));
                        side = wanted;
                        if back { model.push_back(number) } else { model.push_front(number) }
                    }
                }
                Op::Pop(jobs) => {
                    let popped = pop(&mut fifo, &mut cells, side_of(jobs)).unwrap();
                    let expected = if side == side_of(jobs) { model.pop_front() } else { None };
                    prop_assert_eq!(popped, expected);
                }
                Op::Remove(nth) => if let Some(wanted) = model.get(nth).copied() {
                    let is_wanted = |entry: &Id| entry.id == wanted;
                    let (index, found) = fifo.find_first(&cells, side, is_wanted).unwrap().unwrap();
                    prop_assert_eq!(cells[index as usize], found);
                    prop_assert_eq!(fifo.remove_at(&mut cells, side, index, is_wanted), Ok(found));
                    model.remove(nth);
                },
                Op::Grow(more) => cells.extend(vec![Id::default(); more]),
            }
            if model.is_empty() { side = Side::Empty; }
            prop_assert_eq!(fifo.side, side);
            prop_assert_eq!(fifo.live as usize, model.len());
            prop_assert_eq!(fifo.invariant(cells.len()), Ok(()));
            prop_assert_eq!(walk(&fifo, &cells), model.iter().copied().collect::<Vec<_>>());
        }
    }
}
