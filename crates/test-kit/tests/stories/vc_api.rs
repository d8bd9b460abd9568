//! A stranger's harness: the two documented configuration files, the two binaries, nothing else.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use test_kit::http::Http;
use test_kit::process::{Process, binary, free_port};
use url::Url;
use web_fetch::FetchRequest;

/// Both services as examples/vc-api lays down, on free ports and in an own folder.
struct Pair {
    http: Http,
    issuer: String,
    verifier: String,
    _processes: [Process; 2],
}

impl Pair {
    fn start(folder: &Path) -> Self {
        let ports = [free_port(0).unwrap(), free_port(0).unwrap()];
        let processes = ["issuer", "verifier"].map(|role| {
            let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/vc-api");
            let text = std::fs::read_to_string(example.join(format!("{role}.toml"))).unwrap();
            let text = text
                .replace("7101", &ports[0].to_string())
                .replace("7102", &ports[1].to_string())
                .replace("../../target", folder.to_str().unwrap());
            let config = folder.join(format!("{role}.toml"));
            std::fs::write(&config, text).unwrap();
            let mut command = Command::new(binary(&format!("{role}-service")).unwrap());
            command.args(["serve", "--config"]).arg(&config);
            Process::start(role, command, folder, "ready").unwrap()
        });
        let origins = ports.map(|port| format!("localhost:{port}"));
        Self {
            http: Http::new(&origins).unwrap(),
            issuer: format!("http://{}", origins[0]),
            verifier: format!("http://{}", origins[1]),
            _processes: processes,
        }
    }

    async fn post(&self, url: String, body: &Value) -> (u16, Value) {
        let text = body.to_string();
        let request = FetchRequest::post_json(Url::parse(&url).unwrap(), text.as_bytes());
        let answer = self.http.send(request).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    async fn issue(&self, instance: &str, credential: &Value) -> (u16, Value) {
        let url = format!("{}/issuers/{instance}/credentials/issue", self.issuer);
        self.post(url, &json!({"credential": credential})).await
    }

    async fn verify(&self, credential: &Value) -> (u16, Value) {
        let url = format!("{}/credentials/verify", self.verifier);
        self.post(url, &json!({"verifiableCredential": credential, "options": {}})).await
    }
}

fn credential(issuer: &Value) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:holder", "degree": {"name": "가상 학위"}},
    })
}

/// One character of the proof, or of the token, replaced by another.
fn altered(secured: &Value) -> Value {
    let mut altered = secured.clone();
    match secured["id"].as_str().filter(|id| id.starts_with("data:")) {
        Some(token) => {
            let at = token.len() - 20;
            let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            altered["id"] = json!([&token[..at], other, &token[at + 1..]].concat());
        }
        None => altered["credentialSubject"]["degree"]["name"] = json!("다른 학위"),
    }
    altered
}

#[tokio::test]
async fn what_one_example_service_issues_the_other_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::start(folder.path());
    let listed = pair.http.get_json(&format!("{}/issuers", pair.issuer), None).await.unwrap();
    let instances = listed["instances"].as_array().unwrap().clone();
    assert!(instances.len() >= 11, "{listed}");
    for instance in &instances {
        let name = instance["id"].as_str().unwrap();
        let (status, answer) = pair.issue(name, &credential(&instance["issuer"])).await;
        assert_eq!(status, 201, "{name}: {answer}");
        let mut secured = answer["verifiableCredential"].clone();
        if name.ends_with("sd-2023") || name.starts_with("bbs") {
            let body = json!({"verifiableCredential": secured, "options": {
                "selectivePointers": ["/credentialSubject/degree/name"]}});
            let url = format!("{}/credentials/derive", pair.verifier);
            let (status, answer) = pair.post(url, &body).await;
            assert_eq!(status, 201, "{name}: {answer}");
            secured = answer["verifiableCredential"].clone();
        }
        let (status, answer) = pair.verify(&secured).await;
        assert_eq!((status, &answer["verified"]), (200, &json!(true)), "{name}: {answer}");
        let (status, answer) = pair.verify(&altered(&secured)).await;
        assert_eq!((status, &answer["verified"]), (400, &json!(false)), "{name}: {answer}");
        assert!(answer["problemDetails"].is_array(), "{name}: {answer}");
    }
}

#[tokio::test]
async fn a_strangers_rubbish_is_answered_with_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::start(folder.path());
    let good = credential(&json!("did:example:somebody-else"));
    let (status, answer) = pair.issue("eddsa-rdfc-2022", &good).await;
    assert_eq!(status, 400, "another's name: {answer}");
    let (status, _) = pair.issue("no-such-instance", &good).await;
    assert_eq!(status, 404);
    for broken in [
        json!({}),
        json!({"verifiableCredential": 1}),
        json!({"verifiableCredential": good, "options": {"unheardOf": true}}),
        json!({"verifiableCredential": good, "more": 1}),
        json!({"verifiableCredential": good}),
    ] {
        let (status, answer) =
            pair.post(format!("{}/credentials/verify", pair.verifier), &broken).await;
        assert_eq!(status, 400, "{broken}: {answer}");
    }
}
