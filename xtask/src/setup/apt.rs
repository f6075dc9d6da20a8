//! Debian and Ubuntu packages: installs only those that are missing.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{layout, shell};

/// A system package.
pub struct Package {
    /// The package's name on Debian and Ubuntu.
    pub debian: &'static str,
    /// A command that makes the package unnecessary if it is on `PATH`.
    pub command: Option<&'static str>,
    /// What the package is needed for.
    pub why: &'static str,
}

/// Returns true if this system has Debian's package tools.
pub fn has_apt() -> bool {
    shell::on_path("dpkg-query") && shell::on_path("apt-get")
}

/// Returns true if this system is Ubuntu, some of whose packages only install a snap.
pub fn is_ubuntu() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|release| names_ubuntu(&release))
}

fn names_ubuntu(release: &str) -> bool {
    let mut ids = release.lines().filter_map(|line| line.strip_prefix("ID="));
    ids.any(|id| id.trim_matches('"') == "ubuntu")
}

/// Returns the installed version of a package; `None` if it is not installed.
pub fn installed_version(package: &str) -> Option<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status} ${Version}", package]);
    shell::capture(&mut query).ok()?.strip_prefix("installed ").map(str::to_owned)
}

/// Installs the packages that are missing, and never removes an installed one.
pub fn ensure_packages(packages: &[Package]) -> Result<()> {
    let missing: Vec<&Package> = packages.iter().filter(|package| !is_present(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }

    eprintln!("system packages to install:");
    for package in &missing {
        eprintln!("  {:22} {}", package.debian, package.why);
    }

    let names: Vec<&str> = missing.iter().map(|package| package.debian).collect();
    let remedy = format!("run as root: apt-get update && apt-get install {}", names.join(" "));
    if !has_apt() {
        bail!(
            "this system has no apt; install the equivalents of these Debian packages: {}",
            names.join(" ")
        );
    }

    shell::run(apt_get(&remedy)?.arg("update")).with_context(|| remedy.clone())?;

    let mut install = apt_get(&remedy)?;
    install.args(["install", "--yes", "--no-install-recommends", "--no-remove"]).args(&names);
    shell::run(&mut install).with_context(|| remedy.clone())
}

/// Returns true if a package is installed, or its command comes from elsewhere.
pub fn is_present(package: &Package) -> bool {
    package.command.is_some_and(shell::on_path) || installed_version(package.debian).is_some()
}

/// Returns an `apt-get` command that may install packages; fails without root and sudo.
fn apt_get(remedy: &str) -> Result<Command> {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else if shell::on_path("sudo") {
        let mut sudo = Command::new("sudo");
        sudo.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    } else {
        bail!("installing packages requires root or sudo; {remedy}");
    };

    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}

/// Returns true if packages can be installed without a password.
pub fn can_install() -> bool {
    has_apt() && (is_root() || shell::is_successful(Command::new("sudo").args(["-n", "true"])))
}

/// Returns true if an archive of this system's packages cannot be reached. Reads the lists into a
/// folder of its own, which needs no root.
pub fn is_offline() -> bool {
    let lists = layout::target_folder().join("apt-lists");
    if fs::create_dir_all(&lists).is_err() {
        return false;
    }

    let mut update = Command::new("apt-get");
    update.args(["--option", &format!("Dir::State::lists={}", lists.display())]);
    for cache in ["pkgcache", "srcpkgcache"] {
        update.args(["--option", &format!("Dir::Cache::{cache}=")]);
    }
    update.args(["--option", "APT::Update::Error-Mode=any", "update"]);
    let is_reached = shell::is_successful(&mut update);

    fs::remove_dir_all(&lists).ok();
    !is_reached
}

/// Returns true if this system's archives have a package.
pub fn is_offered(package: &Package) -> bool {
    shell::is_successful(Command::new("apt-cache").args(["show", package.debian]))
}

/// Returns true if this process runs as root.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;

    Path::new("/proc/self").metadata().is_ok_and(|own| own.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ubuntu_is_known_by_its_id() {
        assert!(names_ubuntu("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"));
        assert!(names_ubuntu("ID=\"ubuntu\""));
        assert!(!names_ubuntu("ID=debian\nNAME=\"Debian GNU/Linux\"\n"));
        assert!(!names_ubuntu("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "a package of its own");
    }
}
