//! How much graphics memory there is to use. No graphics interface tells it, so it is taken,
//! written, and given back.

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

use crate::adapters::{find, ready};
use crate::{AdapterKind, EngineError, Gpu};

const MIB: u64 = 1 << 20;
/// What is asked for at once, and what is tried last. Below 64 MiB drivers cut allocations out of
/// larger blocks.
const LARGEST_PIECE: u64 = 1_024 * MIB;
const SMALLEST_PIECE: u64 = 64 * MIB;
/// What is taken of the host's memory when the shaders run on the CPU: enough to see that it works.
const MOST_ON_CPU: u64 = 512 * MIB;
/// What is taken of a shared memory whose size the system does not tell.
const MOST_OF_UNKNOWN: u64 = 4_096 * MIB;
/// More than any adapter has: a driver that grants this does not mean it.
const MOST: u64 = 1 << 40;
/// A driver that begins to swap gets ever slower.
const PATIENCE: Duration = Duration::from_secs(20);

/// The graphics memory that this process could take and write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsableMemory {
    /// MiB that were taken and written at the same time, in steps of 64 MiB at the end.
    pub mib: u64,
    /// What ended the count.
    pub bound: MemoryBound,
}

/// What ended the count of graphics memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryBound {
    /// The adapter has no more to give.
    Adapter,
    /// The adapter shares the host's memory, of which no more is taken, so that the host is not
    /// hurt: a quarter of what is available, at most 512 MiB, when the shaders run on the CPU; half
    /// of it for other adapters without memory of their own.
    Host,
    /// It took too long: the driver moves memory out to make room.
    Time,
}

impl UsableMemory {
    /// Takes graphics memory until there is no more, writes it, and gives all of it back. Meanwhile
    /// nothing else on the machine gets any. Takes about a second, 20 at most.
    ///
    /// # Errors
    /// If the adapter opens no further device, or fails before it has given any memory. That there
    /// is no more is no error.
    pub fn probe(gpu: &Gpu) -> Result<Self, EngineError> {
        let adapter = find(gpu.raw())
            .ok_or_else(|| EngineError::Device("the adapter is not listed any more".into()))?;
        let (most, at_most) = most(gpu.info().kind, available());
        let taken = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&taken);
        // Error scopes belong to a thread. And a driver's failure that the graphics library makes a
        // panic ends here.
        let bound = thread::spawn(move || take(&adapter, most, at_most, &counter)).join();
        let mib = taken.load(Ordering::Acquire) / MIB;
        match bound {
            Ok(Ok(bound)) => Ok(Self { mib, bound }),
            Ok(Err(error)) => Err(error),
            Err(_) if mib > 0 => Ok(Self { mib, bound: MemoryBound::Adapter }),
            Err(_) => Err(EngineError::Device("it failed when memory was asked for".into())),
        }
    }
}

/// How many bytes to take at most, and what that bound means.
fn most(kind: AdapterKind, available: Option<u64>) -> (u64, MemoryBound) {
    let of_host = match kind {
        AdapterKind::Discrete | AdapterKind::Virtual => return (MOST, MemoryBound::Adapter),
        AdapterKind::Software => {
            available.map_or(MOST_ON_CPU, |bytes| (bytes / 4).min(MOST_ON_CPU))
        }
        AdapterKind::Integrated | AdapterKind::Other => {
            available.map_or(MOST_OF_UNKNOWN, |bytes| bytes / 2)
        }
    };
    (of_host / SMALLEST_PIECE * SMALLEST_PIECE, MemoryBound::Host)
}

/// Bytes that the host could give to a new process without swapping, where Linux tells it.
fn available() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:")?.trim().strip_suffix("kB"))?;
    Some(kib.trim().parse::<u64>().ok()? * 1_024)
}

/// Takes memory piece by piece, and counts in `taken` what was written. All is given back when it
/// returns.
fn take(
    adapter: &Adapter,
    most: u64,
    at_most: MemoryBound,
    taken: &AtomicU64,
) -> Result<MemoryBound, EngineError> {
    let begun = Instant::now();
    let wanted = DeviceDescriptor {
        required_limits: adapter.limits(),
        memory_hints: MemoryHints::MemoryUsage,
        ..DeviceDescriptor::default()
    };
    let (device, queue) = ready(adapter.request_device(&wanted))
        .map_err(|error| EngineError::Device(error.to_string()))?;
    let lost = Arc::new(AtomicBool::new(false));
    let (by_loss, by_error) = (Arc::clone(&lost), Arc::clone(&lost));
    device.set_device_lost_callback(move |_, _| by_loss.store(true, Ordering::Release));
    // Without a handler of ours, an error outside of a scope ends the process.
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        tracing::debug!(%error, "the graphics device failed while its memory was counted");
        by_error.store(true, Ordering::Release);
    }));

    let mut held = Vec::new();
    let mut piece =
        device.limits().max_buffer_size.min(LARGEST_PIECE) / SMALLEST_PIECE * SMALLEST_PIECE;
    let bound = loop {
        let so_far = taken.load(Ordering::Acquire);
        if so_far >= most {
            break at_most;
        }
        if begun.elapsed() > PATIENCE {
            break MemoryBound::Time;
        }
        piece = piece.min(most - so_far);
        if piece < SMALLEST_PIECE || lost.load(Ordering::Acquire) {
            break MemoryBound::Adapter;
        }
        match written(&device, &queue, piece).filter(|_| !lost.load(Ordering::Acquire)) {
            Some(buffer) => {
                taken.fetch_add(piece, Ordering::AcqRel);
                held.push(buffer);
            }
            None => piece = piece / 2 / SMALLEST_PIECE * SMALLEST_PIECE,
        }
    };
    held.iter().for_each(Buffer::destroy);
    if !lost.load(Ordering::Acquire) {
        // What was destroyed is freed when the device has nothing to do any more.
        let _ = device.poll(PollType::Wait { submission_index: None, timeout: Some(PATIENCE) });
    }
    device.destroy();
    Ok(bound)
}

/// A buffer of `size` bytes that were really written; `None` if there is no memory for it.
fn written(device: &Device, queue: &Queue, size: u64) -> Option<Buffer> {
    let scopes = [ErrorFilter::Internal, ErrorFilter::Validation, ErrorFilter::OutOfMemory]
        .map(|filter| device.push_error_scope(filter));
    let usage = BufferUsages::COPY_DST | BufferUsages::STORAGE;
    let buffer = device.create_buffer(&BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    });
    // Memory that is only promised costs nothing on many systems.
    let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
    encoder.clear_buffer(&buffer, 0, None);
    queue.submit([encoder.finish()]);
    let error = scopes.into_iter().rev().filter_map(|scope| ready(scope.pop())).last();
    if let Some(error) = error {
        tracing::debug!(%error, mib = size / MIB, "no more graphics memory");
        buffer.destroy();
        return None;
    }
    let done = device.poll(PollType::Wait { submission_index: None, timeout: Some(PATIENCE) });
    done.is_ok().then_some(buffer)
}

#[cfg(test)]
mod tests {
    use super::{MIB, MOST, MOST_OF_UNKNOWN, MOST_ON_CPU, MemoryBound, most, take};
    use crate::{AdapterKind, Gpu, UsableMemory, adapters::find};
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn the_host_keeps_what_it_needs() {
        let host = |bytes| (bytes, MemoryBound::Host);
        assert_eq!(most(AdapterKind::Discrete, Some(1)), (MOST, MemoryBound::Adapter));
        assert_eq!(most(AdapterKind::Software, Some(1_000 * MIB)), host(192 * MIB));
        assert_eq!(most(AdapterKind::Software, Some(1 << 40)), host(MOST_ON_CPU));
        assert_eq!(most(AdapterKind::Integrated, Some(16_384 * MIB)), host(8_192 * MIB));
        assert_eq!(most(AdapterKind::Other, None), host(MOST_OF_UNKNOWN));
    }

    #[test]
    fn memory_is_counted_and_given_back() {
        let gpu = Gpu::open().unwrap();
        let first = UsableMemory::probe(&gpu).unwrap();
        assert!(first.mib >= 64 && first.mib.is_multiple_of(64), "{first:?}");
        // It would add up to more than is there, if it were kept.
        let again = UsableMemory::probe(&gpu).unwrap();
        assert!(again.mib * 2 >= first.mib, "{first:?}, then {again:?}");

        let taken = AtomicU64::new(0);
        let bound = take(&find(gpu.raw()).unwrap(), 64 * MIB, MemoryBound::Host, &taken).unwrap();
        assert_eq!((bound, taken.load(Ordering::Relaxed)), (MemoryBound::Host, 64 * MIB));
    }
}
