//! What a build for Vulkan needs: the compiler of shaders, and headers that are new enough.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    cache::{self, Draft},
    setup::{Package, apt},
    shell,
};

const PACKAGES: &[Package] = &[
    Package {
        debian: "glslc",
        command: Some("glslc"),
        why: "compiles llama.cpp's shaders for Vulkan",
    },
    Package {
        debian: "spirv-headers",
        command: None,
        why: "constants of the shaders' machine language",
    },
    Package { debian: "libvulkan-dev", command: None, why: "Vulkan's loader and headers" },
    Package {
        debian: "mesa-vulkan-drivers",
        command: None,
        why: "drivers of AMD and Intel, and one that runs on the CPU",
    },
];

/// What llama.cpp uses, and older headers do not have.
const NEEDED_EXTENSION: &str = "VK_EXT_layer_settings";
/// The release of Debian whose headers are new enough.
const NEWER_RELEASE: &str = "trixie";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Returns true if the packages are there, or can be installed without a password.
pub fn can_ensure_toolkit() -> bool {
    apt::has_apt() && (PACKAGES.iter().all(apt::is_present) || apt::can_install())
}

/// Returns why a failed installation cannot succeed on this machine; `None` if it should have.
pub fn find_obstacle() -> Option<&'static str> {
    if apt::is_offline() {
        return Some("an archive of this system's packages cannot be reached");
    }
    if !PACKAGES.iter().all(|package| apt::is_present(package) || apt::is_offered(package)) {
        return Some("this system's archives do not have all of Vulkan's packages");
    }

    let has_headers = has_new_headers(Path::new("/usr")) || find_archive().is_ok();
    (!has_headers).then_some("Vulkan's headers are too old here, and Debian's cannot be fetched")
}

/// Installs what is missing, and points the build at headers that are new enough.
pub fn ensure_toolkit(cargo: &mut Command) -> Result<()> {
    if apt::has_apt() {
        apt::ensure_packages(PACKAGES)?;
    } else {
        ensure!(
            shell::on_path("glslc"),
            "glslc is missing: install the Vulkan SDK, and set VULKAN_SDK to its folder"
        );
    }

    let sdk = std::env::var_os("VULKAN_SDK").map(PathBuf::from);
    let installed = sdk.unwrap_or_else(|| "/usr".into());
    if has_new_headers(&installed) {
        return Ok(());
    }

    let headers = cache::make_folder("vulkan-headers", unpack_newer_headers).context(
        "the Vulkan headers are older than 1.3.275, which llama.cpp needs; install the Vulkan SDK, \
         and set VULKAN_SDK to its folder",
    )?;
    cargo.env("VULKAN_SDK", headers.join("usr"));
    Ok(())
}

fn has_new_headers(sdk: &Path) -> bool {
    let header = fs::read_to_string(sdk.join("include/vulkan/vulkan_core.h"));
    header.is_ok_and(|text| text.contains(NEEDED_EXTENSION))
}

/// Downloads a newer release's headers from the archive that this system uses, and unpacks them into
/// a folder. Nothing is installed.
fn unpack_newer_headers(draft: &Draft) -> Result<()> {
    let folder = &draft.partial;
    let lists = folder.join("lists");
    fs::create_dir_all(&lists)?;

    let source = folder.join("source.list");
    let archive = find_archive()?;
    fs::write(&source, format!("deb [signed-by={KEYRING}] {archive} {NEWER_RELEASE} main\n"))?;
    let apt_get = || {
        let mut apt_get = Command::new("apt-get");
        let options = [
            format!("Dir::Etc::sourcelist={}", source.display()),
            "Dir::Etc::sourceparts=-".to_owned(),
            format!("Dir::State::lists={}", lists.display()),
            "Dir::Cache::pkgcache=".to_owned(),
            "Dir::Cache::srcpkgcache=".to_owned(),
        ];
        for option in options {
            apt_get.args(["--option", &option]);
        }
        apt_get.current_dir(folder);
        apt_get
    };

    shell::run_logged(apt_get().arg("update"), &draft.log)?;
    shell::run_logged(apt_get().args(["download", "libvulkan-dev"]), &draft.log)?;
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let package = files
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get downloaded no package")?;
    shell::run_logged(
        Command::new("dpkg-deb").arg("--extract").args([&package, folder]),
        &draft.log,
    )?;

    fs::remove_dir_all(&lists)?;
    fs::remove_file(&package)?;
    if !has_new_headers(&folder.join("usr")) {
        bail!("the headers of {NEWER_RELEASE} are too old as well");
    }
    Ok(())
}

/// Returns the archive of Debian from which this system gets its packages.
fn find_archive() -> Result<String> {
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);

    let listed = shell::capture(&mut targets)?;
    let archive = listed.lines().find(|line| line.trim_end_matches('/').ends_with("/debian"));
    Ok(archive.context("this system gets no packages from an archive of Debian")?.to_owned())
}
