//! Against hostile servers on this machine, reached as development origins.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that answers each connection by a rule and notes what it was asked.
struct Server {
    origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

enum Answer {
    /// Send this and close.
    Whole(String),
    /// Send this and then nothing, for ever.
    Hang(&'static str),
    /// Send this head, then zeros for as long as somebody reads.
    Endless(&'static str),
}

impl Server {
    async fn start(rule: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let rule = Arc::new(rule);
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let noted = Arc::clone(&noted);
                let rule = Arc::clone(&rule);
                tokio::spawn(async move {
                    let request = read_request(&mut socket).await;
                    let answer = rule(&request);
                    noted.lock().unwrap().push(request);
                    match answer {
                        Answer::Whole(text) => {
                            let _ = socket.write_all(text.as_bytes()).await;
                        }
                        Answer::Hang(text) => {
                            let _ = socket.write_all(text.as_bytes()).await;
                            std::future::pending::<()>().await;
                        }
                        Answer::Endless(head) => {
                            let _ = socket.write_all(head.as_bytes()).await;
                            while socket.write_all(&[b'0'; 4096]).await.is_ok() {}
                        }
                    }
                });
            }
        });
        Self { origin, asked }
    }

    async fn saying(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |_| Answer::Whole(answer.clone())).await
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.origin)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn client(&self) -> GuardedClient {
        client(&[&self.origin])
    }
}

async fn read_request(socket: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0u8; 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match socket.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

fn client(origins: &[&str]) -> GuardedClient {
    with_policy(origins, |_| {})
}

fn with_policy(origins: &[&str], change: impl FnOnce(&mut FetchPolicy)) -> GuardedClient {
    let mut policy = FetchPolicy {
        plain_http_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        ..FetchPolicy::default()
    };
    change(&mut policy);
    // No test asks a real name server.
    let lookup: Lookup = Arc::new(|name| {
        let address: Option<IpAddr> = match name.as_str() {
            "localhost" | "rebound.example" => "127.0.0.1".parse().ok(),
            "lan.example" => "10.0.0.5".parse().ok(),
            _ => None,
        };
        Box::pin(async move {
            address
                .map(|address| vec![address])
                .ok_or_else(|| std::io::Error::other("no such name"))
        })
    });
    GuardedClient::with_lookup(policy, lookup).unwrap()
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn redirect(status: u16, to: &str) -> String {
    format!(
        "HTTP/1.1 {status} Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

fn get(url: &str) -> FetchRequest {
    FetchRequest::get(Url::parse(url).unwrap())
}

#[tokio::test]
async fn a_development_origin_answers() {
    let server = Server::saying(ok("hello")).await;
    let request = FetchRequest::get(server.url("/a?b=c#d")).accept("text/plain");
    let response = server.client().fetch(request).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(response.is_success());
    assert_eq!(response.body, b"hello");
    assert_eq!(response.media_type().as_deref(), Some("text/plain"));
    assert_eq!(response.header("CONTENT-LENGTH"), Some("5"));
    let asked = server.asked().pop().unwrap().to_ascii_lowercase();
    assert!(asked.starts_with("get /a?b=c http/1.1\r\n"), "{asked}");
    assert!(asked.contains("accept: text/plain\r\n"));
    assert!(asked.contains("user-agent: sinpyo/"));
    for never in ["accept-encoding", "cookie", "referer", "authorization"] {
        assert!(!asked.contains(never), "{never} in {asked}");
    }
}

#[tokio::test]
async fn https_to_a_development_origin_is_spoken_by_http() {
    let server = Server::saying(ok("{}")).await;
    let port = server.origin.rsplit_once(':').unwrap().1;
    let origin = format!("localhost:{port}");
    let asked_for = format!("https://localhost:{port}/.well-known/did.json");
    let response = client(&[&origin]).fetch(get(&asked_for)).await.unwrap();
    assert_eq!(response.url.as_str(), asked_for);
}

#[tokio::test]
async fn error_statuses_are_responses() {
    let server = Server::saying("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno").await;
    let response = server.client().fetch(FetchRequest::get(server.url("/"))).await.unwrap();
    assert_eq!((response.status, response.is_success()), (404, false));
    assert_eq!(response.body, b"no");
}

#[tokio::test]
async fn forms_and_json_are_posted() {
    let server = Server::saying(ok("")).await;
    let client = server.client();
    let form = FetchRequest::post_form(server.url("/token"), &[("a b", "1&2"), ("c", "신표")]);
    client.fetch(form).await.unwrap();
    let json = FetchRequest::post_json(server.url("/credential"), br#"{"x":1}"#).bearer("t0ken");
    client.fetch(json).await.unwrap();
    let asked = server.asked();
    assert!(asked[0].contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(asked[0].ends_with("a+b=1%262&c=%EC%8B%A0%ED%91%9C"), "{}", asked[0]);
    assert!(asked[1].contains("authorization: Bearer t0ken\r\n"));
    assert!(asked[1].ends_with(r#"{"x":1}"#));
}

#[tokio::test]
async fn closed_addresses_are_refused_before_connecting() {
    let server = Server::saying(ok("secret")).await;
    let port = server.origin.rsplit_once(':').unwrap().1;
    // The port is allowed, so that nothing but the address stands in the way.
    let client = with_policy(&[], |policy| policy.allowed_ports.push(port.parse().unwrap()));
    for host in ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost.", "rebound.example"] {
        let error = client.fetch(get(&format!("https://{host}:{port}/"))).await.unwrap_err();
        assert_eq!(error.code(), "forbidden_address", "{host}");
        assert!(error.is_refusal());
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_development_name_that_leads_elsewhere_is_refused() {
    let client = client(&["lan.example:80"]);
    let error = client.fetch(get("http://lan.example/")).await.unwrap_err();
    assert_eq!(error, FetchError::ForbiddenAddress("lan.example".into()));
}

#[tokio::test]
async fn redirects_are_judged_anew() {
    for (target, code) in [
        ("https://169.254.169.254/latest/meta-data/", "forbidden_address"),
        ("http://169.254.169.254/latest/meta-data/", "forbidden_scheme"),
        ("https://rebound.example/", "forbidden_address"),
        ("file:///etc/passwd", "forbidden_scheme"),
        ("https://user@issuer.example/", "forbidden_url"),
        ("https://issuer.example:22/", "forbidden_port"),
        ("https://[", "bad_redirect"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let server = Server::saying(redirect(status, target)).await;
            let request = FetchRequest::get(server.url("/"));
            let error = server.client().fetch(request).await.unwrap_err();
            assert_eq!(error.code(), code, "{status} to {target}");
            assert!(error.is_refusal());
        }
    }
}

#[tokio::test]
async fn two_redirects_are_followed_and_no_more() {
    // /3 leads to /2, /2 to /1, /1 to /0, which answers.
    let server = Server::start(|request| {
        let step: u32 = request[5..6].parse().unwrap();
        match step {
            0 => Answer::Whole(ok("there")),
            step => Answer::Whole(redirect(302, &format!("/{}", step - 1))),
        }
    })
    .await;
    let client = server.client();
    let response = client.fetch(FetchRequest::get(server.url("/2"))).await.unwrap();
    assert_eq!((response.body.as_slice(), response.url.path()), (&b"there"[..], "/0"));
    let error = client.fetch(FetchRequest::get(server.url("/3"))).await.unwrap_err();
    assert_eq!(error, FetchError::TooManyRedirects);
    assert_eq!(server.asked().len(), 6, "the fourth address is never asked");
    let strict = with_policy(&[&server.origin], |policy| policy.max_redirects = 0);
    let error = strict.fetch(FetchRequest::get(server.url("/1"))).await.unwrap_err();
    assert_eq!(error, FetchError::TooManyRedirects);
    // A policy cannot ask for more than the threat model allows.
    let lax = with_policy(&[&server.origin], |policy| policy.max_redirects = 9);
    assert!(lax.fetch(FetchRequest::get(server.url("/3"))).await.is_err());
}

#[tokio::test]
async fn posts_are_not_redirected_and_nowhere_is_an_error() {
    let server = Server::saying(redirect(307, "/again")).await;
    let request = FetchRequest::post_json(server.url("/"), b"{}");
    assert_eq!(server.client().fetch(request).await.unwrap_err(), FetchError::TooManyRedirects);
    assert_eq!(server.asked().len(), 1);
    let server = Server::saying("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n").await;
    let request = FetchRequest::get(server.url("/"));
    assert_eq!(server.client().fetch(request).await.unwrap_err(), FetchError::BadRedirect);
}

#[tokio::test]
async fn a_token_stays_with_its_host() {
    let second = Server::saying(ok("")).await;
    let first = Server::saying(redirect(302, second.url("/").as_str())).await;
    let client = client(&[&first.origin, &second.origin]);
    client.fetch(FetchRequest::get(first.url("/")).bearer("t0ken")).await.unwrap();
    assert!(first.asked()[0].contains("t0ken"));
    assert!(!second.asked()[0].contains("t0ken"));
}

#[tokio::test]
async fn cookies_are_forgotten() {
    let server =
        Server::saying("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n").await;
    let client = server.client();
    for _ in 0..2 {
        client.fetch(FetchRequest::get(server.url("/"))).await.unwrap();
    }
    assert!(server.asked().iter().all(|request| !request.contains("cookie")));
}

#[tokio::test]
async fn long_bodies_are_cut_off() {
    let server = Server::saying(ok("12345678")).await;
    let client = server.client();
    let fits = FetchRequest::get(server.url("/")).max_bytes(8);
    assert_eq!(client.fetch(fits).await.unwrap().body.len(), 8);
    let announced = FetchRequest::get(server.url("/")).max_bytes(7);
    assert_eq!(client.fetch(announced).await.unwrap_err(), FetchError::TooLarge { limit: 7 });
    // The caller cannot go past the policy.
    let tight = with_policy(&[&server.origin], |policy| policy.max_bytes_hard = 4);
    let asks_more = FetchRequest::get(server.url("/")).max_bytes(1000);
    assert_eq!(tight.fetch(asks_more).await.unwrap_err(), FetchError::TooLarge { limit: 4 });
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    for head in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ] {
        let server = Server::start(move |_| Answer::Endless(head)).await;
        let request = FetchRequest::get(server.url("/")).max_bytes(10_000);
        let error = server.client().fetch(request).await.unwrap_err();
        assert_eq!(error, FetchError::TooLarge { limit: 10_000 });
    }
}

#[tokio::test]
async fn slow_servers_are_left() {
    for sent in ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1"] {
        let server = Server::start(move |_| Answer::Hang(sent)).await;
        let client =
            with_policy(&[&server.origin], |policy| policy.timeout = Duration::from_millis(150));
        let error = client.fetch(FetchRequest::get(server.url("/"))).await.unwrap_err();
        assert_eq!(error, FetchError::TimedOut, "after {sent:?}");
        assert!(!error.is_refusal());
    }
}

#[tokio::test]
async fn compressed_bodies_are_refused() {
    let server =
        Server::saying("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
            .await;
    let error = server.client().fetch(FetchRequest::get(server.url("/"))).await.unwrap_err();
    assert_eq!(error, FetchError::UnexpectedEncoding("gzip".into()));
}

#[tokio::test]
async fn callers_cannot_set_what_is_not_theirs() {
    let server = Server::saying(ok("")).await;
    for (name, value) in [
        ("Host", "evil.example"),
        ("Cookie", "a=b"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("User-Agent", "x"),
        ("Accept-Encoding", "gzip"),
        ("X-A", "b\r\nX-Injected: c"),
        ("X A", "b"),
    ] {
        let request = FetchRequest::get(server.url("/")).header(name, value);
        let error = server.client().fetch(request).await.unwrap_err();
        assert_eq!(error.code(), "forbidden_header", "{name}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_cannot_be_reached_is_no_refusal() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let request = get(&format!("http://{gone}/"));
    let error = client(&[&gone]).fetch(request).await.unwrap_err();
    assert_eq!(error.code(), "connect_failed");
    assert!(!error.is_refusal());
    let error = client(&[]).fetch(get("https://nowhere.example/")).await.unwrap_err();
    assert_eq!(error, FetchError::DnsFailed("nowhere.example".into()));
    let server = Server::saying("SSH-2.0-OpenSSH_9.6\r\n").await;
    let error = server.client().fetch(FetchRequest::get(server.url("/"))).await.unwrap_err();
    assert_eq!(error.code(), "exchange_failed");
    assert!(!error.is_refusal());
}

/// Runs `a_development_origin_answers` again in a process whose environment names a proxy
/// that does not exist.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "client::tests::a_development_origin_answers"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    {
        again.env(name, "http://127.0.0.1:9");
    }
    let output = again.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn debug_shows_no_secret() {
    let request = get("https://issuer.example/offers?pre-authorized_code=s3cret").bearer("t0ken");
    let text = format!("{request:?}");
    assert!(!text.contains("s3cret") && !text.contains("t0ken"), "{text}");
}

#[test]
fn unreadable_policies_are_refused() {
    let origin = FetchPolicy {
        plain_http_origins: vec!["http://localhost:7001".into()],
        ..FetchPolicy::default()
    };
    assert_eq!(GuardedClient::new(origin).unwrap_err().code(), "bad_plain_http_origin");
    for pem in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let policy =
            FetchPolicy { extra_root_certificates: vec![pem.into()], ..FetchPolicy::default() };
        assert_eq!(GuardedClient::new(policy).unwrap_err().code(), "bad_root_certificate", "{pem}");
    }
}
