//! Fetching evidence: from the issuer's own address only, for this credential only, and never a
//! step back.

use std::sync::Arc;

use chain_anchors::{IssuanceInclusion, Staple};
use credential_model::credential::UnverifiedCredential;
use credential_wallet::Wallet;
use credential_wallet::evidence::EvidenceFetched;
use credential_wallet::ledger::Draft;
use credential_wallet::records::HeldCredential;
use credential_wallet::store::Shelf;
use serde_json::{Value, json};

use crate::support::block;
use crate::support::issuer::{Issuer, LDP, URL};
use crate::support::net::{Net, json as json_answer};
use crate::support::wallet::Pocket;

struct Scene {
    net: Arc<Net>,
    pocket: Pocket,
    id: String,
    digest: [u8; 32],
}

/// A held badge with a status list at this address.
fn scene(list: &str) -> Scene {
    let net = Arc::new(Net::default());
    let issuer = Issuer::open(&net);
    let pocket = Pocket::new();
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[LDP], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert!(block(wallet.drive(&session, None)).unwrap().is_complete());
    let mut held = wallet.credentials().unwrap().swap_remove(0);
    held.copies[0].wire["credentialStatus"] = json!({
        "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "7", "statusListCredential": list,
    });
    let digest = UnverifiedCredential::from_value(&held.copies[0].wire).unwrap().digest();
    drop(wallet);
    let draft = Draft::put(Shelf::Credentials, &held.id, &held).unwrap();
    pocket.ledger().commit(vec![draft]).unwrap();
    Scene { net, pocket, id: held.id, digest }
}

impl Scene {
    fn wallet(&self) -> Wallet {
        self.pocket.wallet(&self.net)
    }

    /// What the issuer answers at the place of the evidence.
    fn serve(&self, status: u16, body: &Value) {
        let hex: String = self.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = body.clone();
        let place = format!("{URL}/status/g1/7/evidence/{hex}");
        self.net.route(&place, move |request| json_answer(request, status, &body));
    }

    fn fetch(&self) -> EvidenceFetched {
        block(self.wallet().fetch_evidence(&self.id)).unwrap()
    }

    fn held(&self) -> HeldCredential {
        self.wallet().credential(&self.id).unwrap()
    }

    fn staple(&self, issuance: bool) -> Staple {
        let mut staple = Staple::of(&self.digest);
        let proof = json!({"index": 0, "size": 1, "path": []});
        let inclusion = json!({"epoch": 1, "salt": "00".repeat(32), "proof": proof});
        if issuance {
            staple.issuance = serde_json::from_value::<IssuanceInclusion>(inclusion).ok();
            assert!(staple.issuance.is_some());
        }
        staple
    }
}

fn value(staple: &Staple) -> Value {
    serde_json::to_value(staple).unwrap()
}

#[test]
fn evidence_comes_later_is_kept_beside_the_credential_and_survives() {
    let scene = scene(&format!("{URL}/status/g1"));
    scene.serve(404, &json!({}));
    let none = scene.fetch();
    assert_eq!((none.renewed, none.failed[0].code()), (0, "evidence_not_there"));
    let signed = scene.held().copies[0].wire.clone();
    let staple = scene.staple(true);
    scene.serve(200, &value(&staple));
    assert_eq!(scene.fetch().renewed, 1);
    let copy = scene.held().copies.swap_remove(0);
    assert_eq!(copy.evidence.unwrap().staple, staple);
    assert_eq!(copy.wire, signed, "the signed bytes are untouched");
    // What proves less does not replace it.
    scene.serve(200, &value(&scene.staple(false)));
    let poorer = scene.fetch();
    assert_eq!((poorer.renewed, poorer.kept), (0, 1));
    assert_eq!(scene.held().copies[0].evidence.as_ref().unwrap().staple, staple);
}

#[test]
fn what_is_not_this_credentials_staple_is_not_kept() {
    let scene = scene(&format!("{URL}/status/g1"));
    for (body, code) in [
        (value(&Staple::of(&[9; 32])), "staple_other_credential"),
        (json!({"v": 1}), "bad_json"),
        (json!([]), "bad_json"),
        (json!({"v": 2, "credential": ""}), "staple_unknown_version"),
    ] {
        scene.serve(200, &body);
        assert_eq!(scene.fetch().failed[0].code(), code, "{body}");
        assert!(scene.held().copies[0].evidence.is_none());
    }
    scene.serve(500, &json!({}));
    assert_eq!(scene.fetch().failed[0].code(), "unexpected_status");
}

#[test]
fn nobody_but_the_issuer_is_asked() {
    for list in ["https://elsewhere.test/status/g1", "https://issuer.test:8443/status/g1"] {
        let scene = scene(list);
        let before = scene.net.total();
        assert_eq!(scene.fetch().failed[0].code(), "evidence_foreign_origin", "{list}");
        assert_eq!(scene.net.total(), before);
    }
}
