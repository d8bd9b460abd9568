//! Examining one credential: the checks in their order, each under its own name.
use std::sync::Arc;

use chain_anchors::Staple;
use credential_model::{credential::UnverifiedCredential, moment::Moment};
use did_resolution::Resolve;
use evm_chain::ReadChain;
use signing_keys::PublicKey;
use trust_registry::TrustSource;
use web_fetch::Fetch;

use crate::{
    checks::{
        SKEW_SECONDS, clock, contexts, entitlement, forbidden, proof, related, schema, status,
        validity,
    },
    codes::Code,
    content::Content,
    domain::Presented,
    evidence::Evidence,
    grounds::Grounds,
    outcome::{CheckId, CheckOutcome, Finding},
    store::SeenLists,
    verdict::{Answer, Overall, Verdict, decide},
    verified::Verified,
};

/// What the checks may ask. Everything that is network, memory or time comes in here.
#[derive(Clone)]
pub struct Tools<'a> {
    /// Resolves issuers and holders.
    pub resolver: &'a dyn Resolve,
    /// Fetches status lists and inclusion proofs.
    pub fetch: &'a dyn Fetch,
    /// The chain, where one is configured. Once it is, it is asked: without its answer the
    /// status stays unknown.
    pub chain: Option<&'a dyn ReadChain>,
    /// Who is accredited.
    pub trust: Option<&'a dyn TrustSource>,
    /// The newest lists seen.
    pub seen: &'a dyn SeenLists,
    /// Look nothing up: what is neither attached nor known before stays unknown, and says so.
    pub offline: bool,
    /// What was known before anybody was asked.
    pub grounds: &'a Grounds,
}

/// The same, owned: what a service or command holds.
#[derive(Clone)]
pub struct Toolbox {
    /// See [`Tools::resolver`].
    pub resolver: Arc<dyn Resolve>,
    /// See [`Tools::fetch`].
    pub fetch: Arc<dyn Fetch>,
    /// See [`Tools::chain`].
    pub chain: Option<Arc<dyn ReadChain>>,
    /// See [`Tools::trust`].
    pub trust: Option<Arc<dyn TrustSource>>,
    /// See [`Tools::seen`].
    pub seen: Arc<dyn SeenLists>,
    /// See [`Tools::offline`].
    pub offline: bool,
    /// See [`Tools::grounds`].
    pub grounds: Arc<Grounds>,
}

impl Toolbox {
    /// Borrows everything.
    pub fn tools(&self) -> Tools<'_> {
        Tools {
            resolver: &*self.resolver,
            fetch: &*self.fetch,
            chain: self.chain.as_deref(),
            trust: self.trust.as_deref(),
            seen: &*self.seen,
            offline: self.offline,
            grounds: &self.grounds,
        }
    }
}

/// One examined credential.
#[derive(Debug, Clone)]
pub struct Examination {
    /// What it says: as proven where the proof holds, else as it arrived.
    pub content: Content,
    /// The findings in report order.
    pub findings: Vec<Finding>,
    /// The three answers.
    pub verdict: Verdict,
    /// The content as verified, exactly when "authentic" is yes.
    pub verified: Option<Verified<Content>>,
    /// Conclusions that stayed open and that the type's policy does not live with.
    pub refused: Vec<Code>,
    /// Registered names of the issuer (Korean, English), where it is accredited.
    pub issuer_names: Option<(String, String)>,
    /// Who accredited it, from the root down (Korean, English).
    pub authority: Vec<(String, String)>,
    /// Since when the issuer's accreditation holds.
    pub accredited_since: Option<Moment>,
    /// The date of the status list, where one was read.
    pub status_as_of: Option<Moment>,
    /// The date of the anchored head it was compared with.
    pub anchor_as_of: Option<Moment>,
    /// Thumbprint of the key the credential is bound to.
    pub holder: Option<String>,
    /// The moment asked about.
    pub moment: Moment,
    /// When it was examined, where that is another moment: the question was about a past day.
    pub examined_at: Option<Moment>,
}

/// What is shown along with a credential, and what is asked.
#[derive(Debug, Clone)]
pub struct Exhibit<'a> {
    /// What the presentation said about its holder; [`Code::BindingNotAsked`] for a credential
    /// that was merely shown.
    pub binding: CheckOutcome,
    /// Evidence the holder attached.
    pub staple: Option<&'a Staple>,
    /// The past moment asked about; none for the present.
    pub at: Option<Moment>,
}

impl Exhibit<'_> {
    /// A credential merely shown, asked about the present.
    pub fn shown() -> Self {
        Exhibit { binding: CheckOutcome::skipped(Code::BindingNotAsked), staple: None, at: None }
    }

    /// The same, asked about a moment; one within the skew of `now` is the present.
    #[must_use]
    pub fn about(self, moment: Moment, now: Moment) -> Self {
        let present =
            moment.minus_seconds(SKEW_SECONDS) <= now && now <= moment.plus_seconds(SKEW_SECONDS);
        Exhibit { at: (!present).then_some(moment), ..self }
    }
}

impl Examination {
    /// What a domain check sees of it; `None` for a type that is not ours.
    pub fn presented(&self) -> Option<Presented<'_>> {
        Some(Presented {
            credential_type: self.content.credential_type()?,
            overall: self.overall(),
            subject: self.content.subject(),
            subject_id: self.content.subject_id(),
            holder: self.holder.as_deref(),
            proven: self.findings.iter().any(|finding| {
                finding.check == CheckId::HolderBinding
                    && matches!(finding.outcome, CheckOutcome::Passed(_))
            }),
            awarded: self.content.awarded(),
        })
    }

    /// The overall answer without a domain check, the type's policy included.
    pub fn overall(&self) -> Overall {
        self.verdict.overall().with_policy(!self.refused.is_empty())
    }

    /// The outcome of one check.
    pub fn outcome(&self, check: CheckId) -> Option<&CheckOutcome> {
        self.findings.iter().find(|finding| finding.check == check).map(|finding| &finding.outcome)
    }
}

/// Examines a credential now. `binding` is what the presentation said about its holder;
/// [`Code::BindingNotAsked`] for a credential that was merely shown.
pub async fn examine(
    credential: &UnverifiedCredential,
    binding: CheckOutcome,
    tools: &Tools<'_>,
    now: Moment,
) -> Examination {
    examine_exhibit(credential, Exhibit { binding, staple: None, at: None }, tools, now).await
}

/// Examines a credential with what came along, about now or a past moment. The signature and the
/// standing of its key are always judged by what is known at `now`; validity, status and
/// accreditation as of the moment asked about.
pub async fn examine_exhibit(
    credential: &UnverifiedCredential,
    exhibit: Exhibit<'_>,
    tools: &Tools<'_>,
    now: Moment,
) -> Examination {
    let at = exhibit.at.unwrap_or(now);
    let issuer = credential.issuer_unverified().unwrap_or_default();
    let evidence = Evidence::gather(exhibit.staple, credential.digest(), &issuer, tools);
    let found = proof::check(credential, tools, &evidence, now).await;
    let proven = found.proven;
    let content =
        proven.as_ref().map_or_else(|| Content::unverified(credential), |p| p.content.clone());

    let format = match content.credential_type() {
        Some(known) => CheckOutcome::passed(Code::FormatOk).detailed(format!(
            "{} as {}",
            known.type_name(),
            content.format().as_str()
        )),
        // The proof may well hold; what it says cannot be judged here.
        None => CheckOutcome::inconclusive(Code::FormatTypeUnknown, ""),
    };
    let mut dated = [found.outcome, validity::check(&content, at)];
    if at == now {
        clock::doubt(&mut dated, &content, tools, &evidence, now).await;
    }
    let [proof, validity] = dated;
    let mut examination = Examination {
        findings: vec![
            Finding::new(CheckId::Format, format),
            Finding::new(CheckId::Proof, proof),
            Finding::new(CheckId::Contexts, contexts::check(&content)),
            Finding::new(CheckId::Schema, schema::check(&content)),
            Finding::new(CheckId::SchemaDigest, schema::check_digest(&content)),
            Finding::new(CheckId::ForbiddenNumbers, forbidden::check(&content)),
            Finding::new(CheckId::RelatedResources, related::check(&content)),
            Finding::new(CheckId::Validity, validity),
        ],
        verdict: decide(&[]),
        verified: None,
        refused: Vec::new(),
        issuer_names: None,
        authority: Vec::new(),
        accredited_since: None,
        status_as_of: None,
        anchor_as_of: None,
        holder: holder_key(&content).map(|key| key.thumbprint()),
        moment: at,
        examined_at: (at != now).then_some(now),
        content,
    };
    match &proven {
        Some(proven) => {
            let when = (at, now);
            let status =
                status::check_at(&proven.content, &proven.issuer, tools, &evidence, when).await;
            // The time of an anchor is evidence; a signature's date is only a claim.
            let signed = match (proven.signed_at, proven.issued_at) {
                (Some(signed), Some(anchored)) => Some(signed.min(anchored)),
                (signed, anchored) => signed.or(anchored),
            };
            let entitled = entitlement::check(
                &proven.content,
                proven.issuer.as_str(),
                signed,
                tools.trust,
                now,
            );
            examination.status_as_of = status.outcome.moment();
            examination.anchor_as_of = status.anchored_at.or(proven.anchored_at);
            examination.issuer_names = entitled.names;
            examination.authority = entitled.authority;
            examination.accredited_since = entitled.since;
            examination.push(CheckId::Status, status.outcome);
            examination.push(CheckId::Entitlement, entitled.outcome);
        }
        None => {
            // What an unproven document says about lists and issuers is not worth a request.
            examination.push(CheckId::Status, CheckOutcome::skipped(Code::StatusNotReached));
            examination
                .push(CheckId::Entitlement, CheckOutcome::skipped(Code::EntitlementNotReached));
        }
    }
    if let Some(outcome) = evidence.outcome {
        examination.push(CheckId::Staple, outcome);
    }
    examination.push(CheckId::HolderBinding, exhibit.binding);
    examination.verdict = decide(&examination.findings);
    let known = examination.content.credential_type();
    examination.refused = tools.grounds.policies.refused(known, &examination.findings);
    if examination.verdict.authentic == Answer::Yes {
        examination.verified = Some(Verified::assert(examination.content.clone(), now));
    }
    examination
}

impl Examination {
    fn push(&mut self, check: CheckId, outcome: CheckOutcome) {
        self.findings.push(Finding::new(check, outcome));
    }

    /// The report of bytes that are no credential at all.
    pub fn unreadable(detail: &str, now: Moment) -> Self {
        let findings =
            vec![Finding::new(CheckId::Format, CheckOutcome::failed(Code::FormatUnknown, detail))];
        let verdict = decide(&findings);
        Examination {
            content: Content::new(
                credential_model::format::CredentialFormat::JwtVcJson,
                None,
                serde_json::Value::Null,
            ),
            findings,
            verdict,
            verified: None,
            refused: Vec::new(),
            issuer_names: None,
            authority: Vec::new(),
            accredited_since: None,
            status_as_of: None,
            anchor_as_of: None,
            holder: None,
            moment: now,
            examined_at: None,
        }
    }
}

/// The key a credential is bound to: `cnf.jwk`, or the subject's `did:key` / `did:jwk`.
pub(crate) fn holder_key(content: &Content) -> Option<PublicKey> {
    if let Some(jwk) = content.body().pointer("/cnf/jwk") {
        return PublicKey::from_jwk(jwk).ok();
    }
    let did = credential_model::did::Did::parse(content.subject_id()?).ok()?;
    let document = match did.method() {
        "key" => did_resolution::expand_did_key(&did).ok()?,
        "jwk" => did_resolution::expand_did_jwk(&did).ok()?,
        _ => return None,
    };
    let method = document.methods().first()?;
    PublicKey::from_material(&method.key).ok()
}
