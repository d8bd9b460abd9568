//! OpenAPI 3.1, made from the endpoint table, so that no route can be missing.

use serde_json::{Map, Value, json};

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Anybody.
    Anybody,
    /// A wallet with its access token.
    Wallet,
    /// An officer with the admin token.
    Officer,
}

/// What the document says about an endpoint.
pub struct Operation {
    tag: &'static str,
    summary: &'static str,
    caller: Caller,
    parameters: Vec<Value>,
    bodies: Vec<(&'static str, Value)>,
    responses: Vec<(u16, &'static str, &'static str)>,
}

impl Operation {
    /// An operation anybody may call.
    pub(crate) fn new(tag: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            caller: Caller::Anybody,
            parameters: Vec::new(),
            bodies: Vec::new(),
            responses: Vec::new(),
        }
    }

    /// Who may call.
    pub(crate) fn by(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    /// A query parameter, optional, a string.
    pub(crate) fn query(mut self, name: &str, description: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "query", "required": false,
            "description": description, "schema": { "type": "string" }
        }));
        self
    }

    /// A body of a media type with its schema.
    pub(crate) fn body(mut self, media: &'static str, schema: Value) -> Self {
        self.bodies.push((media, schema));
        self
    }

    /// A good answer.
    pub(crate) fn answers(
        mut self,
        status: u16,
        media: &'static str,
        description: &'static str,
    ) -> Self {
        self.responses.push((status, media, description));
        self
    }

    /// A refusal with a problem document (RFC 9457).
    pub(crate) fn problem(self, status: u16, description: &'static str) -> Self {
        self.answers(status, "application/problem+json", description)
    }

    /// A refusal of the OAuth family.
    pub(crate) fn error(self, status: u16, description: &'static str) -> Self {
        self.answers(status, "application/json", description)
    }

    /// Whether an officer must call it.
    pub(crate) fn is_for_officers(&self) -> bool {
        self.caller == Caller::Officer
    }

    fn to_json(&self, method: &str, path: &str) -> Value {
        let mut parameters: Vec<Value> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| name.trim_start_matches('*'))
            .map(|name| {
                json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
            })
            .collect();
        parameters.extend(self.parameters.iter().cloned());
        let mut responses = Map::new();
        for (status, media, description) in &self.responses {
            let mut response = json!({ "description": description });
            if !media.is_empty() {
                response["content"] = json!({ *media: {} });
            }
            responses.insert(status.to_string(), response);
        }
        let mut operation = json!({
            "operationId": operation_id(method, path),
            "tags": [self.tag],
            "summary": self.summary,
            "parameters": parameters,
            "responses": responses,
        });
        if !self.bodies.is_empty() {
            let content: Map<String, Value> = self
                .bodies
                .iter()
                .map(|(media, schema)| ((*media).to_owned(), json!({ "schema": schema })))
                .collect();
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        match self.caller {
            Caller::Anybody => {}
            Caller::Wallet => operation["security"] = json!([{ "accessToken": [] }]),
            Caller::Officer => operation["security"] = json!([{ "adminToken": [] }]),
        }
        operation
    }
}

fn operation_id(method: &str, path: &str) -> String {
    let words: String =
        path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    format!("{method}_{}", words.join("_"))
}

/// The whole document.
pub fn document(server: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in crate::endpoints() {
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[endpoint.method] = endpoint.operation.to_json(endpoint.method, endpoint.path);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sinpyo issuer",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "OpenID for Verifiable Credential Issuance 1.0, status lists, DID document, and the admin API."
        },
        "servers": [{ "url": server }],
        "tags": [
            { "name": "wallet", "description": "OpenID4VCI 1.0" },
            { "name": "public", "description": "For everybody" },
            { "name": "admin", "description": "For officers" },
            { "name": "operation", "description": "For operators" }
        ],
        "paths": paths,
        "components": { "securitySchemes": {
            "accessToken": { "type": "http", "scheme": "bearer", "description": "From POST /token" },
            "adminToken": { "type": "http", "scheme": "bearer", "description": "From the admin token file" }
        } }
    })
}
