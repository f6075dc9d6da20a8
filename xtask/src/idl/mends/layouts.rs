//! The layout of types. Anchor marks plain memory as `bytemuck`, and refuses padding in it: the
//! fields follow each other, little-endian, exactly as in borsh.
//!
//! Without the mark every generator takes the types. With it, `declare_program!` lays numbers out by
//! the alignment of its own Rust types, where the programs' have none, and refuses events.

use anyhow::{Result, bail};
use serde_json::Value;

use super::names::name_of;

/// Removes the mark of plain memory from all types.
///
/// # Errors
/// If a type has another form than plain memory or borsh: its padding is unknown.
pub fn drop_marks(idl: &mut Value) -> Result<()> {
    let types = idl["types"].as_array_mut().into_iter().flatten();

    for def in types {
        let name = name_of(def).to_owned();
        let Some(fields) = def.as_object_mut() else { continue };
        match fields.remove("serialization") {
            None => {}
            Some(form) if form == "bytemuck" => {}
            Some(form) => bail!("`{name}` is serialized as {form}, whose padding is unknown"),
        }
        fields.remove("repr");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::drop_marks;

    #[test]
    fn only_plain_memory_loses_its_mark() {
        let fields = json!({"kind": "struct", "fields": []});
        let mut idl = json!({"types": [
            {"name": "Slot", "serialization": "bytemuck", "repr": {"kind": "c"}, "type": fields},
            {"name": "Terms", "type": fields},
        ]});
        drop_marks(&mut idl).unwrap();
        let unmarked = |name: &str| json!({"name": name, "type": fields});
        assert_eq!(idl["types"], json!([unmarked("Slot"), unmarked("Terms")]));

        let unsafe_form = json!({"name": "Slot", "serialization": "bytemuckunsafe"});
        let error = drop_marks(&mut json!({"types": [unsafe_form]})).unwrap_err();
        assert!(error.to_string().contains("padding"), "{error}");
    }
}
