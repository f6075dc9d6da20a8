//! The graphics adapters of this machine.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use burn::tensor::wgpu::wgpu::{self, Adapter, Backend, DeviceType, Instance, InstanceDescriptor};

/// Allocations stop at this percentage of what the system grants to this process, so that the
/// system does not begin to move graphics memory out to make room.
const BUDGET_PERCENT: u8 = 98;

/// The adapters of the first graphics interface that reaches a real graphics processor, in the
/// driver's order; those of the first that reaches anything if none does. It is how the tensor
/// library chooses, so both count alike.
pub(crate) fn all() -> Vec<Adapter> {
    let mut software = Vec::new();
    for api in interfaces() {
        let adapters = on(*api);
        if adapters.iter().any(|adapter| adapter.get_info().device_type != DeviceType::Cpu) {
            return adapters;
        }
        if software.is_empty() {
            software = adapters;
        }
    }
    software
}

/// The adapter that describes itself so, if it is still there.
pub(crate) fn find(info: &wgpu::AdapterInfo) -> Option<Adapter> {
    on(info.backend).into_iter().find(|adapter| adapter.get_info() == *info)
}

fn interfaces() -> &'static [Backend] {
    if cfg!(target_os = "macos") {
        &[Backend::Metal]
    } else {
        &[Backend::Vulkan, Backend::Dx12, Backend::Gl]
    }
}

fn on(api: Backend) -> Vec<Adapter> {
    /// Kept for ever, and made one at a time: Vulkan's loader crashes when instances come and go on
    /// several threads.
    static INSTANCES: Mutex<Vec<(Backend, Instance)>> = Mutex::new(Vec::new());
    let mut instances = INSTANCES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = instances.iter().find(|(of, _)| *of == api).map(|(_, instance)| instance.clone());
    let instance = known.unwrap_or_else(|| {
        let mut wanted = InstanceDescriptor::new_without_display_handle();
        wanted.backends = api.into();
        wanted.memory_budget_thresholds.for_resource_creation = Some(BUDGET_PERCENT);
        let instance = Instance::new(wanted);
        instances.push((api, instance.clone()));
        instance
    });
    ready(instance.enumerate_adapters(api.into()))
}

/// Runs a future of wgpu to its end. Outside of browsers they are done at once, so there is nothing
/// to be woken by.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::yield_now(),
        }
    }
}
