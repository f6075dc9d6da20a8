//! Reads numbers and texts of a file. Every length is compared with what is left of the file before
//! anything is read, so a file that lies costs neither memory nor time.

use std::io::{BufReader, Read, Seek};

/// A file that is read from its beginning to its end.
pub(super) struct BoundedReader<R> {
    file: BufReader<R>,
    /// How much was read.
    position: u64,
    /// The size of the file.
    size: u64,
}

impl<R: Read + Seek> BoundedReader<R> {
    pub fn new(file: R, size: u64) -> Self {
        Self { file: BufReader::new(file), position: 0, size }
    }

    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Counts `bytes` as read, if the file has them.
    fn advance(&mut self, bytes: u64) -> Result<(), String> {
        let end = self.position.checked_add(bytes).filter(|end| *end <= self.size);

        self.position = end.ok_or_else(|| {
            format!(
                "it is cut, or lies about its sizes: {bytes} bytes are to follow byte {}, and it \
                 has {}",
                self.position, self.size
            )
        })?;
        Ok(())
    }

    pub fn read_bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.advance(N as u64)?;

        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    pub fn read_u32(&mut self) -> Result<u32, String> {
        self.read_bytes().map(u32::from_le_bytes)
    }

    pub fn read_u64(&mut self) -> Result<u64, String> {
        self.read_bytes().map(u64::from_le_bytes)
    }

    /// Reads a text of at most `max_bytes`. `what` names it.
    pub fn read_text(&mut self, what: &str, max_bytes: u64) -> Result<String, String> {
        let length = self.read_u64()?;
        if length > max_bytes {
            return Err(format!("{what} has {length} bytes; at most {max_bytes} are allowed"));
        }
        self.advance(length)?;

        let mut bytes = Vec::new();
        let read = (&mut self.file).take(length).read_to_end(&mut bytes);
        let count = read.map_err(|error| error.to_string())? as u64;
        if count < length {
            return Err("it became shorter while it was read".to_owned());
        }
        String::from_utf8(bytes).map_err(|_| format!("{what} is not UTF-8"))
    }

    /// Skips bytes.
    pub fn skip_bytes(&mut self, bytes: u64) -> Result<(), String> {
        self.advance(bytes)?;
        let offset = i64::try_from(bytes).map_err(|error| error.to_string())?;
        self.file.seek_relative(offset).map_err(|error| error.to_string())
    }

    /// Skips a text.
    pub fn skip_text(&mut self) -> Result<(), String> {
        let length = self.read_u64()?;
        self.skip_bytes(length)
    }
}
