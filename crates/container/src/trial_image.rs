//! The image with which an engine is tried: one program that ends with exit code 0. Nothing is
//! downloaded.

use std::io;

/// The image's name. No registry has it.
pub(crate) const NAME: &str = "localhost/nosana-trial:1";
/// The program in the image.
pub(crate) const PROGRAM: &str = "/true";

/// Address of the program in memory.
const BASE_ADDRESS: u64 = 0x40_0000;
/// Size of both headers of the file, in bytes.
const HEADER_BYTES: u64 = 64 + 56;

/// Returns the machine's number in ELF, and the instructions of `exit(0)`.
const fn machine_code() -> Option<(u16, &'static [u8])> {
    if cfg!(target_arch = "x86_64") {
        // mov eax, 60; xor edi, edi; syscall
        Some((62, &[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]))
    } else if cfg!(target_arch = "aarch64") {
        // mov x8, #93; mov x0, #0; svc #0
        Some((183, &[0xa8, 0x0b, 0x80, 0xd2, 0, 0, 0x80, 0xd2, 0x01, 0, 0, 0xd4]))
    } else {
        None
    }
}

/// Builds an ELF program that ends with exit code 0; `None` for processors without containers.
pub(crate) fn build_program() -> Option<Vec<u8>> {
    let (machine, code) = machine_code()?;
    let size = HEADER_BYTES + code.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let mut put = |bytes: &[u8]| file.extend_from_slice(bytes);

    // An executable for this machine, whose code follows the headers; one program header, no
    // sections.
    [2, machine].iter().for_each(|half| put(&half.to_le_bytes()));
    put(&1_u32.to_le_bytes());
    [BASE_ADDRESS + HEADER_BYTES, 64, 0].iter().for_each(|word| put(&word.to_le_bytes()));
    put(&0_u32.to_le_bytes());
    [64_u16, 56, 1, 0, 0, 0].iter().for_each(|half| put(&half.to_le_bytes()));

    // One segment: the whole file, readable and executable.
    [1_u32, 5].iter().for_each(|word| put(&word.to_le_bytes()));
    [0, BASE_ADDRESS, BASE_ADDRESS, size, size, 0x1000]
        .iter()
        .for_each(|word| put(&word.to_le_bytes()));
    put(code);
    Some(file)
}

/// Builds the image's file system as a tar archive; `None` for processors without containers.
pub(crate) fn build_archive() -> io::Result<Option<Vec<u8>>> {
    let Some(program) = build_program() else { return Ok(None) };

    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    header.set_cksum();

    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, PROGRAM.trim_start_matches('/'), program.as_slice())?;
    archive.into_inner().map(Some)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, process::Command};

    use super::*;

    #[test]
    fn the_program_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("true");
        fs::write(&path, build_program().unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(Command::new(&path).status().unwrap().code(), Some(0));
        let archive = build_archive().unwrap().unwrap();
        let mut archive = tar::Archive::new(archive.as_slice());
        assert_eq!(archive.entries().unwrap().count(), 1);
    }
}
