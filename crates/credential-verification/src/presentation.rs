//! What a wallet sent: every presentation is bound to this request and this verifier, the
//! credentials answer the query, and each is examined.
use credential_model::{
    catalogue::CredentialType,
    credential::UnverifiedCredential,
    did::{Did, DidUrl},
    format::CredentialFormat,
    moment::Moment,
};
use credential_proofs::{
    Expected, KeyRefusal, data_integrity,
    jwt_vc::{self, ExpectedPresentation, JwtVcError},
    presentation,
    sd_jwt::{ExpectedBinding, SdJwt, SdJwtError},
};
use did_resolution::{ResolveError, verification_key};
use openid4vc_messages::{
    VpToken,
    dcql::{self, Candidate, CredentialQuery, DcqlQuery, MatchOutcome},
};
use serde_json::Value;
use signing_keys::KeyRing;

use crate::{
    codes::Code,
    content::Content,
    examine::{Examination, Tools, examine, holder_key},
    outcome::CheckOutcome,
    session::{AskedPresentation, SESSION_SECONDS},
    templates::type_iri,
};

/// More credentials than this in one answer are refused.
const MAX_CREDENTIALS: usize = 16;

/// Why an answer was not taken. The session stays open: whoever sends rubbish must not be able
/// to use up somebody's request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// Not the shape of an answer to this query.
    #[error("{0}")]
    NotAnAnswer(String),
    /// A presentation or credential inside cannot be read.
    #[error("a presentation cannot be read: {0}")]
    Malformed(String),
    /// A credential does not answer its query.
    #[error("the credential for {query} does not answer the query: {why}")]
    QueryNotSatisfied {
        /// Query id.
        query: String,
        /// What does not fit.
        why: &'static str,
    },
    /// The holder's proof is missing.
    #[error("the presentation carries no proof by the holder")]
    BindingMissing,
    /// Made for another request.
    #[error("the presentation was made for another request (nonce)")]
    WrongNonce,
    /// Made for another verifier.
    #[error("the presentation was made for another verifier (audience)")]
    WrongAudience,
    /// Too old or from the future.
    #[error("the presentation is too old or dated in the future")]
    WrongTime,
    /// The holder's signature or key does not hold.
    #[error("the holder's proof does not hold: {0}")]
    BindingInvalid(String),
    /// The holder's DID could not be resolved.
    #[error("the holder's key could not be looked up: {0}")]
    HolderUnresolved(String),
}

impl PresentationError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            PresentationError::NotAnAnswer(_) => "not_an_answer",
            PresentationError::Malformed(_) => "malformed_presentation",
            PresentationError::QueryNotSatisfied { .. } => "query_not_satisfied",
            PresentationError::BindingMissing => "holder_binding_missing",
            PresentationError::WrongNonce => "nonce_mismatch",
            PresentationError::WrongAudience => "audience_mismatch",
            PresentationError::WrongTime => "presentation_time",
            PresentationError::BindingInvalid(_) => "holder_binding_invalid",
            PresentationError::HolderUnresolved(_) => "holder_unresolved",
        }
    }
}

/// A credential taken out of its presentation, with what the presentation proved.
struct Unwrapped {
    credential: UnverifiedCredential,
    binding: CheckOutcome,
    /// The claims that were shown, for the query.
    claims: Value,
}

/// Checks an answer and examines what it carries, in the query's order.
///
/// # Errors
/// [`PresentationError`] when it is no answer to this request.
pub async fn process(
    asked: &AskedPresentation,
    token: &VpToken,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<Vec<Examination>, PresentationError> {
    let query = DcqlQuery::parse(&asked.query)
        .map_err(|error| PresentationError::NotAnAnswer(error.detail))?;
    token.validate(&query).map_err(|error| PresentationError::NotAnAnswer(error.detail))?;
    let request = Request { asked, tools, now };
    let mut unwrapped = Vec::new();
    for wanted in &query.credentials {
        for sent in token.0.get(&wanted.id).into_iter().flatten() {
            for item in request.unwrap(wanted, sent).await? {
                satisfies(wanted, &item)?;
                unwrapped.push(item);
                if unwrapped.len() > MAX_CREDENTIALS {
                    return Err(PresentationError::NotAnAnswer(
                        "more than 16 credentials".to_owned(),
                    ));
                }
            }
        }
    }
    let mut examinations = Vec::with_capacity(unwrapped.len());
    for item in unwrapped {
        examinations.push(examine(&item.credential, item.binding, tools, now).await);
    }
    Ok(examinations)
}

struct Request<'a, 't> {
    asked: &'a AskedPresentation,
    tools: &'a Tools<'t>,
    now: Moment,
}

impl Request<'_, '_> {
    async fn unwrap(
        &self,
        wanted: &CredentialQuery,
        sent: &Value,
    ) -> Result<Vec<Unwrapped>, PresentationError> {
        match wanted.format.as_str() {
            "dc+sd-jwt" => self.sd_jwt(wanted, sent).map(|item| vec![item]),
            "ldp_vc" => self.ldp(wanted, sent).await,
            "jwt_vc_json" => self.jwt(wanted, sent).await,
            _ => Err(PresentationError::Malformed("unknown format".to_owned())),
        }
    }

    fn sd_jwt(
        &self,
        wanted: &CredentialQuery,
        sent: &Value,
    ) -> Result<Unwrapped, PresentationError> {
        let text = sent.as_str().ok_or_else(|| malformed("an SD-JWT is a string"))?;
        let parsed = SdJwt::parse(text).map_err(|error| malformed(&error.to_string()))?;
        let binding = if parsed.is_bound() {
            let expected = ExpectedBinding {
                audience: &self.asked.client_id,
                nonce: &self.asked.nonce,
                now: self.now,
                max_age_seconds: SESSION_SECONDS,
                transaction_data_hashes: &[],
            };
            parsed.verify_key_binding(&expected).map_err(from_key_binding)?;
            CheckOutcome::passed(Code::BindingOk)
        } else if wanted.require_cryptographic_holder_binding {
            return Err(PresentationError::BindingMissing);
        } else {
            CheckOutcome::skipped(Code::BindingNotAsked)
        };
        let credential = UnverifiedCredential::parse_str(parsed.without_binding())
            .map_err(|error| malformed(&error.to_string()))?;
        if credential.format != CredentialFormat::SdJwtVc {
            return Err(malformed("not an SD-JWT VC"));
        }
        Ok(Unwrapped { credential, binding, claims: parsed.claims_unverified().clone() })
    }

    async fn ldp(
        &self,
        wanted: &CredentialQuery,
        sent: &Value,
    ) -> Result<Vec<Unwrapped>, PresentationError> {
        if !sent.is_object() {
            return Err(malformed("an ldp_vc presentation is an object"));
        }
        let types = credential_model::credential::type_list(sent);
        if !types.iter().any(|name| name == "VerifiablePresentation") {
            return self.bare(wanted, sent, CredentialFormat::LdpVc);
        }
        if sent.get("proof").is_none() {
            if wanted.require_cryptographic_holder_binding {
                return Err(PresentationError::BindingMissing);
            }
            return Err(malformed("a presentation without proof"));
        }
        let methods = data_integrity::verification_methods(sent)
            .map_err(|error| malformed(&error.to_string()))?;
        let keys = self.holder_keys(&methods).await?;
        let expected =
            Expected::presentation(None, &self.asked.nonce, &self.asked.client_id, self.now);
        let verified =
            presentation::verify(sent, &expected, &keys).map_err(|error| from_ldp(&error))?;
        self.inside(&verified.credentials, &verified.holder, &keys, CredentialFormat::LdpVc)
    }

    async fn jwt(
        &self,
        wanted: &CredentialQuery,
        sent: &Value,
    ) -> Result<Vec<Unwrapped>, PresentationError> {
        let text =
            sent.as_str().ok_or_else(|| malformed("a jwt_vc_json presentation is a string"))?;
        // A bare credential parses as one; a presentation does not.
        if UnverifiedCredential::parse_str(text)
            .is_ok_and(|found| is_credential(&found.claims_unverified()))
        {
            return self.bare(wanted, sent, CredentialFormat::JwtVcJson);
        }
        let method = jwt_vc::presentation_method(text).map_err(from_jwt_vp)?;
        let keys = self.holder_keys(std::slice::from_ref(&method)).await?;
        let expected = ExpectedPresentation {
            audience: &self.asked.client_id,
            nonce: &self.asked.nonce,
            holder: None,
            now: self.now,
            max_age_seconds: SESSION_SECONDS,
        };
        let verified = jwt_vc::verify_presentation(text, &keys, &expected).map_err(from_jwt_vp)?;
        self.inside(&verified.credentials, &verified.holder, &keys, CredentialFormat::JwtVcJson)
    }

    /// A credential without presentation: only where the query allows it.
    fn bare(
        &self,
        wanted: &CredentialQuery,
        sent: &Value,
        format: CredentialFormat,
    ) -> Result<Vec<Unwrapped>, PresentationError> {
        if wanted.require_cryptographic_holder_binding {
            return Err(PresentationError::BindingMissing);
        }
        let credential = read(sent, format)?;
        let claims = credential.claims_unverified();
        let binding = CheckOutcome::skipped(Code::BindingNotAsked);
        Ok(vec![Unwrapped { credential, binding, claims }])
    }

    /// Credentials inside a presentation whose holder is proven.
    fn inside(
        &self,
        credentials: &[Value],
        holder: &Did,
        keys: &KeyRing,
        format: CredentialFormat,
    ) -> Result<Vec<Unwrapped>, PresentationError> {
        if credentials.is_empty() || credentials.len() > MAX_CREDENTIALS {
            return Err(malformed("a presentation carries 1 to 16 credentials"));
        }
        credentials
            .iter()
            .map(|value| {
                let credential = read(value, format)?;
                let content = Content::unverified(&credential);
                let subject = content.subject_id();
                let bound_key = holder_key(&content);
                let same_key =
                    bound_key.is_some_and(|bound| keys.iter().any(|key| key.key == bound));
                let binding = match subject {
                    Some(subject) if subject == holder.as_str() => {
                        CheckOutcome::passed(Code::BindingOk)
                    }
                    _ if same_key => CheckOutcome::passed(Code::BindingOk),
                    // The subject is the battery; its keeper is bound in the SD-JWT form only.
                    Some(subject) if is_thing(&content) && Did::parse(subject).is_err() => {
                        CheckOutcome::skipped(Code::BindingNotBound)
                    }
                    Some(_) => CheckOutcome::failed(Code::BindingOtherHolder, ""),
                    None => CheckOutcome::inconclusive(Code::BindingNotBound, ""),
                };
                Ok(Unwrapped { claims: credential.claims_unverified(), credential, binding })
            })
            .collect()
    }

    /// Keys of the presenter. All methods must be of one DID.
    async fn holder_keys(&self, methods: &[DidUrl]) -> Result<KeyRing, PresentationError> {
        let holder = methods.first().map(DidUrl::did).ok_or(PresentationError::BindingMissing)?;
        if methods.len() > 8 || methods.iter().any(|method| method.did() != holder) {
            return Err(PresentationError::BindingInvalid("keys of several holders".to_owned()));
        }
        let resolution =
            self.tools.resolver.resolve(&holder).await.map_err(|error| match error {
                ResolveError::InvalidDid(_) => PresentationError::BindingInvalid(error.to_string()),
                error => PresentationError::HolderUnresolved(error.code().to_owned()),
            })?;
        methods
            .iter()
            .map(|method| {
                verification_key(&resolution.document, method)
                    .map_err(|error| PresentationError::BindingInvalid(error.to_string()))
            })
            .collect()
    }
}

/// Types whose subject is no person.
fn is_thing(content: &Content) -> bool {
    content.credential_type() == Some(CredentialType::EvBatteryReport)
}

fn is_credential(claims: &Value) -> bool {
    credential_model::credential::type_list(claims)
        .iter()
        .any(|name| name == "VerifiableCredential")
}

fn read(
    value: &Value,
    format: CredentialFormat,
) -> Result<UnverifiedCredential, PresentationError> {
    let credential =
        UnverifiedCredential::from_value(value).map_err(|error| malformed(&error.to_string()))?;
    if credential.format == format {
        Ok(credential)
    } else {
        Err(malformed("the credential is of another format than was asked for"))
    }
}

/// Does what was shown answer the query? An answer may show more, never less.
fn satisfies(wanted: &CredentialQuery, item: &Unwrapped) -> Result<(), PresentationError> {
    let vct = item.claims.get("vct").and_then(Value::as_str);
    let vcts: Vec<&str> = vct.into_iter().collect();
    let mut types = credential_model::credential::type_list(&item.claims);
    types.push("https://www.w3.org/2018/credentials#VerifiableCredential".to_owned());
    if let Some(kind) = item.credential.credential_type_unverified() {
        types.push(type_iri(kind));
    }
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let candidate = Candidate {
        format: item.credential.format.as_str(),
        vcts: &vcts,
        types: &types,
        claims: &item.claims,
        // Whether the proof was there has been decided above.
        holder_bound: true,
    };
    let mut wanted = wanted.clone();
    if wanted.format == CredentialFormat::SdJwtVc.as_str() {
        for claim in wanted.claims.iter_mut().flatten() {
            claim.path = claim.path.with_open_places();
        }
    }
    match dcql::matches(&wanted, &candidate) {
        MatchOutcome::Match { .. } => Ok(()),
        MatchOutcome::NoMatch(mismatch) => Err(PresentationError::QueryNotSatisfied {
            query: wanted.id.clone(),
            why: match mismatch {
                dcql::Mismatch::Format => "another format",
                dcql::Mismatch::Type => "another type",
                dcql::Mismatch::ClaimAbsent(_) => "a claim is missing",
                dcql::Mismatch::ClaimValue(_) => "a claim has another value",
                _ => "no combination of claims fits",
            },
        }),
    }
}

fn malformed(detail: &str) -> PresentationError {
    PresentationError::Malformed(detail.chars().take(200).collect())
}

fn from_key_binding(error: SdJwtError) -> PresentationError {
    match error {
        SdJwtError::WrongNonce => PresentationError::WrongNonce,
        SdJwtError::WrongAudience => PresentationError::WrongAudience,
        SdJwtError::BindingTooOld | SdJwtError::BindingFromFuture => PresentationError::WrongTime,
        SdJwtError::NoKeyBinding => PresentationError::BindingMissing,
        error => PresentationError::BindingInvalid(error.to_string()),
    }
}

fn from_ldp(error: &data_integrity::ProofError) -> PresentationError {
    match error.problem_type().rsplit('#').next() {
        Some("INVALID_CHALLENGE_ERROR") => PresentationError::WrongNonce,
        Some("INVALID_DOMAIN_ERROR") => PresentationError::WrongAudience,
        _ => PresentationError::BindingInvalid(error.to_string()),
    }
}

fn from_jwt_vp(error: JwtVcError) -> PresentationError {
    match error {
        JwtVcError::WrongNonce => PresentationError::WrongNonce,
        JwtVcError::WrongAudience => PresentationError::WrongAudience,
        JwtVcError::TooOld | JwtVcError::Expired | JwtVcError::NotYetValid => {
            PresentationError::WrongTime
        }
        JwtVcError::Key(KeyRefusal::NotFound) | JwtVcError::NoVerificationMethod => {
            PresentationError::BindingInvalid(
                "the presentation names no key of its holder".to_owned(),
            )
        }
        JwtVcError::BadDocument => malformed("not a presentation"),
        error => PresentationError::BindingInvalid(error.to_string()),
    }
}
