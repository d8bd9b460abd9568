//! TLS over a real socket, with a certificate made here.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use web_kit::serve::serve_until;
use web_kit::{Tls, TlsFiles};

fn write_pair(directory: &Path) -> (TlsFiles, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let files =
        TlsFiles { certificate: directory.join("cert.pem"), key: directory.join("key.pem") };
    std::fs::write(&files.certificate, cert.pem()).unwrap();
    std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o600)).unwrap();
    (files, cert.der().clone())
}

/// One request by a client that trusts this certificate alone.
async fn ask(port: u16, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

#[tokio::test]
async fn serves_reloads_and_survives_plain_clients() {
    let directory = tempfile::tempdir().unwrap();
    let (files, first) = write_pair(directory.path());
    let tls = Tls::load(&files).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let listener = tls.listen(listener).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let router = Router::new().route("/", get(|| async { "by TLS" }));
    let served = tokio::spawn(serve_until(router, listener, async move { drop(stopped.await) }));

    // Somebody who speaks no TLS, and one who says nothing at all, hold up nobody.
    let silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut plain = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let answer = ask(port, &first).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("by TLS"), "{answer}");

    let (_, second) = write_pair(directory.path());
    tls.reload().unwrap();
    assert!(ask(port, &first).await.is_err(), "the old certificate is gone");
    assert!(ask(port, &second).await.unwrap().ends_with("by TLS"));
    std::fs::write(&files.certificate, "rubbish").unwrap();
    assert_eq!(tls.reload().unwrap_err().code(), "tls_no_certificate");
    assert!(ask(port, &second).await.is_ok(), "what cannot be used changes nothing");

    drop(silent);
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}

#[test]
fn wrong_files_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let (files, _) = write_pair(directory.path());
    let code = |files: &TlsFiles| Tls::load(files).unwrap_err().code();
    let missing = TlsFiles { certificate: directory.path().join("none"), ..files.clone() };
    assert_eq!(code(&missing), "tls_file_unreadable");
    let turned = TlsFiles { certificate: files.key.clone(), key: files.certificate.clone() };
    assert_eq!(code(&turned), "tls_no_certificate");
    let other = tempfile::tempdir().unwrap();
    let (others, _) = write_pair(other.path());
    let mixed = TlsFiles { certificate: files.certificate.clone(), key: others.key };
    assert_eq!(code(&mixed), "tls_key_pair_unusable");
    std::fs::write(&files.key, "rubbish").unwrap();
    assert_eq!(code(&files), "tls_no_key");
    std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(&files), "tls_key_open_to_others");
}
