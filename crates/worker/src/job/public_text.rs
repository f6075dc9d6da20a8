//! What strangers may read of an error of this machine.

use std::path::PathBuf;

use nosana_job_spec::MAX_RETURN_TEXT_BYTES;

/// What strangers read in the place of a path of this machine.
const HIDDEN_PATH: &str = "[path]";
/// The characters that end a path within a word.
const PATH_ENDS: [char; 9] = ['`', '\'', '"', ',', ';', ':', ')', ']', '>'];
/// Those that end the host of a URL: an address in brackets has colons.
const HOST_ENDS: [char; 7] = ['`', '\'', '"', ',', ';', ')', '>'];

/// The folders that this node uses. Their names may have spaces, so that no rule about words finds
/// all of a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnFolders(Vec<String>);

impl OwnFolders {
    /// These folders, without those whose name says nothing.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let named = folders
            .into_iter()
            .filter(|folder| folder.is_absolute() && folder.file_name().is_some())
            .map(|folder| folder.to_string_lossy().trim_end_matches('/').to_owned());

        // The inner ones first: what follows the name of an outer one may have a space.
        let mut named: Vec<String> = named.collect();
        named.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
        named.dedup();
        Self(named)
    }

    fn hide_all(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, folder| hide_folder(&text, folder))
    }
}

/// How a text is made fit for strangers.
pub(super) struct PublicText<'a> {
    /// The folders of this node.
    pub own_folders: &'a OwnFolders,
    /// Whether absolute paths are those of this machine.
    pub hides_paths: bool,
    /// Whether what follows the host of a URL may be a key of this node.
    pub hides_url_paths: bool,
}

impl PublicText<'_> {
    /// Returns the text on one line, without passwords in URLs and what else is to be hidden, and
    /// not longer than [`MAX_RETURN_TEXT_BYTES`].
    pub fn rewrite(&self, text: &str) -> String {
        let shown =
            if self.hides_paths { self.own_folders.hide_all(text) } else { text.to_owned() };
        let printable = shown.replace(char::is_control, " ");
        let words = printable.split_whitespace().map(|word| self.rewrite_word(word));

        let mut public = words.collect::<Vec<_>>().join(" ");
        let mut end = public.len().min(MAX_RETURN_TEXT_BYTES);
        while !public.is_char_boundary(end) {
            end -= 1;
        }
        public.truncate(end);
        public
    }

    fn rewrite_word(&self, word: &str) -> String {
        let Some((before, rest)) = word.split_once("://") else { return self.rewrite_path(word) };
        if before.ends_with("file") {
            return HIDDEN_PATH.to_owned();
        }

        let (prefix, scheme) = before.split_at(find_scheme(before));
        format!("{}{scheme}://{}", self.rewrite_path(prefix), self.rewrite_url(rest))
    }

    /// Returns what follows `://` without user, password, query and fragment, which may be secrets of
    /// this node, and without the path if that may be one.
    fn rewrite_url(&self, rest: &str) -> String {
        if self.hides_url_paths {
            let (named, path) = split_host(rest);
            let host = named.split(HOST_ENDS).next().unwrap_or_default();
            let hidden = if path.is_empty() { &named[host.len()..] } else { path };
            // The signs of the sentence around it.
            return format!("{host}{}", &hidden[hidden.trim_end_matches(PATH_ENDS).len()..]);
        }

        let (url, next) = match rest.split_once("://") {
            // Another URL in the same word, unless it is one of the query.
            Some((url, next)) if !url.contains(['?', '#']) => (url, Some(next)),
            _ => (rest, None),
        };
        let (host, path) = split_host(url);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let next = next.map(|next| format!("://{}", self.rewrite_url(next)));
        format!("{host}{path}{}", next.unwrap_or_default())
    }

    fn rewrite_path(&self, word: &str) -> String {
        if self.hides_paths { hide_paths(word) } else { word.to_owned() }
    }
}

/// Splits what follows `://` into the host, without user and password, and the rest.
fn split_host(rest: &str) -> (&str, &str) {
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    (authority.rsplit('@').next().unwrap_or_default(), path)
}

/// Returns where the scheme of a URL begins in what precedes `://`.
fn find_scheme(before: &str) -> usize {
    let is_of_scheme = |character: char| character.is_ascii_alphanumeric() || character == '+';
    before.trim_end_matches(is_of_scheme).len()
}

/// Returns the text without this folder and what is in it.
fn hide_folder(text: &str, folder: &str) -> String {
    let is_end = |character: char| character.is_whitespace() || PATH_ENDS.contains(&character);
    let mut shown = String::new();
    let mut rest = text;

    while let Some((before, after)) = rest.split_once(folder) {
        shown.push_str(before);
        let begins_here = before.ends_with("://") || !before.ends_with(is_of_path);
        let ends_here = after.starts_with('/') || !after.starts_with(is_of_path);

        if begins_here && ends_here {
            shown.push_str(HIDDEN_PATH);
            rest = &after[after.find(is_end).unwrap_or(after.len())..];
        } else {
            shown.push_str(folder);
            rest = after;
        }
    }
    shown + rest
}

/// Returns a word without the absolute paths in it.
fn hide_paths(word: &str) -> String {
    let mut shown = String::new();
    let mut rest = word;

    while let Some(start) = find_path(rest) {
        let (before, path) = rest.split_at(start);
        shown.push_str(before);
        shown.push_str(HIDDEN_PATH);
        rest = &path[path.find(PATH_ENDS).unwrap_or(path.len())..];
    }
    shown + rest
}

/// Returns where an absolute path begins in a word: not that of an image, as in `docker.io/busybox`.
fn find_path(word: &str) -> Option<usize> {
    word.match_indices('/')
        .find(|(at, _)| {
            !word[..*at].ends_with(is_of_path) && word[at + 1..].starts_with(is_of_path)
        })
        .map(|(at, _)| at)
}

fn is_of_path(character: char) -> bool {
    character.is_alphanumeric() || "._-~@/".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_THIS_NODE: bool = true;
    const OF_THE_CLIENT: bool = false;

    fn public(text: &str, hides_url_paths: bool) -> String {
        let folders = ["/home/Ann Smith/my store", "/home/Ann Smith", "/", "state"];
        let own_folders = &OwnFolders::new(folders.map(PathBuf::from));
        PublicText { own_folders, hides_paths: true, hides_url_paths }.rewrite(text)
    }

    #[test]
    fn strangers_read_what_concerns_the_job_only() {
        for (text, shown) in [
            (
                "the image `docker.io/a/b:1` does not exist",
                "the image `docker.io/a/b:1` does not exist",
            ),
            ("cannot write /home/ann/store/x: disk full", "cannot write [path]: disk full"),
            ("mount `/root/a`:/b, --log=/var/x", "mount `[path]`:[path], --log=[path]"),
            ("1/2 of ./a and a / b", "1/2 of ./a and a / b"),
            ("file:///home/ann/model", "[path]"),
            ("two\nlines\u{1b}[2J\t", "two lines [2J"),
        ] {
            assert_eq!(public(text, OF_THIS_NODE), shown);
        }
    }

    #[test]
    fn folders_with_spaces_are_hidden_whole() {
        for (text, shown) in [
            ("cannot read /home/Ann Smith/store/x: gone", "cannot read [path]: gone"),
            ("lock `/home/Ann Smith/my store/a`", "lock `[path]`"),
            ("file:///home/Ann Smith/a", "[path]"),
            ("a state of docker.io/home/Ann Smith", "a state of docker.io/home/Ann Smith"),
        ] {
            assert_eq!(public(text, OF_THIS_NODE), shown);
        }
    }

    #[test]
    fn of_the_urls_of_this_node_the_host_is_left() {
        for (text, shown) in [
            ("http://ann:pw@127.0.0.1:5001/api?token=1", "http://127.0.0.1:5001"),
            ("url (https://rpc.example/v2/KEY): no", "url (https://rpc.example): no"),
            ("`wss://[::1]:8900`: no", "`wss://[::1]:8900`: no"),
            ("at=/a/b,https://h?key=1", "at=[path],https://h"),
            ("http://a/x,http://u:pw@b/y", "http://a"),
        ] {
            assert_eq!(public(text, OF_THIS_NODE), shown);
        }
    }

    #[test]
    fn urls_of_the_client_keep_their_path_and_no_password() {
        for (text, shown) in [
            ("https://huggingface.co/a/b.gguf: 404", "https://huggingface.co/a/b.gguf: 404"),
            ("https://h/a?token=1", "https://h/a"),
            ("https://a/x,https://u:pw@b/y", "https://a/x,https://b/y"),
            ("https://a,https://u:pw@b/y", "https://a,https://b/y"),
        ] {
            assert_eq!(public(text, OF_THE_CLIENT), shown);
        }
    }
}
