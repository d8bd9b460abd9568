//! Examining one credential: the checks in their order, each under its own name.
use std::sync::Arc;

use credential_model::{credential::UnverifiedCredential, moment::Moment};
use did_resolution::Resolve;
use evm_chain::ReadChain;
use signing_keys::PublicKey;
use trust_registry::TrustSource;
use web_fetch::Fetch;

use crate::{
    checks::{contexts, entitlement, forbidden, proof, related, schema, status, validity},
    codes::Code,
    content::Content,
    domain::Presented,
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
    /// Look nothing up: status stays unknown, and says so.
    pub offline: bool,
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
    /// Registered names of the issuer (Korean, English), where it is accredited.
    pub issuer_names: Option<(String, String)>,
    /// The date of the status list, where one was read.
    pub status_as_of: Option<Moment>,
    /// The date of the anchored head it was compared with.
    pub anchor_as_of: Option<Moment>,
    /// Thumbprint of the key the credential is bound to.
    pub holder: Option<String>,
    /// The moment asked about.
    pub moment: Moment,
}

impl Examination {
    /// What a domain check sees of it; `None` for a type that is not ours.
    pub fn presented(&self) -> Option<Presented<'_>> {
        Some(Presented {
            credential_type: self.content.credential_type()?,
            overall: self.verdict.overall(),
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

    /// The overall answer without a domain check.
    pub fn overall(&self) -> Overall {
        self.verdict.overall()
    }

    /// The outcome of one check.
    pub fn outcome(&self, check: CheckId) -> Option<&CheckOutcome> {
        self.findings.iter().find(|finding| finding.check == check).map(|finding| &finding.outcome)
    }
}

/// Examines a credential at a moment. `binding` is what the presentation said about its holder;
/// [`Code::BindingNotAsked`] for a credential that was merely shown.
pub async fn examine(
    credential: &UnverifiedCredential,
    binding: CheckOutcome,
    tools: &Tools<'_>,
    now: Moment,
) -> Examination {
    let found = proof::check(credential, tools.resolver, now).await;
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
    let mut examination = Examination {
        findings: vec![
            Finding::new(CheckId::Format, format),
            Finding::new(CheckId::Proof, found.outcome),
            Finding::new(CheckId::Contexts, contexts::check(&content)),
            Finding::new(CheckId::Schema, schema::check(&content)),
            Finding::new(CheckId::SchemaDigest, schema::check_digest(&content)),
            Finding::new(CheckId::ForbiddenNumbers, forbidden::check(&content)),
            Finding::new(CheckId::RelatedResources, related::check(&content)),
            Finding::new(CheckId::Validity, validity::check(&content, now)),
        ],
        verdict: decide(&[]),
        verified: None,
        issuer_names: None,
        status_as_of: None,
        anchor_as_of: None,
        holder: holder_key(&content).map(|key| key.thumbprint()),
        moment: now,
        content,
    };
    match &proven {
        Some(proven) => {
            let status = status::check(&proven.content, &proven.issuer, tools, now).await;
            let entitled = entitlement::check(
                &proven.content,
                proven.issuer.as_str(),
                proven.signed_at,
                tools.trust,
                now,
            );
            examination.status_as_of = status.outcome.moment();
            examination.anchor_as_of = status.anchored_at.or(proven.anchored_at);
            examination.issuer_names = entitled.names;
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
    examination.push(CheckId::HolderBinding, binding);
    examination.verdict = decide(&examination.findings);
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
            issuer_names: None,
            status_as_of: None,
            anchor_as_of: None,
            holder: None,
            moment: now,
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
