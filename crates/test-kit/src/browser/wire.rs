//! WebDriver (W3C) as plain JSON over HTTP/1.1 on the loopback address: a dozen commands need
//! no client library.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// How long one command may take on a busy machine; scripts and page loads have limits of their own.
const PATIENCE: Duration = Duration::from_secs(120);

/// The member under which WebDriver names an element (section 11.1).
pub(super) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One session of a driver.
pub(super) struct Session {
    port: u16,
    id: String,
}

impl Session {
    /// Opens a session with `alwaysMatch` capabilities.
    pub(super) fn open(port: u16, capabilities: Value) -> Result<Self> {
        let body = json!({"capabilities": {"alwaysMatch": capabilities}});
        let made = exchange(port, "POST", "/session", &body)?;
        let id = made["sessionId"].as_str().with_context(|| format!("no session: {made}"))?;
        Ok(Self { port, id: id.to_owned() })
    }

    pub(super) fn post(&self, command: &str, body: &Value) -> Result<Value> {
        exchange(self.port, "POST", &format!("/session/{}/{command}", self.id), body)
    }

    pub(super) fn get(&self, command: &str) -> Result<Value> {
        exchange(self.port, "GET", &format!("/session/{}/{command}", self.id), &Value::Null)
    }

    /// A command of the Chrome DevTools Protocol, sent to the page.
    pub(super) fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    pub(super) fn close(&self) -> Result<()> {
        exchange(self.port, "DELETE", &format!("/session/{}", self.id), &Value::Null).map(drop)
    }
}

/// One exchange on a connection of its own; gives the `value` of the answer.
fn exchange(port: u16, method: &str, path: &str, body: &Value) -> Result<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("the driver is gone")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let answer = read_answer(&mut stream).with_context(|| format!("{method} {path}"))?;
    let answer: Value = serde_json::from_slice(&answer)
        .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&answer)))?;
    let value = answer.get("value").cloned().unwrap_or(Value::Null);
    if let Some(error) = value.get("error").and_then(Value::as_str) {
        let message = value["message"].as_str().unwrap_or_default();
        bail!("{path}: {error}: {}", message.lines().next().unwrap_or_default());
    }
    Ok(value)
}

/// The body: as long as the head says, since the driver may keep the connection open.
fn read_answer(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.context("an answer without length")?.trim().parse()?;
            if bytes.len() >= end + 4 + length {
                return Ok(bytes[end + 4..end + 4 + length].to_vec());
            }
        }
        match stream.read(&mut buffer)? {
            0 => bail!("the answer broke off"),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
