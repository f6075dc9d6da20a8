//! The graphics adapters of this machine.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use burn::tensor::wgpu::wgpu::{self, Adapter, Backend, DeviceType, Instance, InstanceDescriptor};

/// Allocations stop at this percentage of the process's budget, so that the system does not begin
/// to evict graphics memory.
const BUDGET_PERCENT: u8 = 98;

/// Returns the adapters of the first graphics interface that has a graphics processor, in the
/// driver's order; if none has, those of the first interface that has an adapter. The tensor
/// library chooses in this way, so both number the adapters alike.
pub(crate) fn list_adapters() -> Vec<Adapter> {
    let mut software = Vec::new();

    for api in graphics_apis() {
        let adapters = list_of(*api);

        if adapters.iter().any(|adapter| adapter.get_info().device_type != DeviceType::Cpu) {
            return adapters;
        }
        if software.is_empty() {
            software = adapters;
        }
    }
    software
}

/// Finds the adapter with this description, if it is still present.
pub(crate) fn find_adapter(info: &wgpu::AdapterInfo) -> Option<Adapter> {
    list_of(info.backend).into_iter().find(|adapter| adapter.get_info() == *info)
}

fn graphics_apis() -> &'static [Backend] {
    if cfg!(target_os = "macos") {
        &[Backend::Metal]
    } else {
        &[Backend::Vulkan, Backend::Dx12, Backend::Gl]
    }
}

fn list_of(api: Backend) -> Vec<Adapter> {
    /// Never dropped, and created one at a time: Vulkan's loader crashes if instances are created
    /// and dropped on several threads.
    static INSTANCES: Mutex<Vec<(Backend, Instance)>> = Mutex::new(Vec::new());
    let mut instances = INSTANCES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = instances.iter().find(|(of, _)| *of == api).map(|(_, instance)| instance.clone());

    let instance = known.unwrap_or_else(|| {
        let mut descriptor = InstanceDescriptor::new_without_display_handle();
        descriptor.backends = api.into();
        descriptor.memory_budget_thresholds.for_resource_creation = Some(BUDGET_PERCENT);

        let instance = Instance::new(descriptor);
        instances.push((api, instance.clone()));
        instance
    });

    poll_ready(instance.enumerate_adapters(api.into()))
}

/// Polls a future of wgpu until it is ready. Outside of browsers that is immediately, so it needs
/// no waker.
pub(crate) fn poll_ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);

    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::yield_now(),
        }
    }
}
