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
mod tests {
    use serde_json::json;

    use super::*;

    fn with_variables(variables: Value, image: &str) -> Value {
        json!({ "global": { "variables": variables }, "ops": [{ "args": { "image": image } }] })
    }

    fn refuse(variables: Value, image: &str) -> String {
        fill_variables(&with_variables(variables, image)).unwrap_err().to_string()
    }

    #[test]
    fn variables_are_filled_in_wherever_texts_are() {
        let definition = json!({
            "meta": { "a": "%%global.variables.none%%" },
            "global": {
                "variables": {
                    "MODEL": "a/%%global.variables.NAME%%",
                    "NAME": "b:20b",
                    "PORT": 80,
                },
                "env": { "URL": "x%%global.variables.PORT%%y" },
            },
            "ops": [{ "id": "%%global.variables.NAME%%", "args": { "cmd": [
                "%%global.variables.MODEL%%",
                "%%ops.c.host%%",
                "100%%",
                "%%%global.variables.PORT%%",
            ] } }],
        });
        let filled = fill_variables(&definition).unwrap();
        assert_eq!(
            filled["ops"][0]["args"]["cmd"],
            json!(["a/b:20b", "%%ops.c.host%%", "100%%", "%80"])
        );
        assert_eq!(
            (&filled["ops"][0]["id"], &filled["meta"]),
            (&json!("b:20b"), &definition["meta"])
        );
        assert_eq!(filled["global"]["env"]["URL"], "x80y");
    }

    #[test]
    fn variables_are_filled_in_in_names_of_results_alone() {
        let with_results = |results: Value| {
            json!({
                "global": { "variables": { "A": "a:1", "B": "a:1" } },
                "ops": [{
                    "results": results,
                    "args": { "env": { "%%global.variables.A%%": "" } },
                }],
            })
        };
        let results = json!({
            "%%global.variables.A%%__x": "%%global.variables.A%%=(.*)",
            "y": { "regex": "%%global.variables.B%%", "logType": ["stdout"] },
        });
        let filled = fill_variables(&with_results(results)).unwrap();
        let expected = json!({
            "a:1__x": "a:1=(.*)",
            "y": { "regex": "a:1", "logType": ["stdout"] },
        });
        assert_eq!(filled["ops"][0]["results"], expected);
        assert!(filled["ops"][0]["args"]["env"].get("%%global.variables.A%%").is_some());

        for other in ["%%global.variables.B%%", "a:1"] {
            let twice = json!({ "%%global.variables.A%%": "x", other: "y" });
            let error = fill_variables(&with_results(twice)).unwrap_err().to_string();
            assert!(error.starts_with("/ops/0/results/"), "{error}");
            assert!(error.ends_with(": becomes `a:1`, the name of another result"), "{error}");
        }
        let missing = json!({ "%%global.variables.C%%": "x" });
        let error = fill_variables(&with_results(missing)).unwrap_err().to_string();
        let place = "/ops/0/results/%%global.variables.C%%: has `%%global.variables.C%%`";
        assert!(error.starts_with(place), "{error}");
    }

    #[test]
    fn objects_and_lists_are_not_spread() {
        for place in ["env", "image"] {
            let spread = json!({ "__spread__": "%%global.variables.A%%" });
            let definition = json!({
                "global": { "variables": { "A": "1" } },
                "ops": [{ "args": { place: [spread] } }],
            });
            let error = fill_variables(&definition).unwrap_err().to_string();
            let place = format!("/ops/0/args/{place}/0/__spread__: is not supported");
            assert!(error.starts_with(&place), "{error}");
        }
    }

    #[test]
    fn the_place_of_a_wrong_placeholder_is_named() {
        let error = refuse(json!({ "A": "1" }), "%%global.variables.B%%");
        assert!(error.starts_with("/ops/0/args/image: has `%%global.variables.B%%`"), "{error}");
        assert!(error.ends_with("/global/variables has `A`"), "{error}");

        let error = refuse(json!({ "A": "%%global.variables.C%%" }), "a");
        assert!(error.starts_with("/global/variables/A: has `%%global.variables.C%%`"), "{error}");
        let error = refuse(json!({ "A": [] }), "a");
        assert!(error.starts_with("/global/variables/A: must be a text"), "{error}");
        for name in ["globals.job", "global.image", "globals.variables.A", "env.HOME"] {
            let error = refuse(json!({ "A": "1" }), &format!("%%{name}%%"));
            assert!(error.starts_with("/ops/0/args/image: has the placeholder"), "{error}");
        }
    }

    #[test]
    fn variables_do_not_name_themselves() {
        let circle = json!({
            "A": "%%global.variables.B%%",
            "B": "x%%global.variables.C%%",
            "C": "%%global.variables.B%%",
        });
        let error = refuse(circle, "a");
        assert_eq!(error, "/global/variables/B: needs its own value: A → B → C → B");
    }

    #[test]
    fn long_chains_of_variables_do_not_exhaust_the_stack() {
        let chain = |count: usize| {
            let mut variables = Map::new();
            for index in 0..count {
                let next = format!("%%global.variables.a{:05}%%", index + 1);
                variables.insert(format!("a{index:05}"), next.into());
            }
            variables.insert(format!("a{count:05}"), "x".into());
            with_variables(variables.into(), "%%global.variables.a00000%%")
        };
        let fill = move || {
            let filled = fill_variables(&chain(MAX_CHAIN - 1)).unwrap();
            let [deep, many] = [MAX_CHAIN, 9_000].map(|count| fill_variables(&chain(count)));
            (filled, deep.unwrap_err().to_string(), many.unwrap_err().to_string())
        };
        let thread = std::thread::Builder::new().stack_size(128 << 10).spawn(fill).unwrap();

        let (filled, deep, many) = thread.join().unwrap();
        assert_eq!(filled["ops"][0]["args"]["image"], "x");
        let problem = "is one of more than 32 variables that name one another in a row";
        assert_eq!(deep, format!("/global/variables/a00031: {problem}"));
        assert_eq!(many, "/global/variables: has 9001 variables; at most 256 are allowed");
    }

    #[test]
    fn variables_do_not_multiply() {
        let mut variables = Map::new();
        variables.insert("V0".to_owned(), "x".repeat(100).into());
        for index in 1..40 {
            let name = format!("%%global.variables.V{}%%", index - 1);
            variables.insert(format!("V{index}"), name.repeat(10).into());
        }
        let error = refuse(variables.into(), "a");
        assert!(error.contains("has more than 524288 bytes"), "{error}");
    }
}
