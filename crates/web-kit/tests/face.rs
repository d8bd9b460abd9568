//! The shared face, driven through a real router.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use localized_text::Locale;
use serde::Deserialize;
use tower::ServiceExt;
use web_kit::{Limits, OAuthError, Problem, RequestLocale, StrictJson, layers};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Greeting {
    name: String,
}

async fn greet(StrictJson(greeting): StrictJson<Greeting>) -> String {
    format!("hello {}", greeting.name)
}

async fn language(RequestLocale(locale): RequestLocale) -> &'static str {
    if locale == Locale::Ko { "ko" } else { "en" }
}

fn app(limits: Limits) -> Router {
    let router = Router::new()
        .route("/greet", post(greet))
        .route("/language", get(language))
        .route("/panic", get(|| async { panic!("secret of the stack") as () }))
        .route("/slow", get(|| async { tokio::time::sleep(std::time::Duration::MAX).await }))
        .route("/token", get(|| async { OAuthError::invalid_token("say \"please\"") }))
        .route(
            "/problem",
            get(|| async {
                Problem::new(StatusCode::CONFLICT, "already_there").hint("Look first.")
            }),
        );
    layers(router, limits)
}

async fn ask(app: Router, request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, String) {
    let response = app.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

fn post_json(body: &str) -> Request<Body> {
    Request::post("/greet")
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn plain_get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn good_json_is_read() {
    let (status, headers, body) =
        ask(app(Limits::default()), post_json(r#"{"name":"가상"}"#)).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "hello 가상"));
    assert!(
        headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'")
    );
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

#[tokio::test]
async fn each_kind_of_bad_json_has_its_own_code() {
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(64), "]".repeat(64));
    let cases = [
        (r#"{"name":"a","name":"b"}"#, 400, "malformed_json"),
        (r#"{"name":"#, 400, "malformed_json"),
        (deep.as_str(), 400, "malformed_json"),
        (r#"{"nome":"a"}"#, 422, "unexpected_json"),
        (r#"[]"#, 422, "unexpected_json"),
    ];
    for (body, status, code) in cases {
        let (got, headers, answer) = ask(app(Limits::default()), post_json(body)).await;
        assert_eq!(got.as_u16(), status, "{body}");
        assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json; charset=utf-8");
    }
}

#[tokio::test]
async fn the_wrong_media_type_is_refused_before_the_body_is_read() {
    let request = Request::post("/greet")
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from(r#"{"name":"a"}"#))
        .unwrap();
    let (status, _, body) = ask(app(Limits::default()), request).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(body.contains("unsupported_media_type"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let limits = Limits { body_bytes: 64, ..Limits::default() };
    let (status, _, body) =
        ask(app(limits), post_json(&format!(r#"{{"name":"{}"}}"#, "x".repeat(100)))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(body.contains("body_unreadable"));
}

#[tokio::test]
async fn the_language_is_link_then_cookie_then_browser_then_korean() {
    let with = |path: &str, cookie: &str, accept: &str| {
        let mut request = Request::get(path);
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        if !accept.is_empty() {
            request = request.header(header::ACCEPT_LANGUAGE, accept);
        }
        request.body(Body::empty()).unwrap()
    };
    let cases = [
        (with("/language?lang=en", "sinpyo_lang=ko", "ko"), "en"),
        (with("/language", "a=b; sinpyo_lang=en", "ko"), "en"),
        (with("/language", "", "en-GB,en;q=0.9"), "en"),
        (with("/language?lang=xx", "sinpyo_lang=<script>", ""), "ko"),
        (with("/language", "", ""), "ko"),
    ];
    for (request, expected) in cases {
        assert_eq!(ask(app(Limits::default()), request).await.2, expected);
    }
}

#[tokio::test]
async fn a_panic_a_slow_handler_and_a_full_house_end_in_plain_problems() {
    let (status, _, body) = ask(app(Limits::default()), plain_get("/panic")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains("internal_error") && !body.contains("secret of the stack"));

    let hasty = Limits { seconds: 0, ..Limits::default() };
    let (status, headers, body) = ask(app(hasty), plain_get("/slow")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("too_slow") && headers.contains_key(header::RETRY_AFTER));

    let full = Limits { concurrent: 0, ..Limits::default() };
    let (status, headers, body) = ask(app(full), plain_get("/language")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("busy"));
    assert_eq!(headers[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn who_finds_the_house_full_hears_it_even_when_nobody_inside_ever_waits() {
    let app = app(Limits { concurrent: 4, ..Limits::default() });
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..10 {
        // The handler of this route computes its answer without a single wait.
        asked.spawn(ask(app.clone(), plain_get("/language")));
    }
    let (mut served, mut refused) = (0, 0);
    while let Some(answer) = asked.join_next().await {
        match answer.unwrap() {
            (StatusCode::OK, _, _) => served += 1,
            (StatusCode::SERVICE_UNAVAILABLE, headers, body) => {
                assert!(body.contains("\"code\":\"busy\""), "{body}");
                assert_eq!(headers[header::RETRY_AFTER], "1");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((served, refused), (4, 6));
    // Afterwards there is room again.
    assert_eq!(ask(app, plain_get("/language")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let (status, _, body) = ask(app(Limits::default()), plain_get("/nowhere")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("not_found"));
    let (status, _, body) = ask(app(Limits::default()), plain_get("/greet")).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(body.contains("method_not_allowed"));
}

#[tokio::test]
async fn oauth_errors_challenge_and_stay_within_the_allowed_characters() {
    let (status, headers, body) = ask(app(Limits::default()), plain_get("/token")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(
        headers[header::WWW_AUTHENTICATE],
        "Bearer error=\"invalid_token\", error_description=\"say 'please'\""
    );
    assert!(body.contains("say 'please'"));
    let (status, _, body) = ask(app(Limits::default()), plain_get("/problem")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("Look first."));
}

#[test]
fn markup_and_direction_marks_lose_their_power() {
    let escaped = web_kit::page::escape("<script>&\"'\u{202e}x\u{7}");
    assert_eq!(escaped, "&lt;script&gt;&amp;&quot;&#39;<span class=\"odd\">U+202E</span>x");
}

mod configuration {
    use serde::Deserialize;
    use web_kit::config::load_config_with;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        server: Server,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Server {
        listen: String,
        #[serde(default)]
        workers: u32,
    }

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Settings, web_kit::ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        load_config_with(file.path(), "SINPYO_ISSUER", variables)
    }

    const FILE: &str = "[server]\nlisten = \"127.0.0.1:1\"\n";

    #[test]
    fn variables_replace_what_the_file_says() {
        let settings = load(
            FILE,
            &[
                ("SINPYO_ISSUER__SERVER__LISTEN", "8080"),
                ("SINPYO_ISSUER__SERVER__WORKERS", "3"),
                ("SINPYO_ISSUERS__SERVER__LISTEN", "not ours"),
            ],
        );
        let expected = Settings { server: Server { listen: "8080".to_owned(), workers: 3 } };
        assert_eq!(settings.unwrap(), expected);
    }

    #[test]
    fn unknown_keys_bad_toml_and_missing_files_are_refused_with_the_place() {
        let unknown = load("[server]\nlisten = \"x\"\nlitsen = 1\n", &[]).unwrap_err();
        assert!(unknown.to_string().contains("litsen"));
        assert_eq!(load("[server", &[]).unwrap_err().code(), "config_invalid");
        let through = load(FILE, &[("SINPYO_ISSUER__SERVER__LISTEN__DEEPER", "1")]).unwrap_err();
        assert!(through.to_string().contains("listen is no section"));
        let missing = web_kit::load_config::<Settings>(std::path::Path::new("/nonexistent/x"), "P");
        assert_eq!(missing.unwrap_err().code(), "config_unreadable");
    }
}
