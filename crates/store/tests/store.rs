//! The store against identifiers of another implementation, and against damage.

use std::fs;
use std::path::{Path, PathBuf};

use nosana_job_spec::{ContentId, Digest};
use nosana_store::{MAX_BLOCK_BYTES, Store, StoreError};

const NO_LIMIT: u64 = u64::MAX;

fn open_store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

/// Bytes 0, 1, … 250, 0, 1, …
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_under(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Made with the npm package `ipfs-unixfs-importer` 17.1.1: `cidVersion: 0`, `rawLeaves: false`,
/// chunks of 262,144 bytes, balanced with at most 174 children per node. The first is also what
/// `ipfs add` prints in IPFS's own guides.
#[test]
fn identifiers_are_those_of_ipfs() {
    let (_folder, store) = open_store();
    let vectors = [
        (b"hello world\n".to_vec(), "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"),
        (pattern(0), "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
        (pattern(1), "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ"),
        (pattern(262_144), "QmeqfRyS3vkku7n6krqC3DgGMex3x2sCpSeKMDmrG13QQq"),
        (pattern(262_145), "QmUSjGawaz4ptvREcMKSMJneWCa5j8dAz2wSAAvHtW2rnB"),
        (pattern(524_305), "Qmer2EWF4U4SkNmNMBUdvNq7ubAaWuu9FgYhqDiGYewXpN"),
        // One full node of 174 links, then two levels of links.
        (pattern(174 * 262_144), "QmXCym15aFeWjAWyPFaAgwVmkuKB7EBsV77Skt54KmxChF"),
        (pattern(175 * 262_144 + 5), "QmagSFfvPvAFXZm9mwAVndNCzXpY4nHRu58riErtS5tf8K"),
    ];
    for (bytes, text) in vectors {
        let id = store.put(&bytes).unwrap();
        assert_eq!(id.to_string(), text, "{} bytes", bytes.len());
        assert!(store.get(&id, bytes.len() as u64).unwrap() == bytes, "{} bytes", bytes.len());
    }
}

#[test]
fn blocks_are_stored_apart_and_once() {
    let (folder, store) = open_store();
    let bytes = pattern(600_000);
    store.put(&bytes).unwrap();
    store.put(&bytes).unwrap();
    let files = files_under(&folder.path().join("blocks"));
    assert_eq!(files.len(), 4, "three leaves and a root");
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, Digest::of(&fs::read(file).unwrap()).to_string());
        assert!(file.ends_with(format!("{}/{}/{name}", &name[..2], &name[2..4])));
    }
    assert!(files_under(&folder.path().join("staging")).is_empty());
}

#[test]
fn a_flipped_bit_is_detected_and_storing_again_repairs_it() {
    let (folder, store) = open_store();
    let bytes = pattern(300_000);
    let id = store.put(&bytes).unwrap();
    for file in files_under(&folder.path().join("blocks")) {
        let intact = fs::read(&file).unwrap();
        for at in [0, intact.len() / 2, intact.len() - 1] {
            let mut damaged = intact.clone();
            damaged[at] ^= 1;
            fs::write(&file, &damaged).unwrap();
            match store.get(&id, NO_LIMIT).unwrap_err() {
                StoreError::Corrupted { path, actual, .. } => {
                    assert_eq!(path, file);
                    assert_eq!(actual, Digest::of(&damaged));
                }
                other => panic!("{other}"),
            }
        }
        fs::write(&file, &intact[..intact.len() - 1]).unwrap();
        assert!(matches!(store.get(&id, NO_LIMIT), Err(StoreError::Corrupted { .. })));
        assert_eq!(store.put(&bytes).unwrap(), id);
        assert_eq!(store.get(&id, NO_LIMIT).unwrap(), bytes);
    }
}

#[test]
fn missing_content_is_named() {
    let (folder, store) = open_store();
    let absent = ContentId::from_digest([7; 32]);
    assert!(!store.has_file(&absent));
    let error = store.get(&absent, NO_LIMIT).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { block, .. } if block == absent));

    let id = store.put(&pattern(300_000)).unwrap();
    assert!(store.has_file(&id));
    let root = Digest(id.digest()).to_string();
    let leaf = files_under(&folder.path().join("blocks"))
        .into_iter()
        .find(|file| !file.ends_with(&root))
        .unwrap();
    fs::remove_file(leaf).unwrap();
    let error = store.get(&id, NO_LIMIT).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { block, .. } if block != id));
}

#[test]
fn limits_hold() {
    let (_folder, store) = open_store();
    for len in [100, 300_000] {
        let id = store.put(&pattern(len)).unwrap();
        assert!(store.get(&id, len as u64).is_ok());
        let error = store.get(&id, len as u64 - 1).unwrap_err();
        assert!(
            matches!(error, StoreError::TooLarge { size_bytes, .. } if size_bytes == len as u64),
            "{error}"
        );
    }
    let oversized = vec![0; MAX_BLOCK_BYTES as usize + 1];
    assert!(matches!(store.put_block(&oversized), Err(StoreError::TooLarge { .. })));
    assert!(matches!(store.put_json(&"x".repeat(17 << 20)), Err(StoreError::TooLarge { .. })));
}

#[test]
fn what_is_not_a_file_is_refused() {
    let (_folder, store) = open_store();
    // Not protobuf; and the empty UnixFS directory, QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn.
    for block in [b"not a dag-pb node".as_slice(), &[0x0a, 0x02, 0x08, 0x01]] {
        let id = store.put_block(block).unwrap();
        assert_eq!(store.get_block(&id).unwrap(), block);
        assert!(matches!(store.get(&id, NO_LIMIT), Err(StoreError::NotAFile { .. })));
    }
}

/// A node that links to one empty leaf many times, at several levels, costs a bounded walk.
#[test]
fn a_tree_of_endless_empty_leaves_is_refused() {
    let (_folder, store) = open_store();
    let mut child = store.put(&[]).unwrap();
    for _ in 0..4 {
        let mut node = Vec::new();
        for _ in 0..200 {
            // PBLink { Hash: cidv0, Name: "", Tsize: 0 }
            node.extend([0x12, 0x28, 0x0a, 0x22, 0x12, 0x20]);
            node.extend(child.digest());
            node.extend([0x12, 0x00, 0x18, 0x00]);
        }
        // Data: UnixFS { Type: File, filesize: 0, blocksizes: 200 × 0 }
        let mut unixfs = vec![0x08, 0x02, 0x18, 0x00];
        unixfs.extend([0x20, 0x00].repeat(200));
        node.extend([0x0a, (unixfs.len() & 0x7f) as u8 | 0x80, (unixfs.len() >> 7) as u8]);
        node.extend(unixfs);
        child = store.put_block(&node).unwrap();
    }
    let error = store.get(&child, 1_000_000).unwrap_err();
    assert!(matches!(&error, StoreError::NotAFile { .. }), "{error}");
}

#[test]
fn json_is_read_back_and_another_type_is_refused() {
    let (_folder, store) = open_store();
    let id = store.put_json(&vec![1, 2, 3]).unwrap();
    assert_eq!(store.get_json::<Vec<u8>>(&id).unwrap(), [1, 2, 3]);
    assert!(matches!(store.get_json::<String>(&id), Err(StoreError::Json { .. })));
}

#[test]
fn many_writers_of_the_same_content_do_not_disturb_each_other() {
    let (folder, store) = open_store();
    let bytes = pattern(600_000);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let id = store.put(&bytes).unwrap();
                assert_eq!(store.get(&id, NO_LIMIT).unwrap(), bytes);
            });
        }
    });
    assert_eq!(files_under(&folder.path().join("blocks")).len(), 4);
}

#[test]
fn a_stream_in_uneven_pieces_is_the_same_file() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let bytes: Vec<u8> = (0..700_001u32).flat_map(u32::to_le_bytes).collect();
    let (first, rest) = bytes.split_at(262_145);
    let pieces = (&first[..7]).chain(&first[7..]).chain(rest);
    let (id, size_bytes) = store.put_reader(pieces, std::path::Path::new("pieces")).unwrap();
    assert_eq!((id, size_bytes), (store.put(&bytes).unwrap(), 2_800_004));
    assert_eq!(store.get(&id, 3_000_000).unwrap(), bytes);
    let empty = store.put_reader(std::io::empty(), std::path::Path::new("nothing")).unwrap();
    assert_eq!(empty, (store.put(b"").unwrap(), 0));
}

/// A dag-pb node without data of its own, with these children. `padding` bytes make it larger.
fn interior(children: &[ContentId], padding: usize) -> Vec<u8> {
    let varint = |mut value: usize| {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        bytes.push(u8::try_from(value).unwrap());
        bytes
    };
    let field = |tag: u8, bytes: &[u8]| [&[tag][..], &varint(bytes.len()), bytes].concat();
    let mut node = Vec::new();
    for child in children {
        let hash = [&[0x12, 0x20][..], &child.digest()].concat();
        // Hash, a name as padding, and a size of 0.
        let link = [field(0x0a, &hash), field(0x12, &vec![b'x'; padding]), vec![0x18, 0]].concat();
        node.extend(field(0x12, &link));
    }
    // UnixFS: an empty file, with a block size of 0 for each child.
    let file = [vec![0x08, 2, 0x18, 0], children.iter().flat_map(|_| [0x20, 0]).collect()].concat();
    node.extend(field(0x0a, &file));
    node
}

#[test]
fn blocks_without_content_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut child = store.put(b"").unwrap();
    for _ in 0..12 {
        child = store.put_block(&interior(&[child], 1_000_000)).unwrap();
    }
    let refused = store.get(&child, 1_000).unwrap_err().to_string();
    assert!(refused.contains("many more bytes than its content"), "{refused}");
}
