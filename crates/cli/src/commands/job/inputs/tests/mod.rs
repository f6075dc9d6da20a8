//! Real files, folders and repositories, in a real store.

mod repositories;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    process::{Command, Stdio},
};

use nosana_job_spec::MAX_COMMAND_INPUT_BYTES;
use tempfile::TempDir;

use super::*;

struct Project {
    folder: TempDir,
    store: Store,
}

impl Project {
    /// A folder `project` with these files.
    fn with_files(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let project = Self { folder, store };
        fs::create_dir_all(project.path("")).unwrap();
        for (name, content) in files {
            fs::create_dir_all(project.path(name).parent().unwrap()).unwrap();
            fs::write(project.path(name), content).unwrap();
        }
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("project").join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.path("")).args(arguments).stdout(Stdio::null());
        assert!(git.status().unwrap().success(), "git {arguments:?}");
    }

    fn send(&self, text: &str, includes: &[&str]) -> Result<CommandInput> {
        let includes: Vec<String> = includes.iter().map(|text| (*text).to_owned()).collect();
        let limits = CommandLimits::default();
        let mut inputs = store_inputs(&[text.to_owned()], &includes, &limits, &self.store)?;
        Ok(inputs.remove(0))
    }

    /// The names and contents of the archive that is sent of a folder; folders are empty.
    fn sent(&self, name: &str, includes: &[&str]) -> BTreeMap<String, String> {
        let input = self.send(&self.text(name), includes).unwrap();
        let archive = self.store.get(&input.content, 1 << 24).unwrap();
        let mut archive = tar::Archive::new(&archive[..]);
        let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            (name.trim_end_matches('/').to_owned(), content)
        };
        archive.entries().unwrap().map(read).collect()
    }

    fn sent_names(&self, name: &str, includes: &[&str]) -> Vec<String> {
        self.sent(name, includes).into_keys().collect()
    }

    fn refused(&self, text: &str, includes: &[&str]) -> String {
        let error = format!("{:#}", self.send(text, includes).unwrap_err());
        assert_eq!(self.stored_blocks(), 0, "something is left in the store");
        error
    }

    fn stored_blocks(&self) -> usize {
        fs::read_dir(self.store.folder().join("blocks")).unwrap().count()
    }

    fn left_out(&self, includes: &[&str]) -> Vec<String> {
        let includes: Vec<String> = includes.iter().map(|text| (*text).to_owned()).collect();
        let mut includes = Includes::compile(&includes).unwrap();
        find_entries(&self.path(""), &mut includes).unwrap().left_out
    }
}

#[test]
fn files_and_folders_are_sent_to_their_places() {
    let project = Project::with_files(&[("src/a", "one"), ("b", "two")]);
    let file = project.send(&project.text("b"), &[]).unwrap();
    assert_eq!((file.path.as_str(), file.unpack), ("b", false));
    assert_eq!(project.store.get(&file.content, 100).unwrap(), b"two");
    let renamed = project.send(&format!("{}:c/d", project.text("b")), &[]).unwrap();
    assert_eq!((renamed.path.as_str(), renamed.content), ("c/d", file.content));

    let all = project.send(&project.text(""), &[]).unwrap();
    assert_eq!((all.path.as_str(), all.unpack), (".", true));
    let again = project.send(&format!("{}:x", project.text("")), &[]).unwrap();
    assert_eq!((again.path.as_str(), again.content), ("x", all.content));
    assert_eq!(project.sent_names("", &[]), ["b", "src", "src/a"]);
}

#[test]
fn a_name_that_exists_may_have_colons() {
    let project = Project::with_files(&[("a:b", "colon"), ("a", "plain")]);
    assert_eq!(project.send(&project.text("a:b"), &[]).unwrap().path, "a:b");
    assert_eq!(project.send(&project.text("a:b:c"), &[]).unwrap().path, "c");
    assert_eq!(project.send(&project.text("a:x"), &[]).unwrap().path, "x");
}

#[test]
fn ignored_files_are_named_and_left_out_without_a_repository() {
    let project = Project::with_files(&[
        (".gitignore", "/built\n*.pem\n"),
        ("built/large", "x"),
        ("src/key.pem", "x"),
        ("src/a", "x"),
    ]);
    assert_eq!(project.sent_names("", &[]), [".gitignore", "src", "src/a"]);
    assert_eq!(project.left_out(&[]), ["built/", "src/key.pem"]);
    // A path that is named itself is sent even if git ignores it.
    assert_eq!(project.sent_names("built", &[]), ["large"]);
}

#[test]
fn includes_bring_ignored_files_back() {
    let project = Project::with_files(&[
        (".gitignore", "build/\n*.lock\n"),
        ("build/out/a.so", "so"),
        ("build/out/b.o", "o"),
        ("deps.lock", "pinned"),
        ("main.c", "main"),
    ]);
    assert_eq!(
        project.sent_names("", &["build"]),
        [".gitignore", "build", "build/out", "build/out/a.so", "build/out/b.o", "main.c"]
    );
    let sent = project.sent("", &["build/**/*.so", "deps.lock"]);
    assert_eq!(sent["build/out/a.so"], "so");
    assert_eq!(sent["deps.lock"], "pinned");
    assert_eq!(sent.len(), 6, "{sent:?}");
    assert_eq!(project.left_out(&["build/**/*.so"]), ["build/out/b.o", "deps.lock"]);

    let other = Project::with_files(&[("a", "x")]);
    assert!(other.refused(&other.text(""), &["none"]).contains("`none` matches nothing"));
}

#[test]
fn a_file_with_holes_is_sent_byte_for_byte() {
    let project = Project::with_files(&[("a", "hi")]);
    let blank = File::create(project.path("blank.bin")).unwrap();
    blank.set_len(1 << 20).unwrap();
    let mut image = File::create(project.path("disk.img")).unwrap();
    image.seek(io::SeekFrom::Start(1 << 20)).unwrap();
    io::Write::write_all(&mut image, b"x").unwrap();

    let input = project.send(&project.text(""), &[]).unwrap();
    let archive = project.store.get(&input.content, 1 << 24).unwrap();
    let mut archive = tar::Archive::new(&archive[..]);
    for entry in archive.entries().unwrap().map(Result::unwrap) {
        assert_eq!(entry.header().entry_type(), tar::EntryType::Regular);
    }
    let sent = project.sent("", &[]);
    assert_eq!(sent["blank.bin"], "\0".repeat(1 << 20));
    assert_eq!(sent["disk.img"], "\0".repeat(1 << 20) + "x");
}

#[test]
fn only_regular_files_with_an_end_are_sent() {
    let project = Project::with_files(&[]);
    assert!(Command::new("mkfifo").arg(project.path("pipe")).status().unwrap().success());
    let large = File::create(project.path("large")).unwrap();
    large.set_len(MAX_COMMAND_INPUT_BYTES + 1).unwrap();

    for path in ["/dev/zero", "/dev/null", &project.text("pipe")] {
        assert!(project.refused(path, &[]).contains("neither a regular file nor a folder"));
    }
    assert!(project.refused(&project.text(""), &[]).contains("large: it has "));
    assert!(project.refused(&project.text("large"), &[]).contains("nodes accept at most"));
    fs::remove_file(project.path("large")).unwrap();
    assert!(project.refused(&project.text(""), &[]).contains("pipe: it is not a file"));
    assert!(project.refused("no/such/file", &[]).contains("no/such/file"));

    // Nothing of the inputs before one that is refused is stored.
    fs::write(project.path("good"), "good").unwrap();
    let texts = [project.text("good"), "/dev/zero".to_owned()];
    assert!(store_inputs(&texts, &[], &CommandLimits::default(), &project.store).is_err());
    assert_eq!(project.stored_blocks(), 0);
    // The size of such a file is only known when it is read.
    let input = project.send("/proc/self/status", &[]).unwrap();
    let content = project.store.get(&input.content, 1 << 16).unwrap();
    assert!(content.starts_with(b"Name:"));
}

#[test]
fn what_nodes_would_refuse_is_refused_before() {
    let project = Project::with_files(&[("one", &"x".repeat(700 << 10))]);
    let limits = CommandLimits { disk_mib: Some(1), ..CommandLimits::default() };
    let store = |texts: &[String]| store_inputs(texts, &[], &limits, &project.store);
    let one = project.text("one");

    store(std::slice::from_ref(&one)).unwrap();
    let error = format!("{:#}", store(&[one.clone(), one + ":two"]).unwrap_err());
    assert!(error.contains("--disk-mib"), "{error}");

    let deep = project.path(&["d"; 200].join("/"));
    fs::create_dir_all(deep).unwrap();
    let error = format!("{:#}", project.send(&project.text(""), &[]).unwrap_err());
    assert!(error.contains("no node could unpack it") && error.contains("folders deep"), "{error}");
}
