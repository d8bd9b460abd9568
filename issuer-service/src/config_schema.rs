//! The configuration's JSON Schema, made from the same types that read the file; the sections
//! whose types live in rooms without schemas are described here.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::config::Config;

/// The schema, as `config schema` prints it and `issuer.schema.json` holds it.
pub fn document() -> Value {
    let mut schema = schemars::schema_for!(Config);
    schema.insert("title".to_owned(), "Configuration of issuer-service".into());
    schema.to_value()
}

/// `[chain]`, see [`evm_chain::ChainSettings`].
pub(crate) fn chain(_: &mut SchemaGenerator) -> Schema {
    let address = serde_json::json!({ "type": "string", "pattern": "^0x[0-9a-fA-F]{40}$" });
    json_schema!({
        "type": ["object", "null"],
        "description": "The chain; without this section nothing is anchored.",
        "additionalProperties": false,
        "required": ["rpc_urls", "chain_id"],
        "properties": {
            "rpc_urls": {
                "description": "JSON-RPC endpoints; with several, as many as `agreement` says must answer alike.",
                "type": "array",
                "items": { "type": "string", "format": "uri" }
            },
            "chain_id": { "type": "integer", "minimum": 0 },
            "trusted_block": {
                "description": "The block reads are made at.",
                "enum": ["latest", "safe", "finalized"]
            },
            "did_registry": address,
            "status_registry": address,
            "accreditation_registry": address,
            "directory": address,
            "agreement": {
                "description": "How many endpoints must give the same answer; all when absent.",
                "type": ["integer", "null"],
                "minimum": 1
            }
        }
    })
}

/// `[vc_api]`, see [`crate::vc_api::config::VcApi`].
pub(crate) fn vc_api(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "description": "Issuer instances of VC-API.",
        "additionalProperties": false,
        "properties": {
            "danger_open_to_everybody": { "type": "boolean" },
            "instances": { "type": "array", "items": { "type": "object" } }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/issuer.schema.json");

    /// `UPDATE_SCHEMA=1 cargo test -p issuer-service --lib schema` writes it.
    #[test]
    fn the_file_is_what_the_types_say() {
        let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(FILE, &text).unwrap();
        }
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
        assert_eq!(kept, document(), "write it anew with UPDATE_SCHEMA=1");
    }

    /// The names serde knows, told by what it says about one that it does not.
    fn names_of<'de, T: Deserialize<'de>>() -> Vec<String> {
        let unknown = serde_json::json!({ "no such name": 1 });
        let said = T::deserialize(serde::de::value::MapDeserializer::new(
            unknown.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.to_string())),
        ));
        let said: serde::de::value::Error = said.err().unwrap();
        let said = said.to_string();
        let (_, names) = said.split_once("expected ").unwrap();
        let mut names: Vec<String> =
            names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        names.sort();
        names
    }

    fn names_in(schema: &Schema) -> Vec<String> {
        let properties = schema.as_value()["properties"].as_object().unwrap();
        let mut names: Vec<String> = properties.keys().cloned().collect();
        names.sort();
        names
    }

    #[test]
    fn sections_described_by_hand_have_the_names_that_are_read() {
        let mut generator = SchemaGenerator::default();
        assert_eq!(names_in(&chain(&mut generator)), names_of::<evm_chain::ChainSettings>());
        assert_eq!(names_in(&vc_api(&mut generator)), names_of::<crate::vc_api::config::VcApi>());
    }

    #[test]
    fn the_example_keeps_to_the_schema() {
        let example: Value = toml::from_str(include_str!("../issuer.example.toml")).unwrap();
        let schema = document();
        let known = schema["properties"].as_object().unwrap();
        for section in example.as_object().unwrap().keys() {
            assert!(known.contains_key(section), "{section}");
        }
        assert_eq!(schema["additionalProperties"], false);
    }
}
