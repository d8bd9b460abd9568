//! `issuer-service init`

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use signing_keys::system::SystemEntropy;

use crate::assemble;
use crate::config::Config;

/// Makes keys and the admin token where they are missing. Running it again changes nothing.
pub fn init(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let keys = assemble::open_keys(&config, true, Arc::new(SystemEntropy))?;
    assemble::create_admin_token(&config, &SystemEntropy)?;
    let answer = json!({
        "did": assemble::did(&config)?.as_str(),
        "chain_address": assemble::chain_address(&keys)?.to_string(),
        "admin_token_file": config.admin.token_file,
    });
    println!("{answer}");
    Ok(())
}
