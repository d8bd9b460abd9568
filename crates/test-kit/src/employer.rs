//! An employer at the verifier's desk: the API of verifier-service.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::Town;

/// A request for presentation, ready to be shown.
pub struct Asked {
    pub id: String,
    pub link: String,
    pub page: String,
    pub qr_png: String,
}

impl Town {
    /// Makes a request from a template of the verifier, with the inputs of its field check.
    pub async fn ask(&self, template: &str, context: Option<Value>) -> Result<Asked> {
        let mut body = json!({"template": template});
        if let Some(context) = context {
            body["context"] = context;
        }
        self.ask_by(&body).await
    }

    /// Makes a request of any form that the verifier takes.
    pub async fn ask_by(&self, body: &Value) -> Result<Asked> {
        let url = format!("{}/api/requests", self.verifier_url);
        let made = self.http.post_json(&url, body, None).await?;
        let text = |key: &str| -> Result<String> {
            Ok(made[key].as_str().with_context(|| format!("no {key}: {made}"))?.to_owned())
        };
        Ok(Asked {
            id: text("request_id")?,
            link: text("deep_link")?,
            page: text("page_url")?,
            qr_png: text("qr_png_url")?,
        })
    }

    /// Takes a photograph of the request's QR: the PNG, in a file.
    pub async fn photograph(&self, asked: &Asked) -> Result<PathBuf> {
        let response = self.http.get(&asked.qr_png).await?;
        if !response.is_success() {
            bail!("{} answered {}", asked.qr_png, response.status);
        }
        let path = self.folder.join(format!("qr-{}.png", asked.id));
        std::fs::write(&path, response.body)?;
        Ok(path)
    }

    /// What came of a request.
    pub async fn outcome(&self, asked: &Asked) -> Result<Value> {
        let url = format!("{}/api/requests/{}", self.verifier_url, asked.id);
        self.http.get_json(&url, None).await
    }

    /// Verifies a credential that was pasted or uploaded.
    pub async fn verify(&self, credential: &Value, context: Option<Value>) -> Result<Value> {
        let mut body = json!({"credential": credential});
        if let Some(context) = context {
            body["context"] = context;
        }
        let url = format!("{}/api/verify", self.verifier_url);
        self.http.post_json(&url, &body, None).await
    }
}
