//! What is sent of git repositories.

use std::fs;

use super::Project;

#[test]
fn what_git_tracks_is_sent_and_what_it_excludes_is_not() {
    let project = Project::with_files(&[
        (".gitignore", "*.lock\nbuild/\n"),
        ("build/rules.mk", "rules"),
        ("build/out.o", "built"),
        ("deps.lock", "pinned"),
        ("src/main.c", "main"),
        ("src/other.lock", "tracked"),
        ("src/secret", "key"),
        ("gone", "x"),
    ]);
    project.git(&["init", "-q"]);
    let tracked = ["build/rules.mk", "deps.lock", "src/main.c", "src/other.lock", "gone"];
    project.git(&[&["add", "-f"][..], &tracked].concat());
    fs::remove_file(project.path("gone")).unwrap();
    fs::write(project.path(".git/info/exclude"), "secret\n").unwrap();

    let sent = project.sent("", &[]);
    assert_eq!((sent["deps.lock"].as_str(), sent["build/rules.mk"].as_str()), ("pinned", "rules"));
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    let all =
        [".gitignore", "build", "build/rules.mk", "deps.lock", "src", "src/main.c"].as_slice();
    assert_eq!(names, [all, &["src/other.lock"]].concat());
    assert_eq!(project.left_out(&[]), ["build/out.o", "src/secret"]);

    // A part of a repository has the rules of the whole.
    assert_eq!(project.sent_names("src", &[]), ["main.c", "other.lock"]);
    assert_eq!(project.sent_names("src", &["secret"]), ["main.c", "other.lock", "secret"]);
}

#[test]
fn repositories_within_a_folder_are_sent_by_their_own_rules() {
    let project = Project::with_files(&[
        ("a", "x"),
        ("inner/.gitignore", "*.o\n"),
        ("inner/kept.o", "x"),
        ("inner/left.o", "x"),
    ]);
    project.git(&["init", "-q"]);
    project.git(&["init", "-q", "inner"]);
    project.git(&["-C", "inner", "add", "-f", "kept.o"]);
    assert_eq!(project.sent_names("", &[]), ["a", "inner", "inner/.gitignore", "inner/kept.o"]);
}

#[test]
fn a_tracked_file_behind_a_link_is_not_sent() {
    let project = Project::with_files(&[(".gitignore", "d\n"), ("d/f", "x"), ("e/f", "x")]);
    project.git(&["init", "-q"]);
    project.git(&["add", "-f", "d/f"]);
    fs::remove_dir_all(project.path("d")).unwrap();
    std::os::unix::fs::symlink("e", project.path("d")).unwrap();
    assert_eq!(project.sent_names("", &[]), [".gitignore", "e", "e/f"]);
}
