//! The image with which an engine is tried: a program that ends with exit code 0, and one that
//! waits. Nothing is downloaded.

use std::io;

/// The image's name. No registry has it.
pub(crate) const NAME: &str = "localhost/nosana-trial:2";
/// The program that ends.
pub(crate) const PROGRAM: &str = "/true";
/// The program that waits until it is killed.
pub(crate) const PAUSE_PROGRAM: &str = "/pause";

/// Address of the program in memory.
const BASE_ADDRESS: u64 = 0x40_0000;
/// Size of both headers of the file, in bytes.
const HEADER_BYTES: u64 = 64 + 56;

/// The number of this machine's processor in ELF; `None` for processors without containers.
const fn machine_number() -> Option<u16> {
    if cfg!(target_arch = "x86_64") {
        Some(62)
    } else if cfg!(target_arch = "aarch64") {
        Some(183)
    } else {
        None
    }
}

/// The instructions of `exit(0)`.
const fn exit_code() -> &'static [u8] {
    if cfg!(target_arch = "x86_64") {
        // mov eax, 60; xor edi, edi; syscall
        &[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]
    } else {
        // mov x8, #93; mov x0, #0; svc #0
        &[0xa8, 0x0b, 0x80, 0xd2, 0, 0, 0x80, 0xd2, 0x01, 0, 0, 0xd4]
    }
}

/// The instructions of a loop that waits for signals.
const fn pause_code() -> &'static [u8] {
    if cfg!(target_arch = "x86_64") {
        // mov eax, 34; syscall; jmp to the beginning
        &[0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]
    } else {
        // mov x0, #0; mov x1, #0; mov x2, #0; mov x3, #0; mov x8, #73 (ppoll); svc #0; b to the
        // beginning
        &[
            0x00, 0x00, 0x80, 0xd2, 0x01, 0x00, 0x80, 0xd2, 0x02, 0x00, 0x80, 0xd2, 0x03, 0x00,
            0x80, 0xd2, 0x28, 0x09, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4, 0xfa, 0xff, 0xff, 0x17,
        ]
    }
}

/// Builds an ELF program of these instructions; `None` for processors without containers.
pub(crate) fn build_program(code: &[u8]) -> Option<Vec<u8>> {
    let machine = machine_number()?;
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
    let mut archive = tar::Builder::new(Vec::new());

    for (path, code) in [(PROGRAM, exit_code()), (PAUSE_PROGRAM, pause_code())] {
        let Some(program) = build_program(code) else { return Ok(None) };
        let mut header = tar::Header::new_gnu();
        header.set_size(program.len() as u64);
        header.set_mode(0o755);
        header.set_cksum();
        archive.append_data(&mut header, path.trim_start_matches('/'), program.as_slice())?;
    }
    archive.into_inner().map(Some)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{fs::PermissionsExt, process::ExitStatusExt},
        process::{Child, Command},
    };

    use super::*;

    fn start(code: &[u8]) -> (tempfile::TempDir, Child) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, build_program(code).unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let child = Command::new(&path).spawn().unwrap();
        (folder, child)
    }

    #[test]
    fn one_program_ends_and_the_other_waits() {
        let (_folder, mut pausing) = start(pause_code());
        let (_other, mut ending) = start(exit_code());
        assert_eq!(ending.wait().unwrap().code(), Some(0));
        assert!(pausing.try_wait().unwrap().is_none(), "it has ended");
        pausing.kill().unwrap();
        assert_eq!(pausing.wait().unwrap().signal(), Some(9));

        let archive = build_archive().unwrap().unwrap();
        let mut archive = tar::Archive::new(archive.as_slice());
        assert_eq!(archive.entries().unwrap().count(), 2);
    }
}
