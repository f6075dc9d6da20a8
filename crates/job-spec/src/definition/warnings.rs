//! What is valid in a definition and probably not meant.

use serde_json::Value;

use super::{
    checks::escape_key,
    container_command::{is_plain_shell, takes_text},
    error::shorten,
    published::system_needs::{COMPARED, NEEDS},
};
use crate::schema::{Document, Problem};

impl Document {
    /// What nodes would read otherwise than its author probably means, in a definition that is
    /// valid.
    pub fn warnings(self, value: &Value) -> Vec<Problem> {
        let mut found = Vec::new();

        match self {
            Self::Published => {
                warn_of_requirements(value, &mut found);
                let all = value.pointer("/global/entrypoint");
                warn_of_program("/global/entrypoint", all, &mut found);
            }
            Self::Definition => {}
            Self::Result => return found,
        }
        for (index, operation) in list_items(value.get("ops")).enumerate() {
            warn_of_operation(&format!("/ops/{index}/args"), value, operation, &mut found);
        }
        found
    }
}

/// Warns of needs that templates declare and nodes do not compare.
fn warn_of_requirements(value: &Value, found: &mut Vec<Problem>) {
    for pointer in NEEDS {
        let Some(Value::Object(needs)) = value.pointer(pointer) else { continue };
        let others = needs.keys().filter(|name| !COMPARED.contains(&name.as_str()));
        let names: Vec<String> = others.map(|name| format!("`{}`", escape_key(name))).collect();

        if !names.is_empty() {
            add_warning(
                found,
                pointer,
                format!(
                    "nodes do not compare {} with what they have; list the job in a market whose \
                     nodes have that",
                    shorten(&names.join(", "))
                ),
            );
        }
    }
}

fn warn_of_operation(
    pointer: &str,
    definition: &Value,
    operation: &Value,
    found: &mut Vec<Problem>,
) {
    for (index, step) in list_items(operation.pointer("/args/steps")).enumerate() {
        if let Some(run) = step.get("run") {
            warn_of_line_ends(&format!("{pointer}/steps/{index}/run"), run, found);
        }
    }

    let own = operation.pointer("/args/entrypoint");
    warn_of_program(&format!("{pointer}/entrypoint"), own, found);

    let entrypoint = [own, definition.pointer("/global/entrypoint")];
    let entrypoint = entrypoint.into_iter().flatten().find(|value| !value.is_null());
    let entrypoint = entrypoint.map(list_words).unwrap_or_default();
    let Some(cmd) = operation.pointer("/args/cmd") else { return };
    let pointer = format!("{pointer}/cmd");
    warn_of_line_ends(&pointer, cmd, found);

    match cmd {
        Value::String(_) => warn_of_text(&pointer, &entrypoint, found),
        Value::Array(_) => warn_of_list(&pointer, &entrypoint, &list_words(cmd), found),
        _ => {}
    }
}

/// Warns of an entrypoint that is a line instead of a program.
fn warn_of_program(pointer: &str, entrypoint: Option<&Value>, found: &mut Vec<Problem>) {
    let Some(entrypoint) = entrypoint else { return };
    let words = list_words(entrypoint);
    let program = words.first().filter(|word| word.contains(char::is_whitespace));
    let Some(program) = program else { return };

    let place = if entrypoint.is_array() { format!("{pointer}/0") } else { pointer.to_owned() };
    add_warning(
        found,
        &place,
        format!(
            "`{}` has a space, and names of programs have none: give a list of the words, or \
             [\"sh\", \"-c\"] and the line as `cmd` if a shell is to read it",
            shorten(program)
        ),
    );
}

/// Warns of a text that an entrypoint gets as the arguments `/bin/sh`, `-c` and the text.
fn warn_of_text(pointer: &str, entrypoint: &[String], found: &mut Vec<Problem>) {
    let Some(program) = entrypoint.first() else { return };

    if !takes_text(entrypoint) && !is_plain_shell(entrypoint) {
        add_warning(
            found,
            pointer,
            format!(
                "`{}` gets the arguments `/bin/sh`, `-c` and this text; if it is to get the words \
                 of the text, give them as a list",
                shorten(program)
            ),
        );
    }
}

/// Warns of a list whose first element is a line instead of a program, or of whose elements a shell
/// runs the first only.
fn warn_of_list(pointer: &str, entrypoint: &[String], words: &[String], found: &mut Vec<Problem>) {
    let [first, rest @ ..] = words else { return };

    if takes_text(entrypoint) && !rest.is_empty() {
        add_warning(
            found,
            pointer,
            format!(
                "the entrypoint ends with `-c`, which runs `{}` and takes the other elements for \
                 its arguments; to run all of them, give one text",
                shorten(first)
            ),
        );
    }
    if entrypoint.is_empty() && first.contains(char::is_whitespace) {
        add_warning(
            found,
            &format!("{pointer}/0"),
            format!(
                "`{}` has a space, and names of programs have none: unless the image has an \
                 entrypoint that takes it, give one text, or a list of the words",
                shorten(first)
            ),
        );
    }
}

/// Warns of commands that were written on Windows: shells take the carriage return for a part of
/// the last word of each line.
fn warn_of_line_ends(pointer: &str, command: &Value, found: &mut Vec<Problem>) {
    if list_words(command).iter().any(|text| text.contains("\r\n")) {
        add_warning(
            found,
            pointer,
            "has Windows line ends (`\\r\\n`), which shells take for a part of each line; use `\\n`"
                .to_owned(),
        );
    }
}

fn add_warning(found: &mut Vec<Problem>, pointer: &str, problem: String) {
    found.push(Problem { pointer: pointer.to_owned(), problem });
}

fn list_items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// The texts of a list, or the one text.
fn list_words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        _ => list_items(Some(value)).filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}
