//! A real browser for tests: headless Chromium through its own driver.
//!
//! `cargo xtask test` installs both from Debian and names them by `SINPYO_CHROMIUM` and
//! `SINPYO_CHROMEDRIVER`; without these the ones on the PATH are taken. All calls block: a test
//! that runs a service beside the browser needs a runtime of several threads.

mod axe;
pub mod camera;
mod picture;
mod wire;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::process::{Process, free_port};
use wire::{ELEMENT, Session};

pub use axe::Violation;

/// How long a test waits for what must come; a busy machine is slow, not wrong.
const PATIENCE: Duration = Duration::from_secs(45);
const STEP: Duration = Duration::from_millis(40);
/// Longest picture, CSS pixels.
const HIGHEST: f64 = 1_800.0;
/// More stops than a page may have.
const MOST_TABS: usize = 120;

/// How a browser is set up.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The language it asks for: `ko` or `en`.
    pub language: &'static str,
    /// A Y4M film that plays as its camera, again and again; see [`camera::film`].
    pub camera: Option<PathBuf>,
    /// Prefers dark pages.
    pub dark: bool,
    /// Width and height of the window in CSS pixels.
    pub size: (u32, u32),
}

impl Default for Setting {
    fn default() -> Self {
        Self { language: "ko", camera: None, dark: false, size: (1100, 1400) }
    }
}

/// A browser with a profile of its own; closed when dropped.
pub struct Browser {
    session: Session,
    folder: PathBuf,
    // Last: the session is closed before its driver ends.
    _driver: Process,
}

impl Browser {
    /// Starts driver and browser with an empty profile below `folder`, which must exist.
    pub fn start(folder: &Path, setting: &Setting) -> Result<Self> {
        let chromium = program("SINPYO_CHROMIUM", "chromium")?;
        let driver = program("SINPYO_CHROMEDRIVER", "chromedriver")?;
        let port = free_port(0)?;
        let profile = folder.join(format!("profile-{port}"));
        let downloads = folder.join("downloads");
        std::fs::create_dir_all(&downloads)?;
        let mut command = Command::new(driver);
        command.arg(format!("--port={port}"));
        let name = format!("chromedriver-{port}");
        let driver = Process::start(&name, command, folder, "started successfully")?;
        let (width, height) = setting.size;
        let mut arguments = vec![
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--user-data-dir={}", profile.display()),
            format!("--window-size={width},{height}"),
            format!("--lang={}", setting.language),
        ];
        if let Some(film) = &setting.camera {
            arguments.push("--use-fake-ui-for-media-stream".to_owned());
            arguments.push("--use-fake-device-for-media-stream".to_owned());
            arguments.push(format!("--use-file-for-fake-video-capture={}", film.display()));
        }
        let session = Session::open(
            port,
            json!({
                "browserName": "chrome",
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {
                    "binary": chromium,
                    "args": arguments,
                    "prefs": {
                        "intl.accept_languages": setting.language,
                        "download.default_directory": downloads,
                        "download.prompt_for_download": false,
                    },
                },
            }),
        )
        .with_context(|| {
            format!("no browser session; the driver says:\n{}", driver.last_words())
        })?;
        let browser = Self { session, folder: folder.to_owned(), _driver: driver };
        if setting.dark {
            browser.prefer_dark(true)?;
        }
        Ok(browser)
    }

    /// Loads a page and waits until it is there.
    pub fn open(&self, url: &str) -> Result<()> {
        self.session.post("url", &json!({"url": url})).map(drop)
    }

    pub fn reload(&self) -> Result<()> {
        self.session.post("refresh", &json!({})).map(drop)
    }

    /// The address shown.
    pub fn address(&self) -> Result<String> {
        Ok(self.session.get("url")?.as_str().unwrap_or_default().to_owned())
    }

    pub fn title(&self) -> Result<String> {
        Ok(self.session.get("title")?.as_str().unwrap_or_default().to_owned())
    }

    /// The text a person sees on the page.
    pub fn text(&self) -> Result<String> {
        self.text_of("body")
    }

    /// The text a person sees in the first element of a CSS selector.
    pub fn text_of(&self, selector: &str) -> Result<String> {
        let script =
            "const e = document.querySelector(arguments[0]); return e ? e.innerText : null";
        let text = self.run(script, &[json!(selector)])?;
        Ok(text.as_str().with_context(|| format!("nothing is {selector}"))?.to_owned())
    }

    /// The texts of all elements of a CSS selector.
    pub fn texts_of(&self, selector: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)";
        let found = self.run(script, &[json!(selector)])?;
        let texts = found.as_array().into_iter().flatten();
        Ok(texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
    }

    /// An attribute of the first element of a selector.
    pub fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>> {
        let script =
            "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
        let value = self.run(script, &[json!(selector), json!(name)])?;
        Ok(value.as_str().map(str::to_owned))
    }

    /// Clicks the first element of a CSS selector, as a person would: it must be visible.
    pub fn click(&self, selector: &str) -> Result<()> {
        let element = self.find(selector)?;
        self.session.post(&format!("element/{element}/click"), &json!({})).map(drop)
    }

    /// Types into the first element of a CSS selector.
    pub fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.find(selector)?;
        self.session.post(&format!("element/{element}/value"), &json!({"text": text})).map(drop)
    }

    /// Presses a key or writes text wherever the focus is; `\u{e004}` is Tab, `\u{e007}` Enter.
    pub fn press(&self, keys: &str) -> Result<()> {
        let mut actions = Vec::new();
        for key in keys.chars() {
            actions.push(json!({"type": "keyDown", "value": key.to_string()}));
            actions.push(json!({"type": "keyUp", "value": key.to_string()}));
        }
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.session.post("actions", &body).map(drop)
    }

    /// Chooses files in an `<input type=file>`.
    pub fn upload(&self, selector: &str, files: &[PathBuf]) -> Result<()> {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        self.type_into(selector, &names.join("\n"))
    }

    /// Waits until a selector matches something visible.
    pub fn wait_for(&self, selector: &str) -> Result<()> {
        let script = "const e = document.querySelector(arguments[0]); \
             return !!e && e.getClientRects().length > 0";
        self.wait_until(&format!("{selector} to appear"), || {
            Ok(self.run(script, &[json!(selector)])? == json!(true))
        })
    }

    /// Waits until the page shows a text.
    pub fn wait_for_text(&self, text: &str) -> Result<()> {
        self.wait_until(&format!("the text {text:?}"), || Ok(self.text()?.contains(text)))
    }

    /// Waits until `holds`; the page's text and console are in the error otherwise.
    pub fn wait_until(&self, what: &str, holds: impl Fn() -> Result<bool>) -> Result<()> {
        let start = Instant::now();
        // While a page is being exchanged an element or script may be gone: that is no answer.
        while !holds().unwrap_or(false) {
            if start.elapsed() > PATIENCE {
                let text = self.text().unwrap_or_default();
                bail!(
                    "waited in vain for {what} at {}; the page:\n{text}\nconsole: {:?}",
                    self.address().unwrap_or_default(),
                    self.console().unwrap_or_default(),
                );
            }
            std::thread::sleep(STEP);
        }
        Ok(())
    }

    /// Runs a script's body (`return …`) in the page. Not bound by the page's own policy.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.session.post("execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Runs a script that calls its last argument with the answer.
    pub fn run_async(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.session.post("execute/async", &json!({"script": script, "args": arguments}))
    }

    /// The browser's console since the last call: errors, refused resources, policy breaches.
    pub fn console(&self) -> Result<Vec<String>> {
        let lines = self.session.post("se/log", &json!({"type": "browser"}))?;
        let lines = lines.as_array().into_iter().flatten();
        Ok(lines.map(|l| l["message"].as_str().unwrap_or_default().to_owned()).collect())
    }

    /// Takes a picture of the page, its first 1,800 pixels where it is longer, in at most 256
    /// colours.
    pub fn screenshot(&self, path: &Path) -> Result<()> {
        let metrics = self.session.devtools("Page.getLayoutMetrics", json!({}))?;
        let width = &metrics["cssContentSize"]["width"];
        // No further than there is something, and no further than anybody looks.
        let height = self.run("return document.documentElement.offsetHeight", &[])?;
        let height = height.as_f64().unwrap_or_default().clamp(1.0, HIGHEST);
        let picture = self.session.devtools(
            "Page.captureScreenshot",
            json!({
                "format": "png",
                "captureBeyondViewport": true,
                "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
            }),
        )?;
        picture::save(path, &decoded(picture["data"].as_str())?)
    }

    /// Prints the page to PDF as the browser's own "save as PDF" does.
    pub fn print(&self, path: &Path) -> Result<()> {
        let pdf = self.session.post("print", &json!({"background": true}))?;
        std::fs::write(path, decoded(pdf.as_str())?)
            .with_context(|| format!("writing {}", path.display()))
    }

    /// Goes on by Tab until an element of this selector has the focus, and gives its text: what a
    /// person does who has no mouse. Fails where the way leads past it or nothing is seen there.
    pub fn tab_to(&self, selector: &str) -> Result<String> {
        let look = "const e = document.activeElement; \
             if (!e || !e.matches(arguments[0])) return null; \
             const style = getComputedStyle(e); \
             return {text: e.innerText ?? '', ring: style.outlineStyle !== 'none'}";
        for _ in 0..MOST_TABS {
            self.press("\u{e004}")?;
            let found = self.run(look, &[json!(selector)])?;
            if found.is_null() {
                continue;
            }
            if found["ring"] != true {
                bail!("nobody sees that {selector} has the focus");
            }
            return Ok(found["text"].as_str().unwrap_or_default().to_owned());
        }
        bail!("{selector} cannot be reached by Tab at {}", self.address().unwrap_or_default())
    }

    /// Cuts or restores the page's network. A service worker's own fetches are not cut by this:
    /// stop the server where they matter.
    pub fn offline(&self, cut: bool) -> Result<()> {
        self.session.devtools("Network.enable", json!({}))?;
        let conditions = json!({
            "offline": cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.session.devtools("Network.emulateNetworkConditions", conditions).map(drop)
    }

    /// Makes the pages see a reader who prefers dark or light.
    pub fn prefer_dark(&self, dark: bool) -> Result<()> {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": value}]);
        self.session.devtools("Emulation.setEmulatedMedia", json!({"features": features})).map(drop)
    }

    /// Any command of the DevTools protocol, for what has no word here.
    pub fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.session.devtools(command, parameters)
    }

    /// Waits for a finished download of this name and gives its path.
    pub fn downloaded(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join("downloads").join(name);
        self.wait_until(&format!("the download {name}"), || Ok(path.is_file()))?;
        Ok(path)
    }

    /// Violations of accessibility rules that axe calls serious or critical.
    pub fn serious_violations(&self) -> Result<Vec<Violation>> {
        axe::serious(self, &[])
    }

    /// The same of the one rule that other colours can break.
    pub fn contrast_violations(&self) -> Result<Vec<Violation>> {
        axe::serious(self, &["color-contrast"])
    }

    /// Addresses of all that the page loaded beside itself.
    pub fn loaded(&self) -> Result<Vec<String>> {
        let script = "return performance.getEntriesByType('resource').map(one => one.name)";
        let found = self.run(script, &[])?;
        let found = found.as_array().into_iter().flatten();
        Ok(found.map(|name| name.as_str().unwrap_or_default().to_owned()).collect())
    }

    fn find(&self, selector: &str) -> Result<String> {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.session.post("element", &wanted)?;
        let id = found[ELEMENT].as_str().with_context(|| format!("no element: {found}"))?;
        Ok(id.to_owned())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser too; the driver is killed after it.
        let _ = self.session.close();
    }
}

fn decoded(base64: Option<&str>) -> Result<Vec<u8>> {
    let data = base64.context("the browser gave no data")?;
    Ok(base64::engine::general_purpose::STANDARD.decode(data)?)
}

/// A program named by the environment, else the one on the PATH.
fn program(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|folder| folder.join(name));
    found.into_iter().find(|path| path.is_file()).with_context(|| {
        format!(
            "{variable} names no {name} and none is on the PATH: install it (Debian: apt-get install \
             chromium chromium-driver fonts-noto-cjk) or run the tests by `cargo xtask test`"
        )
    })
}
