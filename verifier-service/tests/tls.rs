//! The real binary by https, with a certificate from the configuration, changed by SIGHUP.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../issuer-service/tests/loopback/mod.rs"]
mod loopback;
#[path = "tls/postgres.rs"]
mod postgres;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use loopback::{Service, example_with, output};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const BINARY: &str = env!("CARGO_BIN_EXE_verifier-service");
const OFF: &str = "# [server.tls]\n# certificate = \"certificate.pem\"\n# key = \"key.pem\"";
const ON: &str = "[server.tls]\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"";

fn write_pair(directory: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = directory.join("key.pem");
    std::fs::write(directory.join("certificate.pem"), cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    cert.der().clone()
}

/// One request by a client that trusts this certificate alone.
fn health(service: &Service, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(&service.address)?);
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn https_by_configuration_and_a_new_certificate_on_sighup() {
    let directory = tempfile::tempdir().unwrap();
    let config = example_with(directory.path(), "verifier", OFF, ON);
    let said = output(BINARY, &config);
    assert_eq!(said.status.code(), Some(2), "no certificate, no service");
    assert!(String::from_utf8(said.stderr).unwrap().contains("certificate.pem cannot be read"));

    let first = write_pair(directory.path());
    let service = Service::start(BINARY, &config);
    assert_eq!(service.scheme, "https");
    assert!(health(&service, &first).unwrap().starts_with("HTTP/1.1 200"));

    let second = write_pair(directory.path());
    let hung_up = Command::new("kill").arg("-HUP").arg(service.process_id().to_string()).status();
    assert!(hung_up.unwrap().success());
    let mut tries = 0;
    // The signal is taken at some time; until then the old certificate is served.
    while health(&service, &second).is_err() {
        tries += 1;
        assert!(tries < 600, "the new certificate is never served");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(health(&service, &first).is_err(), "the old certificate is gone");
}
