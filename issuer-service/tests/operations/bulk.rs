//! Bulk jobs through the real service: what its tests share.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::kit::{LOOKS, Service};

/// Rows of fictitious people; each has a licence number of its own.
pub(crate) fn file(rows: usize) -> String {
    let mut text = "성명,생년월일,자격번호,합격일,종목코드\n".to_owned();
    for row in 0..rows {
        text += &format!("홍길동(가상인물),1990-01-01,{row:011}Z,2025-06-18,1320\n");
    }
    text
}

impl Service {
    /// A request of a named officer.
    pub(crate) fn officer(&self, name: &str, path: &str, media: &str, body: &str) -> (u16, Value) {
        let media = format!("{media}\r\nSinpyo-Officer: {name}");
        self.call("POST", path, Some(self.admin_token()), &media, body)
    }

    pub(crate) fn step(&self, name: &str, job: &str, step: &str, wish: &Value) -> (u16, Value) {
        let path = format!("/admin/jobs/{job}/steps/{step}");
        self.officer(name, &path, "application/json", &wish.to_string())
    }

    /// Brings a file and seals it; the job's id.
    pub(crate) fn upload(&self, name: &str, text: &str) -> String {
        let new = json!({
            "type": "KrQualificationBadge",
            "sha256": hex::encode(Sha256::digest(text)),
            "bytes": text.len(),
        });
        let (status, job) = self.officer(name, "/admin/jobs", "application/json", &new.to_string());
        assert!([200, 201].contains(&status), "{status} {job}");
        let id = job["id"].as_str().unwrap().to_owned();
        assert_eq!(job["parts"], 1, "these files are short");
        let path = format!("/admin/jobs/{id}/parts/0");
        let (status, answer) = self.officer(name, &path, "application/octet-stream", text);
        assert_eq!(status, 200, "{answer}");
        // Another replica may have sealed it in between: that is no failure of ours.
        let (status, answer) = self.step(name, &id, "seal", &json!({}));
        assert!([200, 409].contains(&status), "{answer}");
        id
    }

    pub(crate) fn job(&self, id: &str) -> Value {
        self.admin("GET", &format!("/admin/jobs/{id}"), &Value::Null)
    }

    /// The job as soon as something is true of it; not being answered is waiting too.
    #[track_caller]
    pub(crate) fn until(&self, id: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..LOOKS {
            let path = format!("/admin/jobs/{id}");
            let (status, job) = self.call("GET", &path, Some(self.admin_token()), "", "");
            if status == 200 && holds(&job) {
                return job;
            }
            last = job;
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{what}: did not happen: {last}");
    }

    /// A checked and approved job over these rows.
    pub(crate) fn approved(&self, text: &str) -> String {
        let id = self.upload("kim", text);
        let (status, answer) = self.step("kim", &id, "check", &json!({}));
        assert_eq!(status, 200, "{answer}");
        self.until(&id, "checked", |job| job["stage"] == "checked");
        let (status, answer) = self.step("lee", &id, "approve", &json!({}));
        assert_eq!(status, 200, "{answer}");
        id
    }

    pub(crate) fn run_job(&self, id: &str) {
        let (status, answer) = self.step("kim", id, "run", &json!({}));
        assert_eq!(status, 200, "{answer}");
    }

    /// Waits for the end: every row issued, each once, on a status place of its own.
    #[track_caller]
    pub(crate) fn all_issued_once(&self, id: &str, rows: usize) {
        let job = self.until(id, "done", |job| job["stage"] == "done");
        assert_eq!(job["outcome"]["issued"], rows, "{job}");
        assert_eq!(job["outcome"]["refused"], 0, "{job}");
        assert_eq!(job["outcome"]["held"], 0, "{job}");
        assert_eq!(job["stalled"], Value::Null, "{job}");
        let (mut after, mut seen, mut places) = (String::new(), 0, BTreeSet::new());
        loop {
            let path = format!("/admin/credentials?limit=500{after}");
            let page = self.admin("GET", &path, &Value::Null);
            let page = page["credentials"].as_array().unwrap().clone();
            for record in &page {
                seen += 1;
                let place = (record["status_list"].to_string(), record["status_index"].to_string());
                assert!(places.insert(place), "a status place twice: {record}");
            }
            match page.last() {
                Some(last) if page.len() == 500 => {
                    after = format!("&after={}", last["id"].as_str().unwrap());
                }
                _ => break,
            }
        }
        assert_eq!(seen, rows, "one credential a row");
        self.trail_holds();
    }
}
