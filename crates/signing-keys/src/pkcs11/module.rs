//! A vendor's PKCS#11 module, loaded once a process however many stores use it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::Slot;

use crate::store::KeyStoreError;

/// A loaded module. Whoever calls into it holds [`Module::enter`]; a restart waits for all of them.
pub(super) struct Module {
    path: PathBuf,
    state: RwLock<Loaded>,
}

pub(super) struct Loaded {
    pub(super) pkcs11: Pkcs11,
    /// Raised by every restart. Handles of an earlier generation mean nothing, or something else.
    pub(super) generation: u64,
}

/// C_Initialize and C_Finalize are the process's, not a store's.
static MODULES: Mutex<Vec<Arc<Module>>> = Mutex::new(Vec::new());

impl Module {
    pub(super) fn load(path: &Path) -> Result<Arc<Self>, KeyStoreError> {
        let unusable = |reason: String| {
            KeyStoreError::Device(format!("the PKCS#11 module cannot be used: {reason}"))
        };
        let path = path.canonicalize().map_err(|error| unusable(error.to_string()))?;
        let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = modules.iter().find(|module| module.path == path) {
            return Ok(Arc::clone(known));
        }
        let pkcs11 = Pkcs11::new(&path).map_err(|error| unusable(error.to_string()))?;
        initialize(&pkcs11).map_err(|error| unusable(error.to_string()))?;
        let state = RwLock::new(Loaded { pkcs11, generation: 0 });
        let module = Arc::new(Self { path, state });
        modules.push(Arc::clone(&module));
        Ok(module)
    }

    pub(super) fn enter(&self) -> RwLockReadGuard<'_, Loaded> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends and begins the module anew, unless somebody did since generation `seen`: some modules
    /// see a token that came back only then.
    pub(super) fn restart(&self, seen: u64) -> Result<(), Error> {
        let mut loaded = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.generation != seen {
            return Ok(());
        }
        loaded.generation += 1;
        match loaded.pkcs11.clone().finalize() {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => {}
            Err(error) => return Err(error),
        }
        initialize(&loaded.pkcs11)
    }
}

fn initialize(pkcs11: &Pkcs11) -> Result<(), Error> {
    match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // By another library of this process.
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        other => other,
    }
}

/// The slot whose token has this label, if it is there.
pub(super) fn slot_of(pkcs11: &Pkcs11, label: &str) -> Result<Option<Slot>, Error> {
    for slot in pkcs11.get_slots_with_token()? {
        match pkcs11.get_token_info(slot) {
            Ok(token) if token.label() == label => return Ok(Some(slot)),
            // Another slot's trouble is not ours.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(None)
}

/// Whether the session, the token or the device behind a call is gone, so that a new session
/// may help.
pub(super) fn is_gone(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::SlotIdInvalid
                | RvError::UserNotLoggedIn
                | RvError::CryptokiNotInitialized
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::GeneralError
                | RvError::FunctionFailed,
            _
        )
    )
}
