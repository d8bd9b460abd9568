//! The test suite every backend of [`IssuerStore`] passes.
//!
//! Plain functions that panic when a promise is broken, so that a backend's own tests call them
//! with whatever they need to make a store. Not gated: a backend lives in another crate.
//!
//! [`IssuerStore`]: crate::store::IssuerStore

// A contract test's way of failing is a panic.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

mod anchors;
mod credentials;
mod deferred;
mod erasure;
mod lists;
mod offers;
mod register;
mod samples;
mod survival;

use std::sync::Arc;

use crate::store::IssuerStore;

pub use survival::{Written, fill, find_again};

/// Makes an empty store.
pub type Make<'a> = &'a (dyn Fn() -> Arc<dyn IssuerStore> + Sync);

/// Runs the whole contract; each part gets a store of its own.
pub async fn all(make: Make<'_>) {
    register::secrets_are_kept(make()).await;
    register::kinds_are_replaced_and_paged(make()).await;
    register::persons_are_unique(make()).await;
    register::the_audit_trail_holds_together(make()).await;
    offers::an_offer_is_found_by_code_and_token(make()).await;
    offers::a_lost_race_changes_nothing(make()).await;
    offers::offers_page_in_time_order(make()).await;
    credentials::preparing_is_one_commit(make()).await;
    credentials::no_index_is_given_out_twice(make()).await;
    credentials::a_nonce_is_spent_once(make()).await;
    credentials::nonces_are_forgotten_when_expired(make()).await;
    credentials::signatures_are_recorded_once(make()).await;
    credentials::parallel_preparations_have_one_winner(make()).await;
    deferred::a_deferred_request_is_found_and_replaced(make()).await;
    lists::values_follow_status_changes(make()).await;
    lists::many_changes_are_one_step(make()).await;
    lists::versions_are_consecutive_and_archived(make()).await;
    lists::preparing_does_not_undo_a_publication(make()).await;
    anchors::batches_are_consecutive_and_take_what_waits(make()).await;
    anchors::the_did_anchor_is_remembered(make()).await;
    erasure::notes_have_one_writer(make()).await;
    erasure::what_is_erased_leaves_place_status_and_digest(make()).await;
}
