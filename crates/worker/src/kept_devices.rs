//! Devices that this node keeps for disputed results.
//!
//! Nothing interrupts a job that has begun, and a panelist that judges late loses collateral. The
//! node of a wrong result could show it just before a panelist gives up, while a job that it has
//! planted uses the device: that costs it less than the lie earns. So a seat has a device from its
//! claim to the judgment. It is claimed only while no job uses that device, and a job begins only
//! on another one.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use nosana_job_spec::{JobDefinition, Operation};
use solana_address::Address;
use tokio::sync::Notify;

/// Who uses the devices of this node.
#[derive(Debug)]
pub(crate) struct KeptDevices {
    devices: usize,
    users: Mutex<Users>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Users {
    /// Batch jobs that run on devices, or are about to begin.
    batch_jobs: usize,
    /// The same of services.
    services: usize,
    /// Disputes in which this node has or claims a seat, and has not judged.
    seats: BTreeSet<Address>,
    /// Those in which it claims a seat once a device is left.
    wanted: BTreeSet<Address>,
}

/// The use of a device by a job, until this is dropped.
#[derive(Debug)]
#[must_use = "dropping this releases the device"]
pub(crate) struct JobOnDevice {
    kept: Arc<KeptDevices>,
    is_service: bool,
}

/// A job would use a device that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this node has to judge a disputed result first")]
pub(crate) struct JudgesFirst;

impl KeptDevices {
    /// Of so many devices, none is kept.
    pub fn new(devices: usize) -> Self {
        Self { devices, users: Mutex::default(), changed: Notify::new() }
    }

    /// Returns how many more jobs may begin: any number while no device is kept.
    pub fn room_for_jobs(&self) -> usize {
        self.lock_users().room_for_jobs(self.devices)
    }

    /// How many devices no service uses: those last for days.
    pub fn count_without_services(&self) -> usize {
        self.devices.saturating_sub(self.lock_users().services)
    }

    /// Begins a job. `None` if it uses no device.
    ///
    /// # Errors
    /// If no device is left beside those that are kept.
    pub fn begin_job(
        self: &Arc<Self>,
        definition: &JobDefinition,
        is_service: bool,
    ) -> Result<Option<JobOnDevice>, JudgesFirst> {
        if !uses_device(definition) {
            return Ok(None);
        }

        let has_begun = self.change_users(|users| {
            let has_room = users.room_for_jobs(self.devices) > 0;
            *users.jobs_mut(is_service) += usize::from(has_room);
            has_room
        });
        has_begun.then(|| Some(self.hold_device(is_service))).ok_or(JudgesFirst)
    }

    /// Resumes a job that was started before this process was: it goes on. `None` if it uses no
    /// device.
    pub fn resume_job(
        self: &Arc<Self>,
        definition: &JobDefinition,
        is_service: bool,
    ) -> Option<JobOnDevice> {
        uses_device(definition).then(|| {
            self.change_users(|users| *users.jobs_mut(is_service) += 1);
            self.hold_device(is_service)
        })
    }

    /// Keeps a device for a seat that is claimed next. Returns whether one is left.
    pub fn claim_device(&self, dispute: Address) -> bool {
        self.change_users(|users| {
            let others = users.seats.iter().filter(|seat| **seat != dispute).count();
            let is_left = users.batch_jobs + users.services + others < self.devices;
            if is_left {
                users.seats.insert(dispute);
            }
            is_left
        })
    }

    /// Keeps no device for this dispute any more: its result is judged.
    pub fn release_device(&self, dispute: &Address) {
        self.change_users(|users| users.seats.remove(dispute));
    }

    /// Keeps devices for these seats without a judgment, for those that are `wanted`, and for no
    /// others.
    pub fn set_seats(&self, seats: BTreeSet<Address>, wanted: BTreeSet<Address>) {
        self.change_users(|users| {
            users.seats = seats;
            users.wanted = wanted;
        });
    }

    /// Returns once more or fewer jobs may begin. Cancel safe, for one caller.
    pub async fn wait_for_change(&self) {
        self.changed.notified().await;
    }

    fn hold_device(self: &Arc<Self>, is_service: bool) -> JobOnDevice {
        JobOnDevice { kept: Arc::clone(self), is_service }
    }

    fn change_users<T>(&self, change: impl FnOnce(&mut Users) -> T) -> T {
        let mut users = self.lock_users();
        let before = users.room_for_jobs(self.devices);
        let changed = change(&mut users);
        let after = users.room_for_jobs(self.devices);
        drop(users);

        match (before, after) {
            (1.., 0) => tracing::info!("begins no job before it has judged a disputed result"),
            (0, 1..) => tracing::info!("begins jobs again"),
            (_, _) => {}
        }
        if before != after {
            self.changed.notify_one();
        }
        changed
    }

    fn lock_users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Users {
    fn room_for_jobs(&self, devices: usize) -> usize {
        let kept = self.seats.union(&self.wanted).count();
        if kept == 0 {
            return usize::MAX;
        }
        devices.saturating_sub(kept + self.batch_jobs + self.services)
    }

    fn jobs_mut(&mut self, is_service: bool) -> &mut usize {
        if is_service { &mut self.services } else { &mut self.batch_jobs }
    }
}

impl Drop for JobOnDevice {
    fn drop(&mut self) {
        self.kept.change_users(|users| {
            let jobs = users.jobs_mut(self.is_service);
            *jobs = jobs.saturating_sub(1);
        });
    }
}

/// Whether an operation of the job uses a device.
fn uses_device(definition: &JobDefinition) -> bool {
    definition.ops.iter().any(|operation| match operation {
        Operation::InferenceRun { .. } | Operation::InferenceServe { .. } => true,
        Operation::ContainerRun { args, .. } => args.gpu,
        Operation::CommandRun { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nosana_job_spec::{CommandArgs, ContainerArgs, Digest, InferenceArgs, ModelDigest, Task};
    use tokio::time::timeout;

    use super::*;

    const SEAT: Address = Address::new_from_array([1; 32]);
    const OTHER: Address = Address::new_from_array([2; 32]);

    fn inference() -> JobDefinition {
        let args = InferenceArgs::new(ModelDigest(Digest([1; 32])), Task::Embedding, ["a text"]);
        JobDefinition::new(vec![Operation::InferenceRun { id: "embed".into(), args }])
    }

    fn new_kept(devices: usize) -> Arc<KeptDevices> {
        Arc::new(KeptDevices::new(devices))
    }

    fn begin_batch(kept: &Arc<KeptDevices>) -> Result<Option<JobOnDevice>, JudgesFirst> {
        kept.begin_job(&inference(), false)
    }

    #[test]
    fn no_job_begins_on_the_last_device_before_the_judgment() {
        let kept = new_kept(1);
        assert_eq!(kept.room_for_jobs(), usize::MAX);
        let several: Vec<_> = (0..3).map(|_| begin_batch(&kept).unwrap()).collect();
        drop(several);

        assert!(kept.claim_device(SEAT));
        assert_eq!(kept.room_for_jobs(), 0);
        assert_eq!(begin_batch(&kept).unwrap_err(), JudgesFirst);
        kept.release_device(&SEAT);
        assert_eq!(kept.room_for_jobs(), usize::MAX);
        drop(begin_batch(&kept).unwrap().expect("it uses the device"));
    }

    #[test]
    fn the_devices_that_no_seat_needs_have_jobs() {
        let kept = new_kept(3);
        assert!(kept.claim_device(SEAT));
        let first = begin_batch(&kept).unwrap();
        let second = begin_batch(&kept).unwrap();
        assert!(begin_batch(&kept).is_err());
        assert!(!kept.claim_device(OTHER), "both of the others have jobs");
        assert!(kept.claim_device(SEAT), "it has its device");

        drop(first);
        assert!(kept.claim_device(OTHER));
        assert!(begin_batch(&kept).is_err());
        drop(second);
        assert_eq!(kept.room_for_jobs(), 1);
    }

    #[test]
    fn a_seat_waits_for_the_job_that_runs_and_for_no_other() {
        let kept = new_kept(1);
        let running = begin_batch(&kept).unwrap();
        assert!(!kept.claim_device(SEAT));
        assert_eq!(kept.room_for_jobs(), usize::MAX, "until it is known that a seat is wanted");
        kept.set_seats(BTreeSet::new(), BTreeSet::from([SEAT, OTHER]));
        assert!(begin_batch(&kept).is_err());

        drop(running);
        assert!(begin_batch(&kept).is_err());
        assert!(kept.claim_device(SEAT), "another one that is wanted does not prevent it");
        assert!(!kept.claim_device(OTHER));
        kept.set_seats(BTreeSet::new(), BTreeSet::new());
        assert!(begin_batch(&kept).is_ok(), "others have the seats");
    }

    #[test]
    fn a_job_of_an_earlier_process_goes_on_beside_a_seat() {
        let kept = new_kept(1);
        assert!(kept.claim_device(SEAT));
        let resumed = kept.resume_job(&inference(), false);
        kept.release_device(&SEAT);
        assert!(resumed.is_some() && !kept.claim_device(SEAT));
        drop(resumed);
        assert!(kept.claim_device(SEAT));
    }

    #[test]
    fn a_device_with_a_service_is_for_no_seat() {
        let kept = new_kept(2);
        let service = kept.begin_job(&inference(), true).unwrap();
        let batch = begin_batch(&kept).unwrap();
        assert_eq!(kept.count_without_services(), 1, "a batch job ends soon");
        drop(service);
        assert_eq!(kept.count_without_services(), 2);
        drop(batch);
    }

    #[test]
    fn work_without_a_device_begins_at_any_time() {
        let kept = new_kept(1);
        assert!(kept.claim_device(SEAT));
        let container = |gpu| Operation::ContainerRun {
            id: "op".into(),
            args: ContainerArgs { gpu, ..ContainerArgs::default() },
            results: Default::default(),
            execution: Default::default(),
        };
        let command = Operation::CommandRun { id: "op".into(), args: CommandArgs::default() };
        for operation in [command, container(false)] {
            let definition = JobDefinition::new(vec![operation]);
            assert!(matches!(kept.begin_job(&definition, true), Ok(None)), "{definition:?}");
            assert!(kept.resume_job(&definition, true).is_none());
        }
        assert!(kept.begin_job(&JobDefinition::new(vec![container(true)]), false).is_err());
    }

    #[tokio::test]
    async fn who_waits_learns_at_once_that_jobs_may_begin() {
        let kept = new_kept(1);
        let soon = || timeout(Duration::from_secs(60), kept.wait_for_change());
        assert!(kept.claim_device(SEAT));
        soon().await.expect("a device is kept");

        let same = timeout(Duration::from_millis(20), kept.wait_for_change());
        kept.set_seats(BTreeSet::from([SEAT]), BTreeSet::new());
        same.await.expect_err("nothing has changed");
        kept.release_device(&SEAT);
        soon().await.expect("the result is judged");
    }
}
