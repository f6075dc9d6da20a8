//! JSON whose objects have each field once: of two, readers choose different ones.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::definition::error::shorten;

/// Any value whose objects have each field once.
pub(super) struct UniqueFields;

impl<'de> Deserialize<'de> for UniqueFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = UniqueFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<UniqueFields, E> {
        Ok(UniqueFields)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<UniqueFields, E> {
        Ok(UniqueFields)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<UniqueFields, E> {
        Ok(UniqueFields)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<UniqueFields, E> {
        Ok(UniqueFields)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<UniqueFields, E> {
        Ok(UniqueFields)
    }

    fn visit_unit<E: Error>(self) -> Result<UniqueFields, E> {
        Ok(UniqueFields)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<UniqueFields, A::Error> {
        while items.next_element::<UniqueFields>()?.is_some() {}
        Ok(UniqueFields)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<UniqueFields, A::Error> {
        let mut names = std::collections::HashSet::new();

        while let Some(name) = fields.next_key::<String>()? {
            if names.contains(&name) {
                fields.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom(format!("duplicate field `{}`", shorten(&name))));
            }
            fields.next_value::<UniqueFields>()?;
            names.insert(name);
        }
        Ok(UniqueFields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_occurs_twice_is_named() {
        let check = |text| serde_json::from_str::<UniqueFields>(text).map(drop);
        let all = r#"{"a":[1,-1,0.5,true,null,"a"],"b":{"a":1}}"#;
        assert!(check(all).is_ok());
        for text in [r#"{"a":1,"a":2}"#, r#"[{"b":{"a":1,"c":[],"a":{}}}]"#] {
            let error = check(text).unwrap_err().to_string();
            assert!(error.starts_with("duplicate field `a`"), "{error}");
        }
    }
}
