use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::wallet::Holder;
use crate::kit::{
    EMBEDDED, FILE_KEYS, Service, ask, command, configured, done, eventually, free_port, run,
    secret,
};

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn own_user(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().uid()
}

fn signer(config: &Path) -> Ended {
    let mut serve = command(config);
    let mut child = serve.args(["signer", "serve"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("ready "), "{line:?}");
    Ended(child)
}

#[test]
fn keys_behind_a_signer_that_goes_and_comes() {
    let folder = tempfile::tempdir().unwrap();
    let user = own_user(folder.path());
    let vault = folder.path().join("vault");
    std::fs::create_dir(&vault).unwrap();
    secret(&vault.join("passphrase"), "only-for-this-test\n");
    let signer_config = vault.join("signer.toml");
    let text = format!("[keys]\n{FILE_KEYS}[signer]\nsocket = \"signer.sock\"\nusers = [{user}]\n");
    std::fs::write(&signer_config, text).unwrap();
    let made = done(&signer_config, &["signer", "init"]);
    assert_eq!(made["keys"].as_array().unwrap().len(), 3);

    let socket = vault.join("signer.sock");
    let keys = format!(
        "path = \"keys/issuer.keys\"\nbackend = \"signer\"\n[keys.signer]\nsocket = \"{}\"\n\
         user = {user}\n",
        socket.display()
    );
    let port = free_port();
    let more = format!("[operations]\nlisten = \"127.0.0.1:{port}\"\n");
    let config = configured(&folder.path().join("issuer"), EMBEDDED, &keys, &more);
    let (code, _, stderr) = run(&config, &["init"]);
    assert_eq!(code, 2, "nobody serves yet");
    assert!(stderr.contains("signer"), "{stderr}");

    let running = signer(&signer_config);
    done(&config, &["init"]);
    assert!(!config.with_file_name("keys").join("issuer.keys").exists(), "no key on this side");
    let service = Service::start(&config);
    let (holder, token) = (Holder::usual(), service.token());
    service.insist(&token, &holder);

    drop(running);
    let ready = || ask(&format!("127.0.0.1:{port}"), "GET", "/ready", None, "", "");
    eventually("not ready without keys", || ready().0 == 503);
    let told: Value = serde_json::from_str(&ready().2).unwrap();
    assert_eq!(told["store"], "ok");
    assert_ne!(told["keys"], "ok");
    let (second, token) = (Holder::usual(), service.token());
    let (status, refused) = service.request(&token, &second);
    assert_eq!((status, refused["error"].as_str()), (503, Some("temporarily_unavailable")));
    let listed = service.credentials();
    let prepared = listed.iter().find(|record| record["stage"] == "prepared");
    let prepared = prepared.unwrap_or_else(|| panic!("{listed:?}")).clone();

    let _running = signer(&signer_config);
    eventually("ready again", || ready().0 == 200);
    service.insist(&token, &second);
    let after = service.credentials();
    assert_eq!(after.len(), 2);
    let signed = after.iter().find(|record| record["id"] == prepared["id"]).unwrap();
    assert_eq!(signed["stage"], "issued");
    assert_eq!(signed["status_index"], prepared["status_index"], "the place it had");
    // What is not listed is not signed with: another user cannot be tried here, a label can.
    let text = std::fs::read_to_string(&signer_config).unwrap() + "labels = [\"chain\"]\n";
    std::fs::write(&signer_config, text).unwrap();
    drop(_running);
    let _limited = signer(&signer_config);
    eventually("refused by the list", || ready().0 == 503);
}

fn module() -> PathBuf {
    // Where Debian (two places) and Fedora put it.
    ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib64/pkcs11"]
        .iter()
        .map(|place| Path::new(place).join("libsofthsm2.so"))
        .find(|path| path.is_file())
        .expect("SoftHSM is missing (Debian: apt-get install softhsm2)")
}

/// A SoftHSM token with an issuer configured for it.
pub(crate) struct Token {
    tokens: PathBuf,
    pulled: PathBuf,
    softhsm: PathBuf,
    config: PathBuf,
}

impl Token {
    pub(crate) fn new(folder: &Path) -> Self {
        let (tokens, softhsm) = (folder.join("tokens"), folder.join("softhsm2.conf"));
        std::fs::create_dir(&tokens).unwrap();
        std::fs::write(&softhsm, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", "sinpyo", "--so-pin", "8080-officer"])
            .args(["--pin", "4711-user"])
            .env("SOFTHSM2_CONF", &softhsm)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let directory = folder.join("issuer");
        std::fs::create_dir(&directory).unwrap();
        secret(&directory.join("pin"), "4711-user\n");
        let keys = format!(
            "{FILE_KEYS}backend = \"pkcs11\"\n[keys.pkcs11]\nmodule = \"{}\"\ntoken = \
             \"sinpyo\"\npin_file = \"pin\"\n",
            module().display()
        );
        let config = configured(&directory, EMBEDDED, &keys, "[jobs]\nlease_seconds = 5\n");
        let token = Self { tokens, pulled: folder.join("pulled"), softhsm, config };
        let made = token.command().arg("init").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        token
    }

    fn command(&self) -> Command {
        let mut command = command(&self.config);
        command.env("SOFTHSM2_CONF", &self.softhsm);
        command
    }

    pub(crate) fn serve(&self) -> Service {
        Service::start_with(&self.config, &mut self.command())
    }

    /// Out of the slot, under a running service.
    pub(crate) fn pull(&self) {
        std::fs::rename(&self.tokens, &self.pulled).unwrap();
        std::fs::create_dir(&self.tokens).unwrap();
    }

    pub(crate) fn put_back(&self) {
        std::fs::remove_dir_all(&self.tokens).unwrap();
        std::fs::rename(&self.pulled, &self.tokens).unwrap();
    }
}

#[test]
fn keys_in_a_token_that_is_pulled_and_returned() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let softhsm = folder.path().join("softhsm2.conf");
    std::fs::write(&softhsm, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", "sinpyo", "--so-pin", "8080-officer"])
        .args(["--pin", "4711-user"])
        .env("SOFTHSM2_CONF", &softhsm)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let directory = folder.path().join("issuer");
    std::fs::create_dir(&directory).unwrap();
    secret(&directory.join("pin"), "4711-user\n");
    let keys = format!(
        "{FILE_KEYS}backend = \"pkcs11\"\n[keys.pkcs11]\nmodule = \"{}\"\ntoken = \"sinpyo\"\n\
         pin_file = \"pin\"\n",
        module().display()
    );
    let port = free_port();
    let more = format!("[operations]\nlisten = \"127.0.0.1:{port}\"\n");
    let config = configured(&directory, EMBEDDED, &keys, &more);
    let with_token = || {
        let mut command = command(&config);
        command.env("SOFTHSM2_CONF", &softhsm);
        command
    };
    let made = with_token().arg("init").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let doctor = with_token().arg("doctor").output().unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));

    let service = Service::start_with(&config, &mut with_token());
    let (holder, token) = (Holder::usual(), service.token());
    service.insist(&token, &holder);
    let ready = || ask(&format!("127.0.0.1:{port}"), "GET", "/ready", None, "", "").0;
    assert_eq!(ready(), 200);

    // A service that starts while the token is away says so; with it back, the next start works.
    drop(service);
    let pulled = folder.path().join("pulled");
    std::fs::rename(&tokens, &pulled).unwrap();
    std::fs::create_dir(&tokens).unwrap();
    let refused = with_token().arg("serve").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("the key device is not there"), "{told}");
    std::fs::remove_dir(&tokens).unwrap();
    std::fs::rename(&pulled, &tokens).unwrap();
    let service = Service::start_with(&config, &mut with_token());
    let second = Holder::usual();
    let token = service.token();
    service.insist(&token, &second);
    assert_eq!(service.credentials().len(), 2);
    drop(service);

    // A wrong PIN is told and not tried twice: the token would lock.
    secret(&directory.join("pin"), "wrong-pin\n");
    let refused = with_token().arg("serve").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("refused the PIN") && !told.contains("wrong-pin"), "{told}");
}
