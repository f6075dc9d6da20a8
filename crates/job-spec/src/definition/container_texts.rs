//! The texts of a container in which values of other operations may stand: its command, its
//! entrypoint and the values of its variables.

use super::{
    checks::escape_key,
    container::ContainerArgs,
    container_command::{check_container_command, check_entrypoint},
    environment::check_environment,
    error::DefinitionError,
    references::{Reference, TextPart, split_placeholders},
    step::StepCommand,
};

/// The most bytes of all texts with the values of other operations: more than a container can be
/// started with. A text of placeholders alone could multiply the values to any size.
const MAX_FILLED_BYTES: usize = 1024 * 1024;

/// Returns the values of a reference, or why there are none.
type FindValues<'a> = dyn Fn(&Reference<'_>) -> Result<Vec<String>, String> + 'a;

/// Fills in values.
struct Filler<'a> {
    find_values: &'a FindValues<'a>,
    /// The bytes that texts may still get.
    left_bytes: usize,
}

impl ContainerArgs {
    /// The values of other operations that its texts name, in order.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let texts = self.texts("").into_iter();
        texts.flat_map(|(_, text)| list_references(text)).collect()
    }

    /// Returns the arguments with the values of other operations. Several values are separated by
    /// spaces, and become several elements where an element of a list is a placeholder alone.
    ///
    /// # Errors
    /// With a reason for the job's log, if a value is missing, or the texts become too long.
    pub fn fill_references(&self, find_values: &FindValues<'_>) -> Result<Self, String> {
        let mut filled = self.clone();
        let mut filler = Filler { find_values, left_bytes: MAX_FILLED_BYTES };

        filled.cmd = match &self.cmd {
            None => None,
            Some(StepCommand::Line(line)) => Some(StepCommand::Line(filler.fill_text(line)?)),
            Some(StepCommand::Arguments(list)) => {
                Some(StepCommand::Arguments(filler.fill_list(list)?))
            }
        };
        filled.entrypoint = filler.fill_list(&self.entrypoint)?;
        for value in filled.env.values_mut() {
            *value = filler.fill_text(value)?;
        }

        filled.check_texts().map_err(|error| format!("once its values are filled in, {error}"))?;
        Ok(filled)
    }

    fn check_texts(&self) -> Result<(), DefinitionError> {
        if let Some(cmd) = &self.cmd {
            check_container_command("cmd", cmd, &self.entrypoint)?;
        }
        check_entrypoint("entrypoint", &self.entrypoint)?;
        check_environment("env", &self.env)
    }

    /// The texts, each with its place.
    pub(super) fn texts(&self, pointer: &str) -> Vec<(String, &str)> {
        let mut texts = Vec::new();

        match &self.cmd {
            None => {}
            Some(StepCommand::Line(line)) => texts.push((format!("{pointer}/cmd"), line.as_str())),
            Some(StepCommand::Arguments(list)) => texts.extend(list_texts(pointer, "cmd", list)),
        }
        texts.extend(list_texts(pointer, "entrypoint", &self.entrypoint));
        let variables = self.env.iter();
        texts.extend(
            variables.map(|(name, value)| {
                (format!("{pointer}/env/{}", escape_key(name)), value.as_str())
            }),
        );
        texts
    }
}

fn list_texts<'a>(
    pointer: &str,
    field: &str,
    list: &'a [String],
) -> impl Iterator<Item = (String, &'a str)> {
    let texts = list.iter().enumerate();
    texts.map(move |(index, text)| (format!("{pointer}/{field}/{index}"), text.as_str()))
}

/// The references in a text.
pub(super) fn list_references(text: &str) -> Vec<Reference<'_>> {
    let parts = split_placeholders(text).into_iter();
    parts
        .filter_map(|part| match part {
            TextPart::Plain(_) => None,
            TextPart::Placeholder(name) => Reference::parse(name),
        })
        .collect()
}

impl Filler<'_> {
    fn fill_list(&mut self, list: &[String]) -> Result<Vec<String>, String> {
        let mut filled = Vec::with_capacity(list.len());

        for text in list {
            match split_placeholders(text)[..] {
                [TextPart::Placeholder(name)] => match Reference::parse(name) {
                    Some(reference) => filled.extend(self.take_values(&reference)?),
                    None => filled.push(text.clone()),
                },
                _ => filled.push(self.fill_text(text)?),
            }
        }
        Ok(filled)
    }

    fn fill_text(&mut self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());

        for part in split_placeholders(text) {
            match part {
                TextPart::Plain(text) => filled.push_str(text),
                TextPart::Placeholder(name) => match Reference::parse(name) {
                    Some(reference) => filled.push_str(&self.take_values(&reference)?.join(" ")),
                    None => filled.push_str(&format!("%%{name}%%")),
                },
            }
        }
        Ok(filled)
    }

    /// Returns the values of a reference, if there is room for them.
    fn take_values(&mut self, reference: &Reference<'_>) -> Result<Vec<String>, String> {
        let values = (self.find_values)(reference)?;
        let bytes: usize = values.iter().map(|value| value.len() + 1).sum();

        self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or_else(|| {
            format!("once its values are filled in, it has more than {MAX_FILLED_BYTES} bytes")
        })?;
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn args() -> ContainerArgs {
        let list = ["run", "%%ops.a.results.ids%%", "n=%%ops.a.results.ids%%", "%%env.x%%"];
        ContainerArgs {
            cmd: Some(StepCommand::Arguments(list.map(str::to_owned).to_vec())),
            env: BTreeMap::from([("URL".to_owned(), "http://%%ops.b.host%%:80".to_owned())]),
            ..ContainerArgs::default()
        }
    }

    fn find_values(reference: &Reference<'_>) -> Result<Vec<String>, String> {
        match reference {
            Reference::Result { key: "ids", .. } => Ok(["1", "2"].map(str::to_owned).to_vec()),
            Reference::Result { key, .. } => Err(format!("`{key}` matched nothing")),
            Reference::Host { .. } => Ok(vec!["127.0.0.1".to_owned()]),
        }
    }

    #[test]
    fn values_are_joined_in_texts_and_are_elements_of_lists() {
        let filled = args().fill_references(&find_values).unwrap();
        assert_eq!(filled.command(), ["run", "1", "2", "n=1 2", "%%env.x%%"]);
        assert_eq!(filled.env["URL"], "http://127.0.0.1:80");
        assert_eq!(filled.references(), []);
        assert_eq!(args().references().len(), 3);
    }

    #[test]
    fn a_missing_value_is_named_and_the_bounds_stay() {
        let mut missing = args();
        missing.entrypoint = vec!["%%ops.a.results.none%%".to_owned()];
        assert_eq!(missing.fill_references(&find_values).unwrap_err(), "`none` matched nothing");

        let mut many = args();
        many.env.insert("ALL".to_owned(), "%%ops.a.results.ids%%".repeat(10_000));
        let find = |_: &Reference<'_>| Ok(vec!["x".repeat(32_000)]);
        let problem = many.fill_references(&find).unwrap_err();
        assert_eq!(problem, "once its values are filled in, it has more than 1048576 bytes");

        let long = |_: &Reference<'_>| Ok(vec!["x".repeat(40_000)]);
        let problem = args().fill_references(&long).unwrap_err();
        assert!(problem.starts_with("once its values are filled in, cmd: has"), "{problem}");
    }
}
