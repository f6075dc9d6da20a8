//! What a published definition says that its node must have.

use serde_json::Value;

use crate::definition::error::{DefinitionError, refuse_field};

/// Where definitions say it: the published schema has one name, and most templates the other.
pub(in crate::definition) const NEEDS: [&str; 2] =
    ["/meta/system_requirements", "/meta/system_resources"];
/// The memory of a GPU, in GB.
const GIGABYTES: &str = "required_vram";
/// The memory of a GPU, in MB.
const MEGABYTES: &str = "vram_total_mb";
/// The fields that nodes compare with what they have.
pub(in crate::definition) const COMPARED: [&str; 2] = [GIGABYTES, MEGABYTES];

const MIB_PER_GB: f64 = 1e9 / 1_048_576.0;
const MIB_PER_MB: f64 = 1e6 / 1_048_576.0;
/// The most memory that a definition can request, in MiB.
const MAX_VRAM_MIB: f64 = 1_048_576.0;

/// Returns the GPU memory that the node must have, in MiB.
pub(super) fn read_system_needs(definition: &Value) -> Result<Option<u64>, DefinitionError> {
    let mut most = None;

    for pointer in NEEDS {
        let has_other_form =
            definition.pointer(pointer).is_some_and(|needs| !needs.is_null() && !needs.is_object());
        if has_other_form {
            let problem = "must be an object of needs, such as {\"vram_total_mb\": 24000}";
            return refuse_field(pointer, problem);
        }

        for (name, mib_per_unit) in [(GIGABYTES, MIB_PER_GB), (MEGABYTES, MIB_PER_MB)] {
            let pointer = format!("{pointer}/{name}");
            let mib = match definition.pointer(&pointer) {
                None | Some(Value::Null) => continue,
                Some(value) => parse_number(value).map(|number| number * mib_per_unit),
            };

            match mib.filter(|mib| (0.0..=MAX_VRAM_MIB).contains(mib)) {
                Some(mib) => most = most.max(Some(mib as u64)),
                None => {
                    let problem = "must be a size of GPU memory, such as 24 in GB or 24000 in MB";
                    return refuse_field(pointer, problem);
                }
            }
        }
    }
    Ok(most)
}

/// Converts GB to MiB. Units are decimal: a GPU of "24 GB" reports a little less than 24 GiB.
pub(super) fn gigabytes_to_mib(gigabytes: f64) -> u64 {
    (gigabytes * MIB_PER_GB) as u64
}

/// A number, or a text with one.
fn parse_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_largest_need_counts() {
        let read = |meta: Value| read_system_needs(&json!({ "meta": meta }));
        assert_eq!(read(json!({})).unwrap(), None);
        let both = json!({
            "system_requirements": { "vram_total_mb": 16_384, "required_cuda": "12" },
            "system_resources": { "required_vram": "24" },
        });
        assert_eq!(read(both).unwrap(), Some(22_888));
        let megabytes = json!({ "system_requirements": { "vram_total_mb": 16_384 } });
        assert_eq!(read(megabytes).unwrap(), Some(15_625));

        for wrong in [json!("much"), json!(-1), json!([1]), json!(1e12)] {
            let meta = json!({ "system_requirements": { "required_vram": wrong } });
            let error = read(meta).unwrap_err().to_string();
            assert!(
                error.starts_with("/meta/system_requirements/required_vram: must be"),
                "{error}"
            );
        }
    }

    #[test]
    fn needs_that_are_no_object_are_refused_instead_of_ignored() {
        for pointer in NEEDS {
            for wrong in [json!("24 GB"), json!(24), json!([{ "vram_total_mb": 1 }]), json!(true)] {
                let mut definition = json!({ "meta": {} });
                definition["meta"][pointer.trim_start_matches("/meta/")] = wrong;
                let error = read_system_needs(&definition).unwrap_err().to_string();
                assert!(error.starts_with(&format!("{pointer}: must be an object")), "{error}");
            }
        }
        let none = json!({ "meta": { "system_requirements": null, "system_resources": {} } });
        assert_eq!(read_system_needs(&none).unwrap(), None);
    }
}
