//! The command of a container: how its entrypoint and its command fit together.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::{
    error::{DefinitionError, refuse_field, shorten},
    step::{MAX_COMMAND_BYTES, StepCommand},
};
use crate::schema::regexes::{NO_NUL, NOT_BLANK};

/// Programs that take a line of shell after `-c`.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "zsh", "ksh"];

/// The arguments that the entrypoint gets; empty if the image's own command runs. A text is for the
/// entrypoint if that is a shell or ends with `-c`, and for the image's `/bin/sh -c` otherwise.
pub(super) fn plan_command(entrypoint: &[String], cmd: Option<&StepCommand>) -> Vec<String> {
    match cmd {
        None => Vec::new(),
        Some(StepCommand::Arguments(arguments)) => arguments.clone(),
        Some(StepCommand::Line(line)) if takes_text(entrypoint) => vec![line.clone()],
        Some(StepCommand::Line(line)) if is_plain_shell(entrypoint) => {
            vec!["-c".to_owned(), line.clone()]
        }
        Some(StepCommand::Line(line)) => ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
    }
}

/// Whether the last argument of an entrypoint is an option such as `-c` or `-lc`, which takes a
/// program's text.
pub(super) fn takes_text(entrypoint: &[String]) -> bool {
    let [_, .., last] = entrypoint else { return false };

    last.strip_prefix('-').is_some_and(|flags| {
        flags.ends_with('c') && flags.bytes().all(|flag| flag.is_ascii_alphabetic())
    })
}

/// Whether an entrypoint is a shell with options only.
pub(super) fn is_plain_shell(entrypoint: &[String]) -> bool {
    let [program, options @ ..] = entrypoint else { return false };
    let is_option = |at: usize| {
        let follows_o =
            at > 0 && options[at - 1].starts_with(['-', '+']) && options[at - 1].ends_with('o');
        options[at].starts_with(['-', '+']) || follows_o
    };

    is_shell(program) && (0..options.len()).all(is_option)
}

fn is_shell(program: &str) -> bool {
    program.rsplit('/').next().is_some_and(|name| SHELLS.contains(&name))
}

/// Checks a container's command. An empty list is the image's own.
pub(super) fn check_container_command(
    pointer: &str,
    cmd: &StepCommand,
    entrypoint: &[String],
) -> Result<(), DefinitionError> {
    if matches!(cmd, StepCommand::Arguments(arguments) if arguments.is_empty()) {
        return Ok(());
    }
    cmd.validate_command(pointer)?;

    match cmd {
        StepCommand::Arguments(arguments) if entrypoint.is_empty() => {
            check_program(pointer, arguments)
        }
        StepCommand::Arguments(_) | StepCommand::Line(_) => Ok(()),
    }
}

/// Checks the program that gets a container's command as its arguments. An empty list is the
/// image's own.
pub(super) fn check_entrypoint(
    pointer: &str,
    entrypoint: &[String],
) -> Result<(), DefinitionError> {
    if entrypoint.is_empty() {
        return Ok(());
    }
    StepCommand::Arguments(entrypoint.to_vec()).validate_command(pointer)?;
    check_program(pointer, entrypoint)
}

/// Refuses a shell and its options in one text, which no system finds as a program.
fn check_program(pointer: &str, arguments: &[String]) -> Result<(), DefinitionError> {
    let Some(program) = arguments.first() else { return Ok(()) };
    let words: Vec<&str> = program.split_whitespace().collect();

    match words[..] {
        [shell, _, ..] if is_shell(shell) => refuse_field(
            format!("{pointer}/0"),
            format!(
                "`{}` is a line of shell, and a list begins with the name of a program; give one \
                 text instead of a list, or [\"{shell}\", \"-c\", \"…\"]",
                shorten(program)
            ),
        ),
        _ => Ok(()),
    }
}

/// The schema of a container's command.
pub(super) fn container_command_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "array", "null"],
        "pattern": NOT_BLANK,
        "maxLength": MAX_COMMAND_BYTES,
        "items": { "type": "string", "pattern": NO_NUL, "maxLength": MAX_COMMAND_BYTES },
    })
}

/// The schema of an entrypoint: a program and its arguments, or an empty list.
pub(super) fn entrypoint_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "allOf": [{ "prefixItems": [{ "minLength": 1 }] }],
        "items": { "type": "string", "pattern": NO_NUL },
    })
}

/// The schema of an optional entrypoint that may also be a program's name alone.
pub(super) fn optional_entrypoint_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "array", "null"],
        "pattern": NOT_BLANK,
        "maxLength": MAX_COMMAND_BYTES,
        "allOf": [{ "prefixItems": [{ "minLength": 1 }] }],
        "items": { "type": "string", "pattern": NO_NUL, "maxLength": MAX_COMMAND_BYTES },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &[&str]) -> Vec<String> {
        text.iter().map(|word| word.to_string()).collect()
    }

    #[test]
    fn a_text_is_for_the_shell_that_the_entrypoint_names() {
        let text = StepCommand::Line("echo hello; exit 3".to_owned());
        let all = |entrypoint: &[&str]| {
            let entrypoint = words(entrypoint);
            [entrypoint.clone(), plan_command(&entrypoint, Some(&text))].concat().join("|")
        };
        for (entrypoint, expected) in [
            (&["sh", "-c"][..], "sh|-c|echo hello; exit 3"),
            (&["/bin/bash", "-lc"], "/bin/bash|-lc|echo hello; exit 3"),
            (&["python3", "-u", "-c"], "python3|-u|-c|echo hello; exit 3"),
            (&["bash"], "bash|-c|echo hello; exit 3"),
            (&["bash", "-l"], "bash|-l|-c|echo hello; exit 3"),
            (&["bash", "-euo", "pipefail"], "bash|-euo|pipefail|-c|echo hello; exit 3"),
            (&["sh", "start.sh"], "sh|start.sh|/bin/sh|-c|echo hello; exit 3"),
            (&["/entrypoint"], "/entrypoint|/bin/sh|-c|echo hello; exit 3"),
            (&[], "/bin/sh|-c|echo hello; exit 3"),
        ] {
            assert_eq!(all(entrypoint), expected);
        }
        let list = StepCommand::Arguments(words(&["a b", "-c"]));
        assert_eq!(plan_command(&words(&["sh", "-c"]), Some(&list)), ["a b", "-c"]);
        assert_eq!(plan_command(&words(&["sh", "-c"]), None), [""; 0]);
    }

    #[test]
    fn a_list_begins_with_a_program() {
        let list = |list: &[&str]| StepCommand::Arguments(words(list));
        let check = |cmd: &[&str], entrypoint: &[&str]| {
            check_container_command("/cmd", &list(cmd), &words(entrypoint))
        };
        for cmd in [&["/bin/sh -c ", "echo hi", "ls"][..], &["bash -lc", "a"]] {
            let error = check(cmd, &[]).unwrap_err().to_string();
            assert!(error.starts_with("/cmd/0: `") && error.contains("give one text"), "{error}");
        }
        let error = check_entrypoint("/entrypoint", &words(&["/bin/sh -c"])).unwrap_err();
        assert!(error.to_string().starts_with("/entrypoint/0: `/bin/sh -c`"), "{error}");

        for (cmd, entrypoint) in [
            (&["sh", "-c", "echo hi"][..], &[][..]),
            (&[], &[]),
            (&["/bin/sh -c", "x"], &["runner"]),
            (&["a prompt for the image's entrypoint"], &[]),
        ] {
            assert!(check(cmd, entrypoint).is_ok(), "{cmd:?}");
        }
        assert!(check(&[""], &[]).is_err());
        assert!(check_entrypoint("/entrypoint", &[]).is_ok());
    }
}
