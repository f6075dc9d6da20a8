//! The generator's output, compared with bytes written by hand. Anchor 2 generates the IDL from
//! `tests/fixtures/tiny/program.rs`.

use solana_address::Address;
use solana_instruction::AccountMeta;

use super::tiny::{
    self, Error, ID,
    accounts::{Job, QueueHeader},
    constants::LIMIT,
    events::{Event, Listed, Noted},
    instructions::{Count, List, find_name},
    types::{Inner, Kind, Params, Terms},
};
use crate::codec::{DecodeError, ProgramAccount};

fn test_address(byte: u8) -> Address {
    Address::new_from_array([byte; 32])
}

fn list_instruction() -> List {
    List {
        payer: test_address(1),
        job: test_address(2),
        queue: test_address(3),
        maybe: None,
        q: test_address(4),
        job2: test_address(5),
        token: test_address(6),
        price: 0x0102,
        max_price: Some(3),
        digest: [9; 32],
        who: test_address(7),
        params: Params { price: 4, opt: Some(-1), kind: Kind::Service { n: 5 }, digest: [8; 32] },
        big: 1 << 64,
        flag: true,
    }
}

#[test]
fn arguments_are_borsh() {
    let mut expected = vec![54, 174, 193, 67, 17, 41, 132, 38];
    expected.extend([2, 1, 0, 0, 0, 0, 0, 0]);
    expected.extend([1, 3, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([9; 32]);
    expected.extend([7; 32]);
    expected.extend([4, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([1, 255, 255, 255, 255, 255, 255, 255, 255]);
    expected.extend([1, 5, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([8; 32]);
    expected.extend([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    expected.push(1);
    assert_eq!(list_instruction().data(), expected);

    // The data name the instruction.
    assert_eq!(find_name(&expected), Some("list"));
    assert_eq!(find_name(&expected[..7]), None);

    // The other variants: a price, no `opt`, and the variant's number with its fields.
    let kind = |kind| Params { price: 0, opt: None, kind, digest: [8; 32] };
    let params = |params| {
        List { max_price: None, params, ..list_instruction() }.data().split_off(8 + 8 + 1 + 32 + 32)
    };
    assert!(params(kind(Kind::Batch)).starts_with(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8]));
    assert!(
        params(kind(Kind::Pair(6, 7))).starts_with(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 6, 7, 0, 8])
    );
    assert_eq!(
        Count { q: test_address(1), job2: test_address(2) }.data(),
        [214, 3, 93, 57, 210, 192, 181, 206]
    );
}

#[test]
fn accounts_keep_their_order_and_flags() {
    let system = Address::default();
    let expected = [
        AccountMeta::new(test_address(1), true),
        AccountMeta::new(test_address(2), false),
        AccountMeta::new(test_address(3), false),
        AccountMeta::new_readonly(ID, false),
        AccountMeta::new_readonly(test_address(4), false),
        AccountMeta::new(test_address(5), false),
        AccountMeta::new(test_address(6), false),
        AccountMeta::new_readonly(system, false),
    ];
    let instruction = list_instruction().instruction();
    assert_eq!((instruction.program_id, instruction.accounts), (ID, expected.to_vec()));

    let given = List { maybe: Some(test_address(8)), ..list_instruction() };
    assert_eq!(given.accounts().get(3), Some(&AccountMeta::new_readonly(test_address(8), false)));
    let more = given.instruction_with([AccountMeta::new(test_address(9), false)]);
    assert_eq!(more.accounts.last(), Some(&AccountMeta::new(test_address(9), false)));
}

#[test]
fn accounts_are_read_without_padding() {
    let mut data = vec![75, 124, 80, 203, 161, 180, 202, 80];
    data.extend([1; 32]);
    data.extend([2, 0, 0, 0, 0, 0, 0, 0]);
    data.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    data.extend([4, 0, 0, 0, 5, 5, 5, 5, 6, 0, 0, 0, 7, 7, 7, 7]);
    data.extend([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
    data.push(1);
    data.extend([0; 7]);
    let job = Job {
        owner: test_address(1),
        terms: Terms {
            price: 2,
            acc: 3,
            nested: [Inner { a: 4, b: [5; 4] }, Inner { a: 6, b: [7; 4] }],
        },
        acc: 8 << 64,
        flag: true,
        pad: [0; 7],
    };
    assert_eq!(Job::decode(&data), Ok(job));
    assert_eq!(job.to_data(), data);
    assert_eq!((Job::SIZE, Job::TERMS_OFFSET, Job::FLAG_OFFSET), (data.len(), 40, 96));
    assert_eq!((Job::PROGRAM, Job::NAME), (ID, "Job"));

    data.pop();
    assert_eq!(Job::decode(&data), Err(DecodeError::TooShort { missing: 1 }));
    assert_eq!(
        QueueHeader::decode(&data),
        Err(DecodeError::WrongDiscriminator { expected: "QueueHeader" })
    );
}

#[test]
fn a_queue_has_a_tail() {
    let header = QueueHeader { market: test_address(1), head: 2 };
    let mut data = header.to_data();
    data.extend([7, 8, 9]);
    assert_eq!(QueueHeader::split_data(&data), Ok((header, [7, 8, 9].as_slice())));
}

#[test]
fn events_are_distinguished() {
    let mut data = vec![243, 173, 136, 195, 125, 241, 12, 99];
    data.extend([1; 32]);
    data.extend([2, 0, 0, 0, 0, 0, 0, 0]);
    let listed = Listed { job: test_address(1), price: 2 };
    assert_eq!(Event::decode(&data), Some(Event::Listed(listed)));
    assert_eq!(Event::Listed(listed).name(), "Listed");

    let mut data = vec![216, 101, 144, 15, 197, 35, 239, 35];
    data.extend([1; 32]);
    data.extend([2, 0, 0, 0, b'h', b'i', 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1]);
    let noted = Noted { job: test_address(1), text: "hi".to_owned(), xs: vec![3], ok: true };
    assert_eq!(Event::decode(&data), Some(Event::Noted(noted)));
    assert_eq!(Event::decode(&data[..50]), None);
    assert_eq!(Event::decode(&[0; 8]), None);
}

#[test]
fn errors_and_constants_are_generated() {
    assert_eq!(Error::from_code(6000), Some(Error::Bad));
    assert_eq!(
        (Error::Bad.name(), Error::Bad.message(), Error::NoMsg.code()),
        ("Bad", "It is bad", 6001)
    );
    assert_eq!(Error::from_code(6002), None);
    assert_eq!((LIMIT, tiny::NAME, tiny::VERSION), (7, "tiny", "0.1.0"));
}
