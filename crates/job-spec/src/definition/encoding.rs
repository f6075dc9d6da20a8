//! The encoding of a definition's file.

use serde_json::Value;

use super::error::DefinitionError;

/// The byte order mark of UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// The byte order marks of UTF-16 and UTF-32, little-endian and big-endian.
const WIDE_MARKS: [&[u8]; 3] = [b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"];
/// What a user does about another encoding.
const MEND: &str = "save the file as UTF-8";

/// Reads a definition as JSON without checking its fields.
///
/// # Errors
/// If it is not JSON in UTF-8. The error names other encodings.
pub fn read_definition_json(bytes: &[u8]) -> Result<Value, DefinitionError> {
    Ok(serde_json::from_str(decode_definition(bytes)?)?)
}

/// Returns a definition's text, without the byte order mark that some editors write.
pub(super) fn decode_definition(bytes: &[u8]) -> Result<&str, DefinitionError> {
    let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);

    // JSON begins with an ASCII character, which has zeros beside it in a wider encoding.
    let has_zeros = bytes.iter().take(2).any(|byte| *byte == 0);
    if has_zeros || WIDE_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        let problem = format!("is UTF-16 or UTF-32; {MEND}");
        return Err(DefinitionError::Encoding(problem));
    }

    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        DefinitionError::Encoding(format!("is not UTF-8 at its byte {at}; {MEND}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JobDefinition, definition::tests::example};

    #[test]
    fn a_mark_is_skipped_and_other_encodings_are_named() {
        let json = example().to_string();
        let marked = [UTF8_MARK, json.as_bytes()].concat();
        let windows =
            [UTF8_MARK, format!("{:#}", example()).replace('\n', "\r\n").as_bytes()].concat();
        for bytes in [marked, windows] {
            assert!(JobDefinition::from_json(&bytes).is_ok());
            assert_eq!(read_definition_json(&bytes).unwrap(), example());
        }

        let little = |mark: &str| -> Vec<u8> {
            (mark.to_owned() + &json).encode_utf16().flat_map(u16::to_le_bytes).collect()
        };
        let big: Vec<u8> = json.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little("\u{feff}"), little(""), big] {
            let error = JobDefinition::from_json(&bytes).unwrap_err().to_string();
            assert!(
                error.contains("is UTF-16") && error.contains("save the file as UTF-8"),
                "{error}"
            );
        }
        let latin = JobDefinition::from_json(b"{\"an\xe9\": 12}").unwrap_err().to_string();
        assert!(latin.contains("is not UTF-8 at its byte 4; save the file as UTF-8"), "{latin}");
    }
}
