//! Values of other operations in the texts of a container, such as `%%ops.setter.results.port%%`.

use std::fmt;

/// What encloses a placeholder.
const MARK: &str = "%%";
/// Where placeholders of operations begin.
pub(super) const OPERATION_ROOT: &str = "ops.";

/// A value of another operation, which a node fills in before the container starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// What a result of the operation matched: `%%ops.ID.results.KEY%%`.
    Result {
        /// The operation's name.
        operation: &'a str,
        /// The result's name.
        key: &'a str,
    },
    /// The address at which the operation's ports are reached: `%%ops.ID.host%%`.
    Host {
        /// The operation's name.
        operation: &'a str,
    },
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextPart<'a> {
    /// It means itself.
    Plain(&'a str),
    /// The name of a value, which stood between two marks.
    Placeholder(&'a str),
}

impl<'a> Reference<'a> {
    /// The reference with this name; `None` if the name has neither form.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let path = name.strip_prefix(OPERATION_ROOT)?;
        let reference = match path.split_once(".results.") {
            Some((operation, key)) => Self::Result { operation, key },
            None => Self::Host { operation: path.strip_suffix(".host")? },
        };
        (!reference.operation().is_empty()).then_some(reference)
    }

    /// The name of the other operation.
    pub const fn operation(&self) -> &'a str {
        match self {
            Self::Result { operation, .. } | Self::Host { operation } => operation,
        }
    }
}

/// Writes the placeholder.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result { operation, key } => {
                write!(f, "{MARK}{OPERATION_ROOT}{operation}.results.{key}{MARK}")
            }
            Self::Host { operation } => write!(f, "{MARK}{OPERATION_ROOT}{operation}.host{MARK}"),
        }
    }
}

/// Splits a text at its placeholders.
pub(super) fn split_placeholders(text: &str) -> Vec<TextPart<'_>> {
    let mut parts = Vec::new();
    let mut plain_start = 0;
    let mut at = 0;

    while let Some(found) = text.get(at..).and_then(|rest| rest.find(MARK)) {
        let mark = at + found;
        let name_start = mark + MARK.len();
        let rest = text.get(name_start..).unwrap_or_default();
        let name = rest.find(MARK).and_then(|end| rest.get(..end)).filter(|name| is_path(name));

        // Each mark may be the first one of a placeholder: `100%%%ops.a.host%%`.
        let Some(name) = name else {
            at = mark + 1;
            continue;
        };
        parts.extend(
            text.get(plain_start..mark).filter(|text| !text.is_empty()).map(TextPart::Plain),
        );
        parts.push(TextPart::Placeholder(name));
        at = name_start + name.len() + MARK.len();
        plain_start = at;
    }

    let rest = text.get(plain_start..).filter(|text| !text.is_empty());
    parts.extend(rest.map(TextPart::Plain));
    parts
}

/// Whether a text between two marks has the form `ops.…` or `global.…`. Other texts, such as that
/// in `printf '%d%% of %d%%'`, mean themselves.
fn is_path(name: &str) -> bool {
    name.split_once('.').is_some_and(|(root, path)| {
        root.len() > 1
            && root.bytes().all(|byte| byte.is_ascii_lowercase())
            && !path.is_empty()
            && !path.contains(|c: char| c.is_whitespace() || c == '%')
    })
}

#[cfg(test)]
mod tests {
    use super::{
        TextPart::{Placeholder, Plain},
        *,
    };

    #[test]
    fn a_text_is_split_at_its_placeholders() {
        for (text, expected) in [
            ("", vec![]),
            ("plain", vec![Plain("plain")]),
            ("%%global.variables.A%%", vec![Placeholder("global.variables.A")]),
            (
                "http://%%ops.a:1.host%%:80/%%ops.b.results.c%%",
                vec![
                    Plain("http://"),
                    Placeholder("ops.a:1.host"),
                    Plain(":80/"),
                    Placeholder("ops.b.results.c"),
                ],
            ),
            ("100%%%ops.a.host%%", vec![Plain("100%"), Placeholder("ops.a.host")]),
            ("ä%%ops.ä.host%%ä", vec![Plain("ä"), Placeholder("ops.ä.host"), Plain("ä")]),
        ] {
            assert_eq!(split_placeholders(text), expected, "{text}");
        }
    }

    #[test]
    fn percent_signs_mean_themselves() {
        for text in [
            "printf '%d%% of %d%%'",
            "date +%%Y.%%m.%%d",
            "100%%",
            "%%%%",
            "%%ops.%%",
            "%%.a%%",
            "50%%. And.5%%",
        ] {
            assert_eq!(split_placeholders(text), [Plain(text)], "{text}");
        }
    }

    #[test]
    fn a_name_is_a_result_or_a_host() {
        let result = Reference::Result { operation: "gpt-oss:20b", key: "a.b" };
        let host = Reference::Host { operation: "llama3.1" };
        for (name, expected) in [
            ("ops.gpt-oss:20b.results.a.b", Some(result)),
            ("ops.llama3.1.host", Some(host)),
            ("ops.a.results", None),
            ("ops.a.endpoint.80", None),
            ("ops..host", None),
            ("global.variables.A", None),
        ] {
            assert_eq!(Reference::parse(name), expected, "{name}");
        }
        assert_eq!(result.to_string(), "%%ops.gpt-oss:20b.results.a.b%%");
        assert_eq!(host.to_string(), "%%ops.llama3.1.host%%");
    }
}
