use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::harness::wallet::Holder;
use crate::kit::{EMBEDDED, FILE_KEYS, Service, ask, command, configured, done, free_port, run};

#[test]
fn figures_probes_and_a_log_without_names() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let more = format!("[operations]\nlisten = \"127.0.0.1:{port}\"\n[log]\nformat = \"json\"\n");
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, &more);
    done(&config, &["init"]);
    let mut loud = command(&config);
    loud.env("RUST_LOG", "info").stderr(Stdio::piped());
    let mut service = Service::start_with(&config, &mut loud);
    let (holder, token) = (Holder::usual(), service.token());
    service.insist(&token, &holder);
    let operations = format!("127.0.0.1:{port}");
    let (status, _, figures) = ask(&operations, "GET", "/metrics", None, "", "");
    assert_eq!(status, 200);
    let issued = figures.lines().find(|line| {
        line.starts_with("sinpyo_http_requests_total") && line.contains("route=\"/credential\"")
    });
    assert!(issued.is_some_and(|line| line.ends_with(" 1")), "{figures}");
    assert!(figures.contains("sinpyo_http_request_seconds_bucket"), "{figures}");
    let (status, _, ready) = ask(&operations, "GET", "/ready", None, "", "");
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(
        (status, ready["keys"].as_str(), ready["chain"].as_str()),
        (200, Some("ok"), Some("none"))
    );
    assert_eq!(ask(&operations, "GET", "/admin/credentials", None, "", "").0, 404);
    // The world's address has no figures.
    assert_eq!(ask(&service.address, "GET", "/metrics", None, "", "").0, 404);

    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent =
        format!("x\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\nX-Request-Id: mine-1");
    let (_, head, _) = ask(&service.address, "GET", "/ready", None, &parent, "");
    assert!(head.to_ascii_lowercase().contains("x-request-id: mine-1"), "{head}");

    service.child.kill().unwrap();
    let log = BufReader::new(service.child.stderr.take().unwrap());
    let lines: Vec<String> = log.lines().map(|line| line.unwrap()).collect();
    let mut joined = false;
    for line in &lines {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        joined |= event["request"] == "mine-1" && event["trace"] == trace;
        for personal in ["홍길동", "가상인물", &token] {
            assert!(!line.contains(personal), "{line}");
        }
    }
    assert!(joined, "the request's line names its id and its trace: {lines:?}");
}

#[test]
fn the_schema_is_printed_and_the_doctor_looks_at_everything() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, "");
    let schema = done(&config, &["config", "schema"]);
    assert_eq!(schema["additionalProperties"], false);
    done(&config, &["init"]);
    let (code, report, _) = run(&config, &["doctor"]);
    assert_eq!(code, 0, "{report}");
    for part in ["keys", "signing", "admin token", "store", "operations", "chain"] {
        assert!(report.contains(&format!("ok    {part}:")), "{part}: {report}");
    }
    // A running service has the store to itself, and that is no fault.
    let _service = Service::start(&config);
    let (code, report, _) = run(&config, &["doctor"]);
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("in use by the running service"), "{report}");
}
