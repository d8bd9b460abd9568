use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::address::{is_loopback, is_public};

/// Answers the n-th question with the n-th list.
fn scripted(answers: &[&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let answers: Vec<Vec<IpAddr>> = answers
        .iter()
        .map(|list| list.iter().map(|text| text.parse().unwrap()).collect())
        .collect();
    let counter = Arc::clone(&asked);
    let answers = Mutex::new(answers.into_iter());
    let lookup: Lookup = Arc::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        let answer = answers.lock().unwrap().next();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    });
    (lookup, asked)
}

async fn resolve(resolver: &GuardedResolver) -> Result<Vec<IpAddr>, ResolveFailure> {
    match resolver.resolve("name.example".parse().unwrap()).await {
        Ok(addresses) => Ok(addresses.map(|socket| socket.ip()).collect()),
        Err(error) => Err(ResolveFailure::find(error.as_ref()).unwrap().clone()),
    }
}

#[tokio::test]
async fn what_was_judged_is_what_is_connected_to() {
    // The rebinding server: a public address first, this machine afterwards.
    let (lookup, asked) = scripted(&[&["93.184.215.14"], &["127.0.0.1"]]);
    let resolver = GuardedResolver::new(lookup, is_public);
    let first = resolve(&resolver).await.unwrap();
    assert_eq!(first, ["93.184.215.14".parse::<IpAddr>().unwrap()]);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one question for one connection");
    let second = resolve(&resolver).await.unwrap_err();
    assert_eq!(second, ResolveFailure::Refused("name.example".into()));
}

#[tokio::test]
async fn one_bad_address_spoils_the_name() {
    let (lookup, _) = scripted(&[&["93.184.215.14", "10.0.0.1"], &["2606:4700::1", "::1"]]);
    let resolver = GuardedResolver::new(lookup, is_public);
    for _ in 0..2 {
        assert!(matches!(resolve(&resolver).await, Err(ResolveFailure::Refused(_))));
    }
}

#[tokio::test]
async fn no_name_and_no_address_are_not_found() {
    let (lookup, _) = scripted(&[&[]]);
    let resolver = GuardedResolver::new(lookup, is_public);
    for _ in 0..2 {
        assert!(matches!(resolve(&resolver).await, Err(ResolveFailure::NotFound(_))));
    }
}

#[tokio::test]
async fn the_development_door_opens_to_loopback_only() {
    let (lookup, _) = scripted(&[&["127.0.0.1", "::1"], &["93.184.215.14"], &["10.0.0.1"]]);
    let resolver = GuardedResolver::new(lookup, is_loopback);
    assert_eq!(resolve(&resolver).await.unwrap().len(), 2);
    assert!(matches!(resolve(&resolver).await, Err(ResolveFailure::Refused(_))));
    assert!(matches!(resolve(&resolver).await, Err(ResolveFailure::Refused(_))));
}
