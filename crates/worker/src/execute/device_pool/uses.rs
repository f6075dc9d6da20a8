//! Who uses which device, and who waits for one.

use std::collections::VecDeque;

use nosana_job_spec::ModelDigest;

/// How a job uses a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// No other job runs on it.
    Alone,
    /// Jobs that ask the same model run on it, too: their answers are generated in one batch.
    WithModel(ModelDigest),
}

/// When a job gets a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precedence {
    /// After those that wait already.
    InOrder,
    /// Before all that wait in order: this node loses collateral if it is late.
    First,
}

/// What runs on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeviceUse {
    Idle,
    Alone,
    Shared { model: ModelDigest, jobs: usize },
}

/// The place of a job in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    number: u64,
    precedence: Precedence,
}

/// The use of all devices. Jobs get them in their order, so that a model that many jobs ask does not
/// keep the others waiting. Those that go first precede the others in the line.
#[derive(Debug)]
pub(super) struct DeviceUses {
    devices: Vec<DeviceUse>,
    line: VecDeque<Ticket>,
    next_ticket: u64,
}

impl DeviceUses {
    /// So many devices, none of which is used.
    pub fn new(devices: usize) -> Self {
        Self { devices: vec![DeviceUse::Idle; devices], line: VecDeque::new(), next_ticket: 0 }
    }

    /// Puts a job at the end of the line, or behind the last of those that go first.
    pub fn join_line(&mut self, precedence: Precedence) -> Ticket {
        let ticket = Ticket { number: self.next_ticket, precedence };
        self.next_ticket += 1;

        let place = match precedence {
            Precedence::InOrder => self.line.len(),
            Precedence::First => {
                self.line.partition_point(|waiting| waiting.precedence == Precedence::First)
            }
        };
        self.line.insert(place, ticket);
        ticket
    }

    /// Removes a job from the line.
    pub fn leave_line(&mut self, ticket: Ticket) {
        self.line.retain(|waiting| *waiting != ticket);
    }

    /// Gives the first job in the line the device with the fewest jobs that it can use. Of equal
    /// ones the first, whose models are loaded.
    pub fn take_device(&mut self, ticket: Ticket, sharing: Sharing) -> Option<usize> {
        if self.line.front() != Some(&ticket) {
            return None;
        }

        let devices = self.devices.iter().enumerate();
        let usable =
            devices.filter_map(|(index, device)| Some((device.jobs_beside(sharing)?, index)));
        let (jobs, index) = usable.min()?;

        self.line.pop_front();
        if let Some(device) = self.devices.get_mut(index) {
            *device = match sharing {
                Sharing::Alone => DeviceUse::Alone,
                Sharing::WithModel(model) => DeviceUse::Shared { model, jobs: jobs + 1 },
            };
        }
        Some(index)
    }

    /// Ends one job's use of a device.
    pub fn release_device(&mut self, index: usize) {
        if let Some(device) = self.devices.get_mut(index) {
            *device = match *device {
                DeviceUse::Shared { model, jobs } if jobs > 1 => {
                    DeviceUse::Shared { model, jobs: jobs - 1 }
                }
                DeviceUse::Idle | DeviceUse::Alone | DeviceUse::Shared { .. } => DeviceUse::Idle,
            };
        }
    }

    /// Whether each device is used.
    #[cfg(test)]
    pub fn are_used(&self) -> impl Iterator<Item = bool> {
        self.devices.iter().map(|device| *device != DeviceUse::Idle)
    }
}

impl DeviceUse {
    /// Returns beside how many jobs another one would run, or `None` if it cannot.
    fn jobs_beside(self, sharing: Sharing) -> Option<usize> {
        match (self, sharing) {
            (Self::Idle, _) => Some(0),
            (Self::Shared { model, jobs }, Sharing::WithModel(other)) if model == other => {
                Some(jobs)
            }
            (Self::Alone | Self::Shared { .. }, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::Digest;

    use super::*;

    const ONE: Sharing = Sharing::WithModel(ModelDigest(Digest([1; 32])));
    const OTHER: Sharing = Sharing::WithModel(ModelDigest(Digest([2; 32])));

    fn take(uses: &mut DeviceUses, sharing: Sharing) -> Option<usize> {
        let ticket = uses.join_line(Precedence::InOrder);
        let device = uses.take_device(ticket, sharing);
        uses.leave_line(ticket);
        device
    }

    #[test]
    fn jobs_of_one_model_share_a_device_and_others_do_not() {
        let mut uses = DeviceUses::new(1);
        assert_eq!(take(&mut uses, ONE), Some(0));
        assert_eq!(take(&mut uses, ONE), Some(0));
        assert_eq!([take(&mut uses, OTHER), take(&mut uses, Sharing::Alone)], [None, None]);

        uses.release_device(0);
        assert_eq!(take(&mut uses, OTHER), None, "one job still runs");
        uses.release_device(0);
        assert_eq!(take(&mut uses, Sharing::Alone), Some(0));
        assert_eq!(take(&mut uses, ONE), None);
    }

    #[test]
    fn jobs_of_one_model_spread_over_the_devices() {
        let mut uses = DeviceUses::new(2);
        let taken: Vec<_> = (0..4).map(|_| take(&mut uses, ONE)).collect();
        assert_eq!(taken, [Some(0), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn a_job_that_waits_keeps_later_ones_from_overtaking_it() {
        let mut uses = DeviceUses::new(1);
        assert_eq!(take(&mut uses, ONE), Some(0));
        let [first, second] = [(); 2].map(|()| uses.join_line(Precedence::InOrder));
        assert_eq!(uses.take_device(second, ONE), None, "the other model's job comes first");
        assert_eq!(uses.take_device(first, OTHER), None);

        uses.release_device(0);
        assert_eq!(uses.take_device(second, ONE), None);
        assert_eq!(uses.take_device(first, OTHER), Some(0));
        uses.release_device(0);
        assert_eq!(uses.take_device(second, ONE), Some(0));
    }

    #[test]
    fn a_judgment_goes_before_the_jobs_that_wait() {
        let mut uses = DeviceUses::new(1);
        assert_eq!(take(&mut uses, ONE), Some(0));
        let [job, later_job] = [(); 2].map(|()| uses.join_line(Precedence::InOrder));
        let [judgment, other] = [(); 2].map(|()| uses.join_line(Precedence::First));
        assert_eq!(uses.take_device(judgment, OTHER), None, "what runs goes on");
        assert_eq!(uses.take_device(job, ONE), None, "it would delay the judgment");

        for (ticket, sharing) in
            [(judgment, OTHER), (other, Sharing::Alone), (job, ONE), (later_job, OTHER)]
        {
            uses.release_device(0);
            let others = [judgment, other, job, later_job].into_iter().filter(|it| *it != ticket);
            for waiting in others {
                assert_eq!(uses.take_device(waiting, Sharing::Alone), None, "{waiting:?}");
            }
            assert_eq!(uses.take_device(ticket, sharing), Some(0), "{ticket:?}");
        }
    }

    #[test]
    fn a_judgment_that_is_cancelled_keeps_nobody_waiting() {
        let mut uses = DeviceUses::new(1);
        let job = uses.join_line(Precedence::InOrder);
        let judgment = uses.join_line(Precedence::First);
        assert_eq!(uses.take_device(job, ONE), None);
        uses.leave_line(judgment);
        assert_eq!(uses.take_device(job, ONE), Some(0));
    }
}
