//! Sessions with the token: lent, given back, and made anew when the token went away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cryptoki::context::{Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;

use super::Pkcs11KeyStore;
use super::module::{Module, is_gone, slot_of};
use crate::store::KeyStoreError;

/// How long a call waits for a session of the pool.
const WAIT_FOR_SESSION: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Pool {
    line: Option<Arc<Line>>,
    idle: Vec<Session>,
    lent: usize,
    pin_refused: bool,
    rests_until: Option<Instant>,
}

/// One login to the token; its sessions end together.
pub(super) struct Line {
    generation: u64,
    pub(super) slot: Slot,
    pub(super) objects: Mutex<BTreeMap<String, ObjectHandle>>,
}

impl Pkcs11KeyStore {
    fn pool(&self) -> MutexGuard<'_, Pool> {
        // Every section below leaves the pool whole, so a poisoned lock is usable.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs work on a session; once more on a new login when the first one turned out dead.
    pub(super) fn with_session<T>(
        &self,
        work: impl Fn(&Session, &Line, &Pkcs11) -> Result<T, Error>,
    ) -> Result<T, KeyStoreError> {
        let mut lost = String::new();
        for _ in 0..2 {
            let (session, line) = self.borrow()?;
            // The pool is not locked while the module works, and the module not while we wait
            // for the pool: a restart of the module waits for its users only.
            let entered = self.module.enter();
            let worked = if entered.generation == line.generation {
                work(&session, &line, &entered.pkcs11)
            } else {
                Err(Error::Pkcs11(RvError::SessionHandleInvalid, Function::GetSessionInfo))
            };
            drop(entered);
            match worked {
                Err(error) if is_gone(&error) => {
                    lost = error.to_string();
                    self.give_up(&line);
                }
                worked => {
                    self.give_back(session, &line);
                    return worked.map_err(|error| KeyStoreError::Device(error.to_string()));
                }
            }
        }
        Err(KeyStoreError::DeviceAbsent(lost))
    }

    /// A session of the pool, or a new one while there may be more.
    fn borrow(&self) -> Result<(Session, Arc<Line>), KeyStoreError> {
        let mut pool = self.pool();
        loop {
            if pool.pin_refused {
                return Err(KeyStoreError::PinRefused);
            }
            if let (Some(line), true) = (pool.line.clone(), !pool.idle.is_empty())
                && let Some(session) = pool.idle.pop()
            {
                pool.lent += 1;
                return Ok((session, line));
            }
            if pool.lent < self.options.sessions.max(1) {
                match self.new_session(&mut pool)? {
                    Some(opened) => {
                        pool.lent += 1;
                        return Ok(opened);
                    }
                    None if pool.lent > 0 => {}
                    None => return Err(busy()),
                }
            }
            let (waited, timeout) = self
                .freed
                .wait_timeout(pool, WAIT_FOR_SESSION)
                .unwrap_or_else(PoisonError::into_inner);
            pool = waited;
            if timeout.timed_out() {
                return Err(busy());
            }
        }
    }

    /// Another session of the login there is, or of a new one; none while the token has no more.
    fn new_session(&self, pool: &mut Pool) -> Result<Option<(Session, Arc<Line>)>, KeyStoreError> {
        if let Some(line) = pool.line.clone() {
            let entered = self.module.enter();
            if entered.generation == line.generation {
                match entered.pkcs11.open_ro_session_no_drop(line.slot) {
                    Ok(session) => return Ok(Some((session, line))),
                    Err(Error::Pkcs11(RvError::SessionCount, _)) => return Ok(None),
                    Err(_) => {}
                }
            }
            drop(entered);
            pool.line = None;
            pool.idle.clear();
        }
        self.log_in(pool).map(Some)
    }

    /// Finds the token, restarting the module where that is what it takes, and logs in.
    fn log_in(&self, pool: &mut Pool) -> Result<(Session, Arc<Line>), KeyStoreError> {
        let absent = |reason: &str| KeyStoreError::DeviceAbsent(reason.to_owned());
        if pool.rests_until.is_some_and(|until| Instant::now() < until) {
            return Err(absent("it was looked for a moment ago"));
        }
        let seen = self.module.enter().generation;
        let opened = match self.open_session() {
            Err(lost) if lost.as_ref().is_none_or(is_gone) => {
                self.module.restart(seen).map_err(Some).and_then(|()| self.open_session())
            }
            opened => opened,
        };
        let (session, line) = opened.map_err(|lost| {
            pool.rests_until = Some(Instant::now() + self.options.rest);
            absent(&lost.map_or_else(|| "no slot has the token".to_owned(), |e| e.to_string()))
        })?;
        pool.rests_until = None;
        let _entered = self.module.enter();
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Error::Pkcs11(
                RvError::PinIncorrect
                | RvError::PinInvalid
                | RvError::PinLenRange
                | RvError::PinExpired
                | RvError::PinLocked,
                _,
            )) => {
                pool.pin_refused = true;
                let _ = session.close();
                return Err(KeyStoreError::PinRefused);
            }
            Err(error) => {
                let _ = session.close();
                return Err(absent(&error.to_string()));
            }
        }
        let line = Arc::new(line);
        pool.line = Some(Arc::clone(&line));
        pool.idle.clear();
        Ok((session, line))
    }

    /// A first session with the token; no error means that no slot has it.
    fn open_session(&self) -> Result<(Session, Line), Option<Error>> {
        let entered = self.module.enter();
        let generation = entered.generation;
        let slot = slot_of(&entered.pkcs11, &self.options.token)?.ok_or(None)?;
        // Sessions are closed by hand: a dead one's number may be a living one's after a restart.
        let session = entered.pkcs11.open_ro_session_no_drop(slot)?;
        Ok((session, Line { generation, slot, objects: Mutex::default() }))
    }

    fn give_back(&self, session: Session, line: &Arc<Line>) {
        let mut pool = self.pool();
        pool.lent -= 1;
        if pool.line.as_ref().is_some_and(|current| Arc::ptr_eq(current, line)) {
            pool.idle.push(session);
        } else {
            close(&self.module, session, line);
        }
        self.freed.notify_one();
    }

    /// The login of this session is dead; all sessions of it are forgotten.
    fn give_up(&self, line: &Arc<Line>) {
        let mut pool = self.pool();
        pool.lent -= 1;
        if pool.line.as_ref().is_some_and(|current| Arc::ptr_eq(current, line)) {
            pool.line = None;
            pool.idle.clear();
        }
        self.freed.notify_all();
    }
}

fn busy() -> KeyStoreError {
    KeyStoreError::Device("all sessions of the token are busy".to_owned())
}

fn close(module: &Module, session: Session, line: &Line) {
    let entered = module.enter();
    if entered.generation == line.generation {
        // The token may be gone, and the session with it.
        let _ = session.close();
    }
}

impl Drop for Pkcs11KeyStore {
    fn drop(&mut self) {
        let mut pool = self.pool();
        if let Some(line) = pool.line.take() {
            for session in pool.idle.drain(..) {
                close(&self.module, session, &line);
            }
        }
    }
}
