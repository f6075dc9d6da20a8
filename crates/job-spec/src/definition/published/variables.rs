//! Variables of a definition, `%%global.variables.NAME%%`: everybody fills them in who reads the
//! definition, so what nodes read has none.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    definition::{
        check_references::describe_unknown,
        checks::{check_max_count, escape_key},
        error::{DefinitionError, refuse_field, shorten},
        references::{OPERATION_ROOT, TextPart, split_placeholders},
    },
    schema::unsupported::{NO_SPREAD, SPREAD_FIELD},
};

/// Where the variables are.
const VARIABLES: &str = "/global/variables";
/// Where placeholders of variables begin.
const VARIABLE_ROOT: &str = "global.variables.";
/// The most variables.
pub(super) const MAX_VARIABLES: usize = 256;
/// The most variables that name one another in a row. Each takes a part of the reader's stack.
const MAX_CHAIN: usize = 32;
/// The largest size of all texts after variables were filled in, in bytes: variables that name
/// variables can multiply.
const MAX_FILLED_BYTES: usize = 512 * 1024;

/// Fills in variables.
struct Filler<'a> {
    /// The variables as they are written.
    written: BTreeMap<&'a str, String>,
    /// Those that were filled in.
    filled: BTreeMap<&'a str, String>,
    /// The variables that are being filled in, each named by the one before it.
    chain: Vec<&'a str>,
    filled_bytes: usize,
}

/// Returns the definition with the values of its variables in `global` and `ops`: in texts, and in
/// the names of results.
///
/// # Errors
/// If there are too many variables; if one does not exist, names itself, or is not a text or a
/// number; if too many name one another; if a placeholder has another form; if the texts become too
/// long; if two results get one name. The error names the place.
pub(crate) fn fill_variables(definition: &Value) -> Result<Value, DefinitionError> {
    let mut filler = Filler {
        written: read_variables(definition)?,
        filled: BTreeMap::new(),
        chain: Vec::new(),
        filled_bytes: 0,
    };
    let names: Vec<&str> = filler.written.keys().copied().collect();
    for name in names {
        filler.fill_variable(name, &variable_pointer(name))?;
    }

    let mut filled = definition.clone();
    for field in ["global", "ops"] {
        let Some(value) = definition.get(field) else { continue };
        filled[field] = filler.fill_value(&format!("/{field}"), value)?;
    }
    Ok(filled)
}

fn read_variables(definition: &Value) -> Result<BTreeMap<&str, String>, DefinitionError> {
    let variables = match definition.pointer(VARIABLES) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(variables)) => variables,
        Some(_) => return refuse_field(VARIABLES, "must be an object of names and values"),
    };
    check_max_count(VARIABLES, "variables", variables.len(), MAX_VARIABLES)?;

    let read = |(name, value): (&'_ String, &Value)| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            refuse_field(variable_pointer(name), "must be a text, a number, true or false")
        }
    };
    variables.iter().map(|entry| Ok((entry.0.as_str(), read(entry)?))).collect()
}

fn variable_pointer(name: &str) -> String {
    format!("{VARIABLES}/{}", escape_key(name))
}

/// Whether the results of an operation are at this place.
fn is_results(pointer: &str) -> bool {
    let operation = pointer.strip_prefix("/ops/").and_then(|rest| rest.split_once('/'));
    operation.is_some_and(|(_, field)| field == "results")
}

impl<'a> Filler<'a> {
    /// Returns the value of a variable, which a text at `pointer` names.
    fn fill_variable(&mut self, name: &str, pointer: &str) -> Result<String, DefinitionError> {
        if let Some(value) = self.filled.get(name) {
            return Ok(value.clone());
        }
        let Some((name, text)) = self.written.get_key_value(name) else {
            return refuse_field(pointer, self.describe_missing(name));
        };
        let (name, text): (&'a str, String) = (name, text.clone());

        if self.chain.contains(&name) {
            let chain: Vec<&str> = self.chain.iter().chain([&name]).copied().collect();
            let chain = chain.iter().map(|name| shorten(name)).collect::<Vec<_>>().join(" → ");
            return refuse_field(
                variable_pointer(name),
                format!("needs its own value: {}", shorten(&chain)),
            );
        }
        if self.chain.len() >= MAX_CHAIN {
            return refuse_field(
                pointer,
                format!("is one of more than {MAX_CHAIN} variables that name one another in a row"),
            );
        }

        self.chain.push(name);
        let value = self.fill_text(&variable_pointer(name), &text)?;
        self.chain.pop();

        self.filled.insert(name, value.clone());
        Ok(value)
    }

    fn describe_missing(&self, name: &str) -> String {
        let mut names: Vec<String> =
            self.written.keys().take(9).map(|name| format!("`{}`", shorten(name))).collect();
        if names.is_empty() {
            names.push("none".to_owned());
        }
        format!(
            "has `%%{VARIABLE_ROOT}{}%%`, which is not a known variable; {VARIABLES} has {}",
            shorten(name),
            names.join(", ")
        )
    }

    fn fill_value(&mut self, pointer: &str, value: &Value) -> Result<Value, DefinitionError> {
        Ok(match value {
            Value::String(text) => self.fill_text(pointer, text)?.into(),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| self.fill_value(&format!("{pointer}/{index}"), item))
                    .collect::<Result<_, _>>()?
            }
            // They were filled in one after the other.
            Value::Object(_) if pointer == VARIABLES => value.clone(),
            Value::Object(fields) => self.fill_fields(pointer, fields)?.into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    /// Fills in the fields of an object, and their names if authors choose these for results.
    fn fill_fields(
        &mut self,
        pointer: &str,
        fields: &Map<String, Value>,
    ) -> Result<Map<String, Value>, DefinitionError> {
        let are_results = is_results(pointer);
        let mut filled = Map::new();

        for (name, field) in fields {
            let pointer = format!("{pointer}/{}", escape_key(name));
            if name == SPREAD_FIELD {
                return refuse_field(pointer, NO_SPREAD);
            }

            let name = if are_results { self.fill_text(&pointer, name)? } else { name.clone() };
            if filled.contains_key(&name) {
                return refuse_field(
                    pointer,
                    format!("becomes `{}`, the name of another result", shorten(&name)),
                );
            }
            let field = self.fill_value(&pointer, field)?;
            filled.insert(name, field);
        }
        Ok(filled)
    }

    fn fill_text(&mut self, pointer: &str, text: &str) -> Result<String, DefinitionError> {
        let mut filled = String::new();

        for part in split_placeholders(text) {
            match part {
                TextPart::Plain(text) => filled.push_str(text),
                TextPart::Placeholder(name) => match name.strip_prefix(VARIABLE_ROOT) {
                    Some(name) => filled.push_str(&self.fill_variable(name, pointer)?),
                    // Nodes fill it in while the job runs.
                    None if name.starts_with(OPERATION_ROOT) => {
                        filled.push_str(&format!("%%{name}%%"));
                    }
                    None => return refuse_field(pointer, describe_unknown(name)),
                },
            }
            if self.filled_bytes + filled.len() > MAX_FILLED_BYTES {
                return refuse_field(
                    pointer,
                    format!(
                        "becomes too long: with its variables, the definition has more than \
                         {MAX_FILLED_BYTES} bytes"
                    ),
                );
            }
        }

        self.filled_bytes += filled.len();
        Ok(filled)
    }
}

#[cfg(test)]
mod tests;
