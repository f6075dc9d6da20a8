//! Versions of packages in a `Cargo.lock`.

/// Returns the versions of these packages: several if the lock file has several, `not known` if it
/// has none.
pub fn find_versions(lock: &str, packages: &[&'static str]) -> Vec<(&'static str, String)> {
    let versions = |name: &&'static str| {
        let found: Vec<&str> = list_packages(lock)
            .filter(|(package, _)| package == name)
            .map(|(_, version)| version)
            .collect();

        let text = if found.is_empty() { "not known".to_owned() } else { found.join(", ") };
        (*name, text)
    };
    packages.iter().map(versions).collect()
}

/// Lists names and versions: each package has a line `name = "…"` followed by its version.
fn list_packages(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    let following = lock.lines().skip(1);

    lock.lines().zip(following).filter_map(|(line, next)| {
        let name = find_text(line, "name = ")?;
        let version = find_text(next, "version = ")?;
        Some((name, version))
    })
}

fn find_text<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_versions_of_a_package_are_found() {
        let lock = "version = 4\n\n[[package]]\nname = \"anchor-lang\"\nversion = \"2.0.0-rc.2\"\n\
                    dependencies = [\n \"litesvm\",\n]\n\n[[package]]\nname = \"litesvm\"\n\
                    version = \"0.16.0\"\n\n[[package]]\nname = \"litesvm\"\n\
                    version = \"0.17.0\"\n";
        let versions = find_versions(lock, &["litesvm", "anchor-lang", "absent"]);
        let expected =
            [("litesvm", "0.16.0, 0.17.0"), ("anchor-lang", "2.0.0-rc.2"), ("absent", "not known")];
        assert_eq!(versions, expected.map(|(name, version)| (name, version.to_owned())));
    }
}
