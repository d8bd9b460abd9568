//! How many requests may stand open at once: whoever makes them without end fills no disk.
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use credential_model::moment::Moment;
use credential_verification::session::SESSION_SECONDS;

/// Counts the requests of the last five minutes, answered or not; a restart forgets them.
pub struct OpenRequests {
    most: usize,
    made: Mutex<VecDeque<Moment>>,
}

impl OpenRequests {
    /// At most so many.
    pub fn new(most: usize) -> Self {
        OpenRequests { most, made: Mutex::default() }
    }

    /// Takes a place; false when none is free.
    pub fn take(&self, now: Moment) -> bool {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        while made.front().is_some_and(|then| then.plus_seconds(SESSION_SECONDS) < now) {
            made.pop_front();
        }
        let free = made.len() < self.most;
        if free {
            made.push_back(now);
        }
        free
    }
}
