//! Regular expressions of texts, for the `pattern` of a schema.
//!
//! The reader bounds bytes and a schema bounds characters: a text never has more characters than
//! bytes, so a schema accepts what the reader accepts.

/// Control characters, within a class.
macro_rules! control {
    () => {
        r"\x00-\x1f\x7f-\x9f"
    };
}

/// A name within a path: not empty, not `.`, not `..`. `$special` are further characters that it
/// excludes.
macro_rules! path_name {
    ($special:literal) => {
        concat!(
            r"([^./",
            $special,
            control!(),
            r"][^/",
            $special,
            control!(),
            r"]*|\.[^./",
            $special,
            control!(),
            r"][^/",
            $special,
            control!(),
            r"]*|\.\.[^/",
            $special,
            control!(),
            r"]+)"
        )
    };
}

/// A path relative to the work folder.
pub(crate) const RELATIVE_PATH: &str = concat!("^", path_name!(""), "(/", path_name!(""), ")*$");
/// A path relative to the work folder, or `.`, the work folder itself.
pub(crate) const FOLDER: &str = concat!(r"^(\.|", path_name!(""), "(/", path_name!(""), ")*)$");
/// An absolute path in a container, without `..`. Container engines give `:` and `,` a meaning of
/// their own.
pub(crate) const CONTAINER_PATH: &str = concat!("^(/(", path_name!(":,"), r"|\.)?)+$");
/// An image in a registry, `host:port/path:tag@digest`. Container engines read other forms, among
/// them files of the node, which must be refused.
pub(crate) const IMAGE: &str = concat!(
    "^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?",
    "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$"
);
/// A text without control characters that is not blank.
pub(crate) const PRINTABLE: &str =
    concat!("^[^", control!(), "]*[^", control!(), r"\s][^", control!(), "]*$");
/// A text without NUL.
pub(crate) const NO_NUL: &str = r"^[^\x00]*$";
/// A text without NUL that is not blank.
pub(crate) const NOT_BLANK: &str = r"^[^\x00]*[^\x00\s][^\x00]*$";
/// The path of a request over HTTP, with its query.
pub(crate) const REQUEST_PATH: &str = "^/[!-~]*$";
/// The name of a header of a request over HTTP.
pub(crate) const HEADER_NAME: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$";
/// The value of a header: printable characters of ASCII, in one line.
pub(crate) const HEADER_VALUE: &str = r"^[\t -~]*$";
/// A placeholder, which the reader replaces before it checks a text.
pub(crate) const PLACEHOLDER: &str = r"%%[a-z]+\.[^%\s]+%%";
