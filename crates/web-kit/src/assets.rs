//! Small files beside the pages: scripts and styles, compiled in, served under names that carry
//! their digest, so that a browser keeps them for ever and never an old one.

use std::fmt::Write as _;
use std::sync::OnceLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Path below which a service serves its assets.
pub const ASSETS_PATH: &str = "/assets";

/// One file. Make it a `static`.
#[derive(Debug)]
pub struct Asset {
    /// File name without the extension.
    stem: &'static str,
    extension: &'static str,
    bytes: &'static [u8],
    name: OnceLock<String>,
}

impl Asset {
    /// A file; `extension` is `js`, `css`, `svg` or `wasm`.
    pub const fn new(stem: &'static str, extension: &'static str, bytes: &'static [u8]) -> Self {
        Asset { stem, extension, bytes, name: OnceLock::new() }
    }

    /// `stem.0123456789abcdef.js`
    pub fn name(&self) -> &str {
        self.name.get_or_init(|| {
            let mut name = format!("{}.", self.stem);
            for byte in &Sha256::digest(self.bytes)[..8] {
                let _ = write!(name, "{byte:02x}");
            }
            format!("{name}.{}", self.extension)
        })
    }

    /// The address, absolute on this origin.
    pub fn path(&self) -> String {
        format!("{ASSETS_PATH}/{}", self.name())
    }

    /// The file itself.
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    fn media_type(&self) -> &'static str {
        match self.extension {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "wasm" => "application/wasm",
            _ => "application/octet-stream",
        }
    }
}

/// Answers `GET /assets/{name}` from a list; immutable, because another content has another name.
pub fn serve(assets: &[&'static Asset], name: &str) -> Response {
    let Some(asset) = assets.iter().find(|asset| asset.name() == name) else {
        return Problem::new(StatusCode::NOT_FOUND, "not_found")
            .detail("There is no such file; the page that named it may be an old one.")
            .into_response();
    };
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type()));
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, forever);
    response
}
