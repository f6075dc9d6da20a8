//! Measures the usable graphics memory. No graphics interface reports it, so it is allocated,
//! written, and freed.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use burn::tensor::wgpu::wgpu::{
    self, Adapter, Buffer, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, Device,
    DeviceDescriptor, ErrorFilter, MemoryHints, PollType, Queue,
};
use serde::{Deserialize, Serialize};

use crate::adapters::{find_adapter, poll_ready};
use crate::{AdapterKind, EngineError, Gpu};

const MIB: u64 = 1 << 20;
/// The first allocation that is tried.
const LARGEST_PIECE: u64 = 1_024 * MIB;
/// The smallest allocation that is tried. Below 64 MiB, drivers allocate from larger blocks.
const SMALLEST_PIECE: u64 = 64 * MIB;
/// The most of the host's memory that is allocated if the shaders run on the CPU: enough to show
/// that it works.
const MAX_ON_CPU: u64 = 512 * MIB;
/// The most of a shared memory that is allocated if the system does not report its size.
const MAX_OF_UNKNOWN: u64 = 4_096 * MIB;
/// More than any adapter has: a driver that allocates this much does not back it with memory.
const MAX_BYTES: u64 = 1 << 40;
/// The longest measurement. A driver that begins to swap gets slower and slower.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// The graphics memory that this process can allocate and write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsableMemory {
    /// MiB that were allocated and written at the same time, a multiple of 64.
    pub mib: u64,
    /// What ended the measurement.
    pub bound: MemoryBound,
}

/// What ended the measurement of graphics memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryBound {
    /// The adapter has no more memory.
    Adapter,
    /// The adapter shares the host's memory, and the host must keep enough: a quarter of the
    /// available memory, at most 512 MiB, is allocated if the shaders run on the CPU; half of it
    /// for other adapters without memory of their own.
    Host,
    /// It took too long: the driver evicts memory of others.
    Time,
}

impl UsableMemory {
    /// Allocates graphics memory until no more is available, writes it, and frees it. In the
    /// meantime, other programs on the machine get none. Takes about a second, 20 at most.
    ///
    /// # Errors
    /// If the adapter cannot open another device, or fails before its first allocation. The end of
    /// the memory is not an error.
    pub fn probe(gpu: &Gpu) -> Result<Self, EngineError> {
        let adapter = find_adapter(gpu.wgpu_info())
            .ok_or_else(|| EngineError::Device("the adapter is no longer listed".into()))?;
        let (max_bytes, bound_at_max) = memory_limit(gpu.info().kind, available_bytes());
        let taken = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&taken);

        // A thread of its own, because error scopes belong to a thread, and because the graphics
        // library turns some failures of drivers into panics.
        let bound =
            thread::spawn(move || allocate_memory(&adapter, max_bytes, bound_at_max, &counter))
                .join();
        let mib = taken.load(Ordering::Acquire) / MIB;

        match bound {
            Ok(Ok(bound)) => Ok(Self { mib, bound }),
            Ok(Err(error)) => Err(error),
            Err(_) if mib > 0 => Ok(Self { mib, bound: MemoryBound::Adapter }),
            Err(_) => Err(EngineError::Device("it failed while memory was allocated".into())),
        }
    }
}

/// The most bytes to allocate, and what that bound means.
fn memory_limit(kind: AdapterKind, available: Option<u64>) -> (u64, MemoryBound) {
    let of_host = match kind {
        AdapterKind::Discrete | AdapterKind::Virtual => return (MAX_BYTES, MemoryBound::Adapter),
        AdapterKind::Software => available.map_or(MAX_ON_CPU, |bytes| (bytes / 4).min(MAX_ON_CPU)),
        AdapterKind::Integrated | AdapterKind::Other => {
            available.map_or(MAX_OF_UNKNOWN, |bytes| bytes / 2)
        }
    };

    (of_host / SMALLEST_PIECE * SMALLEST_PIECE, MemoryBound::Host)
}

/// The memory that the host can give to a new process without swapping, in bytes; `None` except on
/// Linux.
fn available_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:")?.trim().strip_suffix("kB"))?;
    Some(kib.trim().parse::<u64>().ok()? * 1_024)
}

/// Allocates memory in pieces, counts in `taken` the bytes that were written, and frees all of it.
fn allocate_memory(
    adapter: &Adapter,
    max_bytes: u64,
    bound_at_max: MemoryBound,
    taken: &AtomicU64,
) -> Result<MemoryBound, EngineError> {
    let start = Instant::now();
    let descriptor = DeviceDescriptor {
        required_limits: adapter.limits(),
        memory_hints: MemoryHints::MemoryUsage,
        ..DeviceDescriptor::default()
    };
    let (device, queue) = poll_ready(adapter.request_device(&descriptor))
        .map_err(|error| EngineError::Device(error.to_string()))?;

    let lost = Arc::new(AtomicBool::new(false));
    let lost_by_callback = Arc::clone(&lost);
    let lost_by_error = Arc::clone(&lost);
    device.set_device_lost_callback(move |_, _| lost_by_callback.store(true, Ordering::Release));
    // The default handler aborts the process on an error outside of a scope.
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        tracing::debug!(%error, "the graphics device failed while its memory was measured");
        lost_by_error.store(true, Ordering::Release);
    }));

    let mut held = Vec::new();
    let mut piece =
        device.limits().max_buffer_size.min(LARGEST_PIECE) / SMALLEST_PIECE * SMALLEST_PIECE;
    let bound = loop {
        let so_far = taken.load(Ordering::Acquire);
        if so_far >= max_bytes {
            break bound_at_max;
        }
        if start.elapsed() > PROBE_TIMEOUT {
            break MemoryBound::Time;
        }

        piece = piece.min(max_bytes - so_far);
        if piece < SMALLEST_PIECE || lost.load(Ordering::Acquire) {
            break MemoryBound::Adapter;
        }

        match write_buffer(&device, &queue, piece).filter(|_| !lost.load(Ordering::Acquire)) {
            Some(buffer) => {
                taken.fetch_add(piece, Ordering::AcqRel);
                held.push(buffer);
            }
            None => piece = piece / 2 / SMALLEST_PIECE * SMALLEST_PIECE,
        }
    };

    held.iter().for_each(Buffer::destroy);
    if !lost.load(Ordering::Acquire) {
        // Destroyed buffers are freed when the device is idle.
        let _ =
            device.poll(PollType::Wait { submission_index: None, timeout: Some(PROBE_TIMEOUT) });
    }
    device.destroy();
    Ok(bound)
}

/// Creates a buffer of `size` bytes and writes it; `None` if there is not enough memory.
fn write_buffer(device: &Device, queue: &Queue, size: u64) -> Option<Buffer> {
    let scopes = [ErrorFilter::Internal, ErrorFilter::Validation, ErrorFilter::OutOfMemory]
        .map(|filter| device.push_error_scope(filter));
    let usage = BufferUsages::COPY_DST | BufferUsages::STORAGE;
    let buffer = device.create_buffer(&BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    });

    // Many systems reserve memory only when it is written.
    let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
    encoder.clear_buffer(&buffer, 0, None);
    queue.submit([encoder.finish()]);

    let error = scopes.into_iter().rev().filter_map(|scope| poll_ready(scope.pop())).last();
    if let Some(error) = error {
        tracing::debug!(%error, mib = size / MIB, "no more graphics memory");
        buffer.destroy();
        return None;
    }

    let done = device.poll(PollType::Wait { submission_index: None, timeout: Some(PROBE_TIMEOUT) });
    done.is_ok().then_some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_keeps_most_of_its_memory() {
        let host = |bytes| (bytes, MemoryBound::Host);
        assert_eq!(memory_limit(AdapterKind::Discrete, Some(1)), (MAX_BYTES, MemoryBound::Adapter));
        assert_eq!(memory_limit(AdapterKind::Software, Some(1_000 * MIB)), host(192 * MIB));
        assert_eq!(memory_limit(AdapterKind::Software, Some(1 << 40)), host(MAX_ON_CPU));
        assert_eq!(memory_limit(AdapterKind::Integrated, Some(16_384 * MIB)), host(8_192 * MIB));
        assert_eq!(memory_limit(AdapterKind::Other, None), host(MAX_OF_UNKNOWN));
    }

    #[test]
    fn memory_is_measured_and_freed() {
        let gpu = Gpu::open().unwrap();
        let first = UsableMemory::probe(&gpu).unwrap();
        assert!(first.mib >= 64 && first.mib.is_multiple_of(64), "{first:?}");
        // If the first probe kept its memory, the second would find less.
        let again = UsableMemory::probe(&gpu).unwrap();
        assert!(again.mib * 2 >= first.mib, "{first:?}, then {again:?}");

        let taken = AtomicU64::new(0);
        let adapter = find_adapter(gpu.wgpu_info()).unwrap();
        let bound = allocate_memory(&adapter, 64 * MIB, MemoryBound::Host, &taken).unwrap();
        assert_eq!((bound, taken.load(Ordering::Relaxed)), (MemoryBound::Host, 64 * MIB));
    }
}
