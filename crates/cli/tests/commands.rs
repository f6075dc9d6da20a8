//! `nosana job run` as users of CI services expect it: how a line is run, what is sent, what comes
//! back, and what fails. All cases share one network and one node.

mod network;

use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use network::Network;
use tempfile::TempDir;

/// Names of files that scripts and archives get wrong.
const ODD_NAMES: [&str; 14] = [
    "a:b",
    "<View 0x7fd1>.png",
    "say \"hi\"|?*",
    "Zoe\u{308}",
    "Zo\u{eb}",
    "\u{1f980}.txt",
    "two\nlines",
    "-rf",
    " lead",
    "trail ",
    "back\\slash",
    "{a,b}[c]",
    ".hidden",
    "CON",
];

/// The network, and a folder for the cases.
struct Site {
    network: Network,
    folder: TempDir,
}

/// What `nosana job run --wait` printed.
struct Ran {
    has_succeeded: bool,
    /// The log, without the line with the job's address.
    log: String,
    notes: String,
}

impl Site {
    fn run(&self, options: &[&str], line: &str) -> Ran {
        let limits = ["--yes", "--wait", "--timeout", "120"];
        let output = self
            .network
            .run("client", &[&["job", "run"][..], &limits, options, &["--", line]].concat());
        let stdout = text(&output.stdout);
        let log = stdout.split_once('\n').map_or("", |(_, log)| log).to_owned();
        let ran = Ran { has_succeeded: output.status.success(), log, notes: text(&output.stderr) };
        eprintln!("{line}: {}", ran.notes);
        ran
    }

    /// Runs a command that is refused before anything is paid or stored.
    fn refuse(&self, options: &[&str]) -> String {
        let before = count_files(&self.network.store);
        let listed = ["job", "run", "--yes"];
        let output: Output =
            self.network.run("client", &[&listed[..], options, &["--", "true"]].concat());
        assert!(!output.status.success() && output.stdout.is_empty(), "{options:?}");
        assert_eq!(count_files(&self.network.store), before, "{options:?} left something");
        text(&output.stderr)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn count_files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().flatten().fold(0, |count, entry| {
        let is_folder = entry.file_type().unwrap().is_dir();
        count + if is_folder { count_files(&entry.path()) } else { 1 }
    })
}

#[test]
fn commands_do_what_users_of_ci_services_expect() {
    let site = Site { network: Network::start(true), folder: tempfile::tempdir().unwrap() };

    check_shells(&site);
    check_missing_artifacts(&site);
    check_long_logs(&site);
    check_ignored_inputs(&site);
    check_sparse_inputs(&site);
    check_refused_inputs(&site);
    check_odd_names(&site);
    check_store_outage(&site);
}

fn check_shells(site: &Site) {
    let piped = site.run(&[], "(echo \"1 test failed\"; exit 1) | tee report.txt");
    assert!(!piped.has_succeeded && piped.notes.contains("exit code 1"), "a pipe hides a failure");
    assert_eq!(piped.log, "1 test failed\n");

    let bashism = site.run(&[], "if [[ \"$HOME\" != \"\" ]]; then echo testing; exit 3; fi");
    assert!(!bashism.has_succeeded && bashism.notes.contains("exit code 3"), "tests are skipped");

    let unset = "if [ -n \"$CI_DEBUG\" ]; then echo debug; fi; echo \"flags:$CFLAGS\"; echo end";
    let unset = site.run(&[], unset);
    assert!(unset.has_succeeded && unset.log == "flags:\nend\n", "{}", unset.log);

    let sh = site.run(&["--shell", "sh"], "(exit 4) | cat; echo piped; false; echo end");
    assert!(!sh.has_succeeded && sh.log == "piped\n", "{}", sh.log);
}

fn check_missing_artifacts(site: &Site) {
    let options = ["--artifact", "report.xml", "--artifact", "build/*.tar"];
    let forgotten = site.run(&options, "echo forgot to write the report");
    assert!(!forgotten.has_succeeded, "a pipeline goes on without its report");
    assert!(forgotten.notes.contains("nothing was kept of the artifact report.xml"));
    assert!(forgotten.notes.contains("did not keep build/*.tar"), "{}", forgotten.notes);

    let written = site.run(&options, "echo written > report.xml");
    assert!(written.has_succeeded, "a pattern may match nothing");
    assert!(written.notes.contains("did not keep build/*.tar"), "{}", written.notes);
}

fn check_long_logs(site: &Site) {
    let line = "seq 1 1000000; echo the end";
    let cut = site.run(&[], line);
    assert!(cut.has_succeeded && cut.notes.contains("the log was cut"), "{}", cut.notes);
    assert!(cut.log.len() <= 4 << 20 && cut.log.contains("\n[node] "), "{}", cut.log.len());
    assert!(cut.log.starts_with("1\n2\n") && cut.log.ends_with("\n1000000\nthe end\n"));

    let whole = site.run(&["--log-limit", "8"], line);
    assert!(whole.has_succeeded && !whole.notes.contains("the log was cut"), "{}", whole.notes);
    assert_eq!(whole.log.lines().count(), 1_000_001);
}

fn check_ignored_inputs(site: &Site) {
    let project = site.path("project");
    fs::create_dir_all(project.join("build")).unwrap();
    for (name, content) in [
        (".gitignore", "*.lock\nbuild/\n"),
        ("deps.lock", "pinned\n"),
        ("build/rules.mk", "rules\n"),
        ("build/out.o", "built\n"),
        ("main.c", "src\n"),
        ("notes", "secret\n"),
    ] {
        fs::write(project.join(name), content).unwrap();
    }
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let git = git.arg("-C").arg(&project).args(arguments).stdout(Stdio::null());
        assert!(git.status().unwrap().success(), "git {arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-f", "main.c", "deps.lock", "build/rules.mk"]);
    fs::write(project.join(".git/info/exclude"), "notes\n").unwrap();

    let input = site.text("project");
    let sent =
        site.run(&["--input", &input], "cat main.c deps.lock build/rules.mk; ls notes build");
    assert!(!sent.has_succeeded, "what git excludes was sent");
    assert!(sent.log.starts_with("src\npinned\nrules\n"), "{}", sent.log);
    assert!(sent.notes.contains("omits    build/out.o, notes: git ignores them"), "{}", sent.notes);

    let options = ["--input", &input, "--include", "build", "--include", "note?"];
    let included = site.run(&options, "cat notes build/out.o");
    assert!(included.has_succeeded && included.log == "secret\nbuilt\n", "{}", included.log);
    assert!(!included.notes.contains("omits"), "{}", included.notes);
}

fn check_sparse_inputs(site: &Site) {
    let folder = site.path("sparse");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a"), "hi\n").unwrap();
    File::create(folder.join("blank.bin")).unwrap().set_len(1 << 20).unwrap();
    let mut image = File::create(folder.join("disk.img")).unwrap();
    image.seek(SeekFrom::Start(1 << 20)).unwrap();
    image.write_all(b"x").unwrap();

    let line = "stat -c %s blank.bin disk.img; tail -c 2 disk.img | od -An -c; cat a";
    let ran = site.run(&["--input", &site.text("sparse")], line);
    assert!(ran.has_succeeded, "{}", ran.log);
    assert_eq!(ran.log, "1048576\n1048577\n  \\0   x\nhi\n");
}

fn check_refused_inputs(site: &Site) {
    assert!(Command::new("mkfifo").arg(site.path("pipe")).status().unwrap().success());
    for path in ["/dev/zero", "/dev/tty", &site.text("pipe")] {
        let refused = site.refuse(&["--input", path]);
        assert!(refused.contains("neither a regular file nor a folder"), "{path}: {refused}");
    }
    let refused = site.refuse(&["--input", &site.text("sparse"), "--include", "none"]);
    assert!(refused.contains("--include `none` matches nothing"), "{refused}");
    let refused = site.refuse(&["--input", &site.text("sparse"), "--disk-mib", "1"]);
    assert!(refused.contains("disk limit"), "{refused}");
}

fn check_odd_names(site: &Site) {
    let mut names = ODD_NAMES.map(str::to_owned).to_vec();
    names.push("x".repeat(250));
    fs::write(site.path("names"), names.join("\0") + "\0").unwrap();
    let line = "mkdir kept; while IFS= read -r -d '' name; \
                do printf %s \"$name\" > \"kept/$name\"; done < names";
    let (input, saved) = (site.text("names"), site.text("saved"));
    let options = ["--input", &input, "--artifact", "kept", "--artifacts-to", &saved];
    assert!(site.run(&options, line).has_succeeded);

    let mut found: Vec<String> = fs::read_dir(site.path("saved/kept"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in &found {
        assert_eq!(&fs::read_to_string(site.path("saved/kept").join(name)).unwrap(), name);
    }
    found.sort();
    names.sort();
    assert_eq!(found, names);
}

/// The store cannot be written while the command ends.
fn check_store_outage(site: &Site) {
    let output = site.network.done(
        "client",
        &[
            "job",
            "run",
            "--yes",
            "--timeout",
            "120",
            "--artifact",
            "kept",
            "--",
            "seq 9 | tee kept",
        ],
    );
    // The node may be quicker: then it is a job like any other.
    let staging = site.network.store.join("staging");
    let aside = site.network.store.join("aside");
    fs::rename(&staging, &aside).unwrap();
    thread::sleep(Duration::from_secs(6));
    fs::rename(&aside, &staging).unwrap();

    let job = output.trim();
    let waited = site.network.run("client", &["job", "wait", job]);
    assert!(waited.status.success(), "{}", text(&waited.stderr));
    assert_eq!(text(&waited.stdout), "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let shown = site.network.json("client", &["job", "show", job]);
    assert_eq!((&shown["reason"], &shown["attempts"]), (&"Completed".into(), &0.into()));
}
