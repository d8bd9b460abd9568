//! OID4VP 1.0: authorization request, request object, client identifiers, responses.

pub(crate) mod client_id;
pub(crate) mod client_metadata;
pub(crate) mod request;
pub(crate) mod request_uri;
pub(crate) mod response;
#[cfg(test)]
mod tests;
pub(crate) mod transaction_data;
