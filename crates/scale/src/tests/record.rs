use crate::{record::Record, time::NANOS_PER_SECOND as SECOND};

#[test]
fn only_the_measured_time_counts() {
    let mut record = Record::new((10 * SECOND, 20 * SECOND));
    for time in [9, 10, 19, 20].map(|seconds| seconds * SECOND) {
        record.count_listed(time);
        record.count_finished(time);
        record.count_started(time, time + SECOND);
    }
    assert_eq!((record.listed, record.finished), (2, 2));
    assert_eq!(record.waits, [1.0, 1.0]);
    // Those of 9 and 10 seconds start in the measured time, and that of 19 after it.
    assert_eq!((record.begun, record.count_unstarted()), (2, 0));
    assert_eq!(record.last_finish, 20 * SECOND);
}

#[test]
fn computation_is_clipped_to_the_measured_time() {
    let mut record = Record::new((10 * SECOND, 20 * SECOND));
    record.change_busy(4 * SECOND, 2);
    record.change_busy(12 * SECOND, -1);
    assert_eq!(record.busy_seconds(), 2.0 * 2.0 + 8.0);
    record.change_busy(30 * SECOND, -1);
    assert_eq!(record.busy_seconds(), 12.0);
}
