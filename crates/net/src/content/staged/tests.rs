//! Objects that arrive in several attempts, and what is kept of them.

use super::*;

struct Fixture {
    _folder: tempfile::TempDir,
    from: Store,
    to: Store,
    object: ContentId,
    content: Vec<u8>,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let from = Store::open(folder.path().join("from")).unwrap();
    let to = Store::open(folder.path().join("to")).unwrap();
    let content: Vec<u8> = (0..1_000_000_u32).map(|i| (i / 3 % 251) as u8).collect();
    let object = from.put(&content).unwrap();
    Fixture { _folder: folder, from, to, object, content }
}

impl Fixture {
    fn open(&self) -> StagedObject {
        StagedObject::open(&self.to, self.object, 1 << 20).unwrap()
    }

    fn accept_blocks(&self, staged: &mut StagedObject, count: usize) {
        for _ in 0..count {
            let next = staged.walk.next_block().unwrap().unwrap();
            staged.accept_block(&self.from.get_block(&next).unwrap()).unwrap();
        }
    }
}

#[test]
fn an_object_enters_the_store_when_it_is_complete() {
    let fixture = fixture();
    let mut staged = fixture.open();
    fixture.accept_blocks(&mut staged, 5);
    assert!(staged.is_complete().unwrap());
    assert!(!fixture.to.has_file(&fixture.object));
    assert!(matches!(staged.accept_block(b"more"), Err(ContentError::Excess)));

    let path = staged.path.clone();
    staged.commit().unwrap();
    assert_eq!(fixture.to.get(&fixture.object, 1 << 20).unwrap(), fixture.content);
    assert!(!path.exists());
}

#[test]
fn an_interrupted_transfer_goes_on_and_a_torn_block_is_dropped() {
    let fixture = fixture();
    let mut staged = fixture.open();
    fixture.accept_blocks(&mut staged, 3);
    assert!(matches!(
        StagedObject::open(&fixture.to, fixture.object, 1 << 20),
        Err(ContentError::Running)
    ));
    let path = staged.path.clone();
    staged.file.write_all(&[0, 0, 4, 0, 1, 2, 3]).unwrap();
    drop(staged);

    let mut staged = fixture.open();
    assert_eq!(staged.block_count(), 3);
    assert_eq!(fs::metadata(&path).unwrap().len(), staged.end);
    fixture.accept_blocks(&mut staged, 2);
    staged.commit().unwrap();
    assert_eq!(fixture.to.get(&fixture.object, 1 << 20).unwrap(), fixture.content);
}

#[test]
fn opening_does_not_renew_what_has_arrived() {
    let fixture = fixture();
    let mut staged = fixture.open();
    fixture.accept_blocks(&mut staged, 2);
    let path = staged.path.clone();
    drop(staged);

    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    File::options().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(fixture.open().block_count(), 2);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    assert!(modified.elapsed().unwrap().as_secs() > 7_000);
}

#[test]
fn the_oldest_interrupted_offers_are_removed_and_none_in_use() {
    let fixture = fixture();
    let rest = |name: &str, age: u64| {
        let path = fixture.to.folder().join(FOLDER).join(format!("{PREFIX}{name}"));
        fs::write(&path, [0; 1_000]).unwrap();
        let modified = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
        path
    };
    let paths = [rest("a", 10), rest("b", 30), rest("c", 20), rest("d", 40)];
    let in_use = File::open(&paths[3]).unwrap();
    in_use.try_lock().unwrap();

    remove_rests(&fixture.to, 2_000).unwrap();
    assert_eq!(paths.each_ref().map(|path| path.exists()), [true, false, true, true]);
    drop(in_use);
    remove_rests(&fixture.to, 0).unwrap();
    assert!(paths.iter().all(|path| !path.exists()));
}

#[test]
fn what_an_attempt_brought_can_be_discarded() {
    let fixture = fixture();
    let mut staged = fixture.open();
    let path = staged.path.clone();
    fixture.accept_blocks(&mut staged, 2);
    drop(staged);

    let mut staged = fixture.open();
    fixture.accept_blocks(&mut staged, 2);
    staged.discard();
    assert_eq!(fixture.open().block_count(), 2);

    let mut bytes = fs::read(&path).unwrap();
    bytes[4] ^= 1;
    fs::write(&path, bytes).unwrap();
    let mut staged = fixture.open();
    assert_eq!(staged.block_count(), 0, "a damaged block is not used");
    fixture.accept_blocks(&mut staged, 1);
    staged.discard();
    assert!(!path.exists());
}

#[test]
fn what_arrived_under_a_higher_limit_is_not_used() {
    let fixture = fixture();
    let mut staged = fixture.open();
    fixture.accept_blocks(&mut staged, 2);
    drop(staged);

    let opened = StagedObject::open(&fixture.to, fixture.object, 1_000);
    let is_refused = matches!(opened, Err(ContentError::Refused(ContentRefusal::TooLarge)));
    assert!(is_refused);
    assert_eq!(fixture.open().block_count(), 0);
}
