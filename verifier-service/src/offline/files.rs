//! The scripts, and the module: compiled in, served for ever under names that carry their digest.
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use web_kit::assets::{self, Asset};

/// The page's script.
pub static DESK_JS: Asset =
    Asset::new("offline", "js", include_bytes!("../../assets/offline/offline.js"));
/// The camera and pictures: `scan.js`, for every page that scans.
pub static SCAN_JS: Asset =
    Asset::new("scan", "js", include_bytes!("../../assets/offline/scan.js"));
/// The module's border in JavaScript.
pub static MODULE_JS: Asset =
    Asset::new("verifier", "js", include_bytes!("../../assets/offline/verifier.js"));
/// The page's style.
pub static DESK_CSS: Asset =
    Asset::new("offline", "css", include_bytes!("../../assets/offline/offline.css"));
/// The verifier as WebAssembly, gzip. Made by `cargo xtask wasm`; empty in a tree where it was
/// never made.
pub static MODULE: Asset =
    Asset::new("verifier", "wasm", include_bytes!("../../assets/offline/verifier.wasm.gz"));

/// The decoder of camera frames as WebAssembly, gzip, likewise: a file of its own, so that a page
/// which scans need not wait for the verifier.
pub static DECODER: Asset =
    Asset::new("decoder", "wasm", include_bytes!("../../assets/offline/decoder.wasm.gz"));

/// Everything of this room, for the service's list of assets.
pub fn all() -> [&'static Asset; 6] {
    [&DESK_JS, &SCAN_JS, &MODULE_JS, &DESK_CSS, &MODULE, &DECODER]
}

/// Whether the module is in this build.
pub fn has_module() -> bool {
    !MODULE.bytes().is_empty() && !DECODER.bytes().is_empty()
}

/// Where a file is served.
pub fn path(asset: &Asset) -> String {
    format!("/offline/files/{}", asset.name())
}

/// `GET /offline/files/{name}`
pub(super) async fn answer(Path(name): Path<String>) -> Response {
    let mut response = assets::serve(&all(), &name);
    if response.status().is_success() && (name == MODULE.name() || name == DECODER.name()) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        );
    }
    response
}
