//! `issuer-service init`

use std::path::Path;
use std::sync::Arc;

use credential_model::ambient::Clock as _;
use serde_json::json;
use signing_keys::system::{SystemClock, SystemEntropy};

use crate::assemble;
use crate::config::Config;
use crate::key_file;

/// Makes keys and the admin token where they are missing. Running it again changes nothing.
pub fn init(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let keys = assemble::open_keys(&config, true, Arc::new(SystemEntropy))?;
    if !key_file::path(&config).exists() {
        key_file::save(&config, &key_file::load(&config, &keys, SystemClock.now())?)?;
    }
    assemble::create_admin_token(&config, &SystemEntropy)?;
    let answer = json!({
        "did": assemble::did(&config)?.as_str(),
        "chain_address": assemble::chain_address(&keys)?.to_string(),
        "admin_token_file": config.admin.token_file,
    });
    println!("{answer}");
    Ok(())
}
