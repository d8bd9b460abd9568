//! Keys, accreditations and the directory by way of reader and writer.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use evm_chain::{
    AccreditationStatus, Authority, ChainError, ChainWriteError, DirectoryAction, Governance,
    Grant, KeyChange, KeyStatus, Proposal, ReadChain, Scope, StateChange, best_authority,
    key_id_hash, type_hash,
};
use workbench::{Bench, Ready, settle};

const MINISTRY: &str = "did:web:ministry.sinpyo.example";
const AGENCY: &str = "did:web:agency.sinpyo.example";
const UNIT: &str = "did:web:unit.sinpyo.example";

on_every_chain!(
    a_key_goes_one_way,
    only_the_controller_speaks_about_keys,
    many_keys_are_all_told,
    authority_comes_down_from_the_root,
    a_child_never_widens_its_parent,
    history_is_added_to_and_never_rewritten,
    two_of_three_govern_after_a_delay,
    no_single_administrator_can_rewrite_history,
    stopping_needs_no_delay_and_stops_writes_only,
);

fn change(status: KeyStatus, since: i64) -> KeyChange {
    KeyChange { status, since }
}

async fn a_key_goes_one_way(bench: Bench) {
    let ready = bench.ready().await;
    let (writer, reader) = (&ready.writer, &ready.reader);
    settle(writer, writer.publish_did(AGENCY, b"{}", 0).await.unwrap()).await;
    assert_eq!(reader.key_states(AGENCY).await.unwrap(), []);
    let now = bench.now().await;
    let id = format!("{AGENCY}#key-1");
    let key = key_id_hash(&id);
    for step in [
        change(KeyStatus::Active, now - 1_000),
        change(KeyStatus::Retired, now - 500),
        change(KeyStatus::Compromised, now - 600),
        change(KeyStatus::Compromised, now - 700),
    ] {
        settle(writer, writer.publish_key_state(AGENCY, &id, step).await.unwrap()).await;
    }
    let states = reader.key_states(AGENCY).await.unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!((states[0].key, states[0].status), (key, KeyStatus::Compromised));
    assert_eq!((states[0].since, states[0].retired_at), (now - 700, Some(now - 500)));
    assert!(states[0].block_time >= now);
    // Never good again, never a later time, never a time to come.
    for refused in [
        change(KeyStatus::Active, now - 100),
        change(KeyStatus::Retired, now - 100),
        change(KeyStatus::Compromised, now - 650),
        change(KeyStatus::Compromised, now + 100_000),
    ] {
        let error = writer.publish_key_state(AGENCY, &id, refused).await.unwrap_err();
        assert_eq!(error.code(), "chain_contract_refused", "{refused:?}");
    }
    let history = reader.key_history(AGENCY, &key).await.unwrap();
    let told: Vec<_> = history.iter().map(|entry| (entry.status, entry.since)).collect();
    assert_eq!(
        told,
        [
            (KeyStatus::Active, now - 1_000),
            (KeyStatus::Retired, now - 500),
            (KeyStatus::Compromised, now - 600),
            (KeyStatus::Compromised, now - 700)
        ]
    );
    assert_eq!(reader.key_history(AGENCY, &[9; 32]).await.unwrap(), []);
}

async fn only_the_controller_speaks_about_keys(bench: Bench) {
    let ready = bench.ready().await;
    let stranger = bench.stranger(&ready.settings).await;
    let now = bench.now().await;
    let step = change(KeyStatus::Compromised, now - 10);
    // Nobody controls a DID that was never anchored.
    let error = ready.writer.publish_key_state(AGENCY, "k", step).await.unwrap_err();
    assert_eq!(error, ChainWriteError::NotController);
    settle(&ready.writer, ready.writer.publish_did(AGENCY, b"{}", 0).await.unwrap()).await;
    let error = stranger.publish_key_state(AGENCY, "k", step).await.unwrap_err();
    assert_eq!(error, ChainWriteError::NotController);
    // A deactivated DID's keys can still be found out.
    settle(&ready.writer, ready.writer.deactivate_did(AGENCY, 1).await.unwrap()).await;
    settle(&ready.writer, ready.writer.publish_key_state(AGENCY, "k", step).await.unwrap()).await;
    assert_eq!(ready.reader.key_states(AGENCY).await.unwrap()[0].status, KeyStatus::Compromised);
}

async fn many_keys_are_all_told(bench: Bench) {
    let ready = bench.ready().await;
    settle(&ready.writer, ready.writer.publish_did(AGENCY, b"{}", 0).await.unwrap()).await;
    let since = bench.now().await - 5;
    let mut last = None;
    for number in 0..130 {
        let id = format!("{AGENCY}#key-{number}");
        let step = change(KeyStatus::Retired, since);
        last = Some(ready.writer.publish_key_state(AGENCY, &id, step).await.unwrap());
    }
    settle(&ready.writer, last.unwrap()).await;
    let states = ready.reader.key_states(AGENCY).await.unwrap();
    assert_eq!(states.len(), 130);
    assert_eq!(states[129].key, key_id_hash(&format!("{AGENCY}#key-129")));
}

fn grant(subject: &str, scope: Scope, now: i64) -> Grant {
    Grant {
        subject: subject.to_owned(),
        index: 0,
        scope,
        from: now - 1_000,
        until: now + 100_000,
        may_issue: true,
        may_accredit: true,
        statement: Vec::new(),
    }
}

fn types(names: &[&str]) -> Scope {
    let mut types: Vec<_> = names.iter().map(|name| type_hash(name)).collect();
    types.sort_unstable();
    Scope::Set(types)
}

async fn decide(ready: &Ready, salt: u8, action: DirectoryAction) {
    let proposal = Proposal { action, salt: [salt; 32] };
    settle(&ready.writer, ready.writer.propose(&proposal).await.unwrap()).await;
    settle(&ready.writer, ready.writer.execute(&proposal).await.unwrap()).await;
}

/// Ministry (root, account 1) over types A and B; the agency (account 2) under it for A and B; the
/// unit (account 3) under the agency for A. Returns the agency's and the unit's writers.
async fn hierarchy(bench: &Bench, ready: &Ready) -> [evm_chain::ChainWriter; 2] {
    let agency = bench.actor(&ready.settings, 2).await;
    let unit = bench.actor(&ready.settings, 3).await;
    settle(&ready.writer, ready.writer.publish_did(MINISTRY, b"{}", 0).await.unwrap()).await;
    settle(&agency, agency.publish_did(AGENCY, b"{}", 0).await.unwrap()).await;
    settle(&unit, unit.publish_did(UNIT, b"{}", 0).await.unwrap()).await;
    let Scope::Set(both) = types(&["A", "B"]) else { unreachable!() };
    settle(&ready.writer, ready.writer.define_type_set(&both).await.unwrap()).await;
    let now = bench.now().await;
    let root = Grant {
        statement: "{\"name\":\"부처(가상)\"}".into(),
        ..grant(MINISTRY, types(&["A", "B"]), now)
    };
    decide(ready, 1, DirectoryAction::SetRoot(root)).await;
    let root = ready.reader.accreditations(MINISTRY).await.unwrap()[0].records[0].id;
    let given = grant(AGENCY, types(&["A", "B"]), now);
    settle(&ready.writer, ready.writer.accredit(&root, &given).await.unwrap()).await;
    let middle = ready.reader.accreditations(AGENCY).await.unwrap()[0].records[0].id;
    let given = Grant { may_accredit: false, ..grant(UNIT, Scope::Type(type_hash("A")), now) };
    settle(&agency, agency.accredit(&middle, &given).await.unwrap()).await;
    [agency, unit]
}

async fn answer(ready: &Ready, subject: &str, name: &str, at: i64) -> Authority {
    let chains = ready.reader.accreditations(subject).await.unwrap();
    best_authority(&chains, &type_hash(name), at).0
}

async fn authority_comes_down_from_the_root(bench: Bench) {
    let ready = bench.ready().await;
    assert!(ready.reader.accreditations(UNIT).await.unwrap().is_empty());
    let [agency, unit] = hierarchy(&bench, &ready).await;
    let now = bench.now().await;
    let chains = ready.reader.accreditations(UNIT).await.unwrap();
    let depths: Vec<_> = chains[0].records.iter().map(|record| record.depth).collect();
    assert_eq!((chains.len(), depths), (1, vec![3, 2, 1]));
    assert_eq!(answer(&ready, UNIT, "A", now).await, Authority::Accredited);
    assert_eq!(answer(&ready, UNIT, "B", now).await, Authority::NotAccredited);
    assert_eq!(answer(&ready, AGENCY, "B", now).await, Authority::Accredited);
    assert_eq!(answer(&ready, UNIT, "A", now - 5_000).await, Authority::OutOfPeriod);
    assert_eq!(answer(&ready, UNIT, "A", now + 500_000).await, Authority::OutOfPeriod);
    let root = chains[0].records[2].clone();
    let text = ready.reader.accreditation_statement(&root).await.unwrap();
    assert_eq!(text, "{\"name\":\"부처(가상)\"}".as_bytes());
    let silent = ready.reader.accreditation_statement(&chains[0].records[0]).await.unwrap_err();
    assert_eq!(silent, ChainError::DocumentNotPublished { version: 1 });
    // The agency suspended: its unit is without authority too, for those days only.
    let middle = chains[0].records[1].id;
    let pause = StateChange {
        id: middle,
        index: 0,
        status: AccreditationStatus::Suspended,
        from: now - 100,
        until: Some(now + 50),
        statement: Vec::new(),
    };
    for outsider in [&agency, &unit] {
        let error = outsider.change_accreditation(&pause).await.unwrap_err();
        assert_eq!(error, ChainWriteError::NotController);
    }
    settle(&ready.writer, ready.writer.change_accreditation(&pause).await.unwrap()).await;
    assert_eq!(answer(&ready, UNIT, "A", now).await, Authority::Suspended);
    assert_eq!(answer(&ready, UNIT, "A", now - 101).await, Authority::Accredited);
    assert_eq!(answer(&ready, UNIT, "A", now + 50).await, Authority::Accredited);
}

async fn a_child_never_widens_its_parent(bench: Bench) {
    let ready = bench.ready().await;
    let [agency, unit] = hierarchy(&bench, &ready).await;
    let now = bench.now().await;
    let chains = ready.reader.accreditations(UNIT).await.unwrap();
    let (own, middle) = (chains[0].records[0].id, chains[0].records[1].id);
    let other = "did:web:other.sinpyo.example";
    let fair = Grant {
        from: now - 500,
        until: now + 50_000,
        ..grant(other, Scope::Type(type_hash("B")), now)
    };
    for wider in [
        Grant { scope: Scope::Type(type_hash("C")), ..fair.clone() },
        Grant { until: now + 200_000, ..fair.clone() },
        Grant { from: now - 200_000, ..fair.clone() },
        Grant { until: fair.from, ..fair.clone() },
        Grant { may_issue: false, may_accredit: false, ..fair.clone() },
        // A set nobody defined.
        Grant { scope: types(&["A", "C"]), ..fair.clone() },
    ] {
        let error = agency.accredit(&middle, &wider).await.unwrap_err();
        assert_eq!(error.code(), "chain_contract_refused", "{wider:?}");
    }
    let Scope::Set(wide) = types(&["A", "C"]) else { unreachable!() };
    settle(&agency, agency.define_type_set(&wide).await.unwrap()).await;
    let wider = Grant { scope: types(&["A", "C"]), ..fair.clone() };
    let error = agency.accredit(&middle, &wider).await.unwrap_err();
    assert!(error.to_string().contains("Widens"), "{error}");
    // The unit may not accredit; nobody accredits under another's record or out of nothing.
    assert!(unit.accredit(&own, &fair).await.unwrap_err().to_string().contains("Widens"));
    assert_eq!(unit.accredit(&middle, &fair).await.unwrap_err(), ChainWriteError::NotController);
    assert!(agency.accredit(&[7; 32], &fair).await.unwrap_err().to_string().contains("Unknown"));
    let again = Grant { index: 1, ..fair.clone() };
    let error = agency.accredit(&middle, &again).await.unwrap_err();
    assert_eq!(error, ChainWriteError::VersionConflict);
    settle(&agency, agency.accredit(&middle, &fair).await.unwrap()).await;
    assert_eq!(answer(&ready, other, "B", now).await, Authority::Accredited);
    // Eight deep and no deeper: every further step is by the same account for itself.
    let mut parent = middle;
    for depth in 3..=9_u64 {
        let next = Grant { subject: AGENCY.to_owned(), index: depth - 2, ..fair.clone() };
        match agency.accredit(&parent, &next).await {
            Ok(sent) => settle(&agency, sent).await,
            Err(error) => {
                assert_eq!(depth, 9);
                assert!(error.to_string().contains("TooDeep"), "{error}");
                return;
            }
        }
        parent = ready.reader.accreditations(AGENCY).await.unwrap().pop().unwrap().records[0].id;
    }
    panic!("nine records deep");
}

async fn history_is_added_to_and_never_rewritten(bench: Bench) {
    let ready = bench.ready().await;
    let [agency, _] = hierarchy(&bench, &ready).await;
    let now = bench.now().await;
    let id = ready.reader.accreditations(UNIT).await.unwrap()[0].records[0].id;
    let step = |index, status, from, until| StateChange {
        id,
        index,
        status,
        from,
        until,
        statement: Vec::new(),
    };
    use AccreditationStatus::{Active, Revoked, Suspended};
    let refused = |change: StateChange| {
        let agency = &agency;
        async move { agency.change_accreditation(&change).await.unwrap_err() }
    };
    assert_eq!(refused(step(0, Active, now + 1_000, None)).await.code(), "chain_contract_refused");
    assert_eq!(refused(step(0, Suspended, now, Some(now))).await.code(), "chain_contract_refused");
    assert_eq!(
        refused(step(0, Suspended, now - 50_000, None)).await.code(),
        "chain_contract_refused"
    );
    settle(
        &agency,
        agency.change_accreditation(&step(0, Suspended, now - 10, None)).await.unwrap(),
    )
    .await;
    assert_eq!(
        refused(step(0, Revoked, now, None)).await,
        ChainWriteError::VersionConflict,
        "the history is longer by now"
    );
    // Days that were suspended stay so: a reinstatement begins later.
    assert_eq!(refused(step(1, Active, now - 10, None)).await.code(), "chain_contract_refused");
    let lifted = step(1, Active, now + 5_000, None);
    settle(&agency, agency.change_accreditation(&lifted).await.unwrap()).await;
    assert_eq!(answer(&ready, UNIT, "A", now).await, Authority::Suspended);
    assert_eq!(answer(&ready, UNIT, "A", now + 5_000).await, Authority::Accredited);
    let gone = step(2, Revoked, now + 6_000, None);
    settle(&agency, agency.change_accreditation(&gone).await.unwrap()).await;
    assert_eq!(answer(&ready, UNIT, "A", now + 6_000).await, Authority::Revoked);
    for change in [
        step(3, Active, now + 7_000, None),
        step(3, Suspended, now + 7_000, None),
        step(3, Revoked, now + 7_000, None),
    ] {
        assert_eq!(refused(change).await.code(), "chain_contract_refused");
    }
    let history = ready.reader.accreditations(UNIT).await.unwrap()[0].records[0].history.clone();
    let told: Vec<_> = history.iter().map(|change| (change.status, change.from)).collect();
    assert_eq!(told, [(Suspended, now - 10), (Active, now + 5_000), (Revoked, now + 6_000)]);
}

async fn two_of_three_govern_after_a_delay(bench: Bench) {
    let ready = bench.ready().await;
    let (a, b) = (bench.actor(&ready.settings, 2).await, bench.actor(&ready.settings, 3).await);
    let c = bench.actor(&ready.settings, 4).await;
    let operators = vec![a.address(), b.address(), c.address()];
    let three = Governance { operators, threshold: 2, delay: 3_600 };
    decide(&ready, 1, DirectoryAction::SetOperators(three.clone())).await;
    let state = ready.reader.directory().await.unwrap();
    assert_eq!((state.operators, state.threshold, state.delay), (three.operators, 2, 3_600));
    assert!(state.sealed && !state.paused);
    assert_eq!(state.contracts, ready.contracts);

    let proposal = Proposal {
        action: DirectoryAction::SetValidators(vec![
            evm_chain::Address::from_bytes([1; 20]),
            evm_chain::Address::from_bytes([2; 20]),
        ]),
        salt: [2; 32],
    };
    // The deployer has no say any more.
    assert_eq!(ready.writer.propose(&proposal).await.unwrap_err(), ChainWriteError::NotController);
    assert!(a.approve(&proposal).await.unwrap_err().to_string().contains("UnknownProposal"));
    settle(&a, a.propose(&proposal).await.unwrap()).await;
    assert!(a.execute(&proposal).await.unwrap_err().to_string().contains("NotApproved"));
    settle(&b, b.approve(&proposal).await.unwrap()).await;
    assert!(b.execute(&proposal).await.unwrap_err().to_string().contains("TooEarly"));
    // An approval taken back starts the delay anew.
    settle(&b, b.withdraw_approval(&proposal).await.unwrap()).await;
    bench.rpc("evm_increaseTime", serde_json::json!([4_000])).await;
    bench.mine().await;
    assert!(a.execute(&proposal).await.unwrap_err().to_string().contains("NotApproved"));
    settle(&c, c.approve(&proposal).await.unwrap()).await;
    assert!(a.execute(&proposal).await.unwrap_err().to_string().contains("TooEarly"));
    bench.rpc("evm_increaseTime", serde_json::json!([5_000])).await;
    bench.mine().await;
    settle(&a, a.execute(&proposal).await.unwrap()).await;
    use sha2::{Digest, Sha256};
    let state = ready.reader.directory().await.unwrap();
    let packed = [[1_u8; 20], [2; 20]].concat();
    assert_eq!(state.validators_digest[..], Sha256::digest(packed)[..]);
    let error = b.execute(&proposal).await.unwrap_err();
    assert!(error.to_string().contains("AlreadyExecuted"), "{error}");
}

async fn stopping_needs_no_delay_and_stops_writes_only(bench: Bench) {
    let ready = bench.ready().await;
    hierarchy(&bench, &ready).await;
    let slow = Governance { operators: vec![ready.signer.address()], threshold: 1, delay: 3_600 };
    decide(&ready, 2, DirectoryAction::SetOperators(slow)).await;
    decide(&ready, 3, DirectoryAction::SetPaused(true)).await;
    assert!(ready.reader.directory().await.unwrap().paused);
    let now = bench.now().await;
    let writer = &ready.writer;
    let step = change(KeyStatus::Retired, now - 5);
    assert_eq!(
        writer.publish_did(MINISTRY, b"{\"v\":2}", 1).await.unwrap_err(),
        ChainWriteError::Paused
    );
    assert_eq!(
        writer.publish_key_state(MINISTRY, "k", step).await.unwrap_err(),
        ChainWriteError::Paused
    );
    let epoch = evm_chain::EpochRecord {
        epoch: 1,
        status_root: [1; 32],
        issuance_root: [2; 32],
        valid_until: now + 100,
        count: 1,
        delta: Vec::new(),
    };
    assert_eq!(writer.anchor_epoch(MINISTRY, &epoch).await.unwrap_err(), ChainWriteError::Paused);
    let root = ready.reader.accreditations(MINISTRY).await.unwrap()[0].records[0].id;
    let given = grant("did:web:new.sinpyo.example", Scope::Type(type_hash("A")), now);
    assert_eq!(writer.accredit(&root, &given).await.unwrap_err(), ChainWriteError::Paused);
    // Reads are as before.
    assert_eq!(ready.reader.did_head(MINISTRY).await.unwrap().unwrap().version, 1);
    assert_eq!(answer(&ready, UNIT, "A", now).await, Authority::Accredited);
    // Resuming waits like everything else.
    let resume = Proposal { action: DirectoryAction::SetPaused(false), salt: [4; 32] };
    settle(writer, writer.propose(&resume).await.unwrap()).await;
    assert!(writer.execute(&resume).await.unwrap_err().to_string().contains("TooEarly"));
    bench.rpc("evm_increaseTime", serde_json::json!([5_000])).await;
    bench.mine().await;
    settle(writer, writer.execute(&resume).await.unwrap()).await;
    settle(writer, writer.publish_did(MINISTRY, b"{\"v\":2}", 1).await.unwrap()).await;
}

/// The deployer and each operator alone try everything that an administrator elsewhere may do.
async fn no_single_administrator_can_rewrite_history(bench: Bench) {
    let plain = bench.settings();
    let deployer = bench.actor(&plain, 9).await;
    let operators: Vec<_> = (4..=6).map(|seed| workbench::signer(seed).address()).collect();
    let governance = Governance { operators: operators.clone(), threshold: 2, delay: 3_600 };
    let contracts = deployer.deploy_governed(&governance).await.unwrap();
    let settings = workbench::with_contracts(plain, contracts);
    let reader = evm_chain::ChainReader::new(settings.clone()).unwrap();
    assert_eq!(reader.directory().await.unwrap().operators, operators);
    let [a, b, c] = [
        bench.actor(&settings, 4).await,
        bench.actor(&settings, 5).await,
        bench.actor(&settings, 6).await,
    ];
    let deployer = bench.actor(&settings, 9).await;
    // History that somebody might like to change: a document, an epoch, a root set by two.
    let ministry = bench.actor(&settings, 2).await;
    settle(&ministry, ministry.publish_did(MINISTRY, b"{}", 0).await.unwrap()).await;
    let now = bench.now().await;
    let root = Proposal {
        action: DirectoryAction::SetRoot(grant(MINISTRY, Scope::Type(type_hash("A")), now)),
        salt: [1; 32],
    };
    settle(&a, a.propose(&root).await.unwrap()).await;
    settle(&b, b.approve(&root).await.unwrap()).await;
    bench.rpc("evm_increaseTime", serde_json::json!([4_000])).await;
    bench.mine().await;
    settle(&c, c.execute(&root).await.unwrap()).await;
    let before = reader.accreditations(MINISTRY).await.unwrap();
    let id = before[0].records[0].id;
    let revoke = StateChange {
        id,
        index: 0,
        status: AccreditationStatus::Revoked,
        from: now,
        until: None,
        statement: Vec::new(),
    };
    let alone =
        Proposal { action: DirectoryAction::ChangeAccreditation(revoke.clone()), salt: [2; 32] };
    let mine = Governance { operators: vec![operators[0]], threshold: 1, delay: 0 };
    let takeover = Proposal { action: DirectoryAction::SetOperators(mine), salt: [3; 32] };
    for one in [&a, &b, &c, &deployer, &ministry] {
        let stated = change(KeyStatus::Compromised, now - 10);
        let epoch = evm_chain::EpochRecord {
            epoch: 1,
            status_root: [1; 32],
            issuance_root: [2; 32],
            valid_until: now + 90_000,
            count: 1,
            delta: Vec::new(),
        };
        if one.address() != ministry.address() {
            let refused = Some(ChainWriteError::NotController);
            assert_eq!(one.publish_did(MINISTRY, b"{\"v\":2}", 1).await.err(), refused);
            assert_eq!(one.publish_key_state(MINISTRY, "k", stated).await.err(), refused);
            assert_eq!(one.anchor_epoch(MINISTRY, &epoch).await.err(), refused);
            assert!(
                one.accredit(&id, &grant(UNIT, Scope::Type(type_hash("A")), now)).await.is_err()
            );
        }
        // A root is the directory's alone, also for those who sit in it.
        let error = one.change_accreditation(&revoke).await.unwrap_err();
        assert!(error.to_string().contains("NotDirectory"), "{error}");
    }
    for proposal in [&alone, &takeover] {
        for stranger in [&deployer, &ministry] {
            assert!(stranger.propose(proposal).await.is_err(), "only operators propose");
        }
        settle(&a, a.propose(proposal).await.unwrap()).await;
        bench.rpc("evm_increaseTime", serde_json::json!([100_000])).await;
        bench.mine().await;
        let error = a.execute(proposal).await.unwrap_err();
        assert!(error.to_string().contains("NotApproved"), "{error}");
        assert!(deployer.approve(proposal).await.is_err(), "the deployer has no vote");
    }
    assert_eq!(reader.accreditations(MINISTRY).await.unwrap(), before);
    assert_eq!(reader.directory().await.unwrap().operators, operators);
}
