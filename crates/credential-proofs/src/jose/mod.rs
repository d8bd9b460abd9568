//! Compact JWS (RFC 7515), with the freedom taken out.
//!
//! * The algorithm comes from the key; the header must repeat it. No symmetric algorithm and no `none` exists here.
//! * A header that tries to bring its own key or rules (`jku`, `x5u`, `crit`, `b64`, and `jwk` outside key proofs) is
//!   refused, as are duplicate members and any base64url that is not canonical.
//! * `typ` must be one the caller names, so a token made for one use is never taken for another.

mod error;
mod jws;

pub use error::JoseError;
pub use jws::{CompactJws, HeaderRules, PreparedJws, numeric_date, prepare, sign, verify};
