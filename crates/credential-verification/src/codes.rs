//! The closed list of finding codes. Each has a sentence and an action line in Korean and English
//! (`verdict-code-<code>`, `verdict-action-<code>`); a test holds that to be complete.
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// A stable finding code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The stable text of the code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// Reads a code back from its text.
            pub fn parse(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$name),)* _ => None }
            }
        }
    };
}

codes! {
    // format
    /// One of our formats and a known type.
    FormatOk = "format-ok",
    /// Neither JSON nor a compact token that we know, or malformed.
    FormatUnknown = "format-unknown",
    /// A credential type that this verifier has no rules for.
    FormatTypeUnknown = "format-type-unknown",

    // proof
    /// The proof holds and the issuer controls the key.
    ProofOk = "proof-ok",
    /// The proof holds; the key that made it has been retired since.
    ProofOkRetired = "proof-ok-retired",
    /// The proof holds; the key was stolen later than the issuance was anchored.
    ProofOkAnchored = "proof-ok-anchored",
    /// Made after the key was retired.
    ProofKeyRetired = "proof-key-retired",
    /// The key was stolen, and the issuance was anchored no earlier than that.
    ProofKeyCompromised = "proof-key-compromised",
    /// The key was stolen, and nothing proves the credential older than that.
    ProofKeyCompromisedUnproven = "proof-key-compromised-unproven",
    /// What became of the key since could not be looked up.
    ProofKeyStateUnknown = "proof-key-state-unknown",
    /// No proof at all.
    ProofMissing = "proof-missing",
    /// The proof or its parameters are malformed.
    ProofMalformed = "proof-malformed",
    /// The signature does not fit the content.
    ProofInvalid = "proof-invalid",
    /// A cryptosuite or algorithm that we do not speak.
    ProofUnsupported = "proof-unsupported",
    /// What was signed is larger or more tangled than this verifier works through.
    ProofTooLarge = "proof-too-large",
    /// The proof was made for another purpose.
    ProofPurpose = "proof-purpose",
    /// The proof's own dates do not include the moment.
    ProofExpired = "proof-expired",
    /// The named key is not in the issuer's DID document.
    ProofKeyUnknown = "proof-key-unknown",
    /// The key is there, but not listed for assertions.
    ProofKeyNotListed = "proof-key-not-listed",
    /// The key was revoked or has expired.
    ProofKeyRevoked = "proof-key-revoked",
    /// The key belongs to someone other than the issuer named in the credential.
    ProofIssuerMismatch = "proof-issuer-mismatch",
    /// A disclosure does not belong to this credential, is doubled or unused.
    ProofDisclosure = "proof-disclosure",
    /// The issuer's DID is not well formed.
    IssuerInvalid = "issuer-invalid",
    /// A DID method this verifier cannot resolve.
    IssuerMethodUnsupported = "issuer-method-unsupported",
    /// The issuer's DID document does not exist.
    IssuerNotFound = "issuer-not-found",
    /// The issuer's DID document could not be fetched.
    IssuerUnreachable = "issuer-unreachable",
    /// The issuer's address is private or otherwise off limits; nothing was fetched.
    IssuerAddressRefused = "issuer-address-refused",
    /// The published DID document is malformed.
    IssuerDocumentInvalid = "issuer-document-invalid",
    /// The published DID document differs from its anchor on the chain, and the anchored one
    /// could not be had.
    IssuerAnchorMismatch = "issuer-anchor-mismatch",
    /// The issuer's DID was deactivated.
    IssuerDeactivated = "issuer-deactivated",
    /// The issuer's document could not be compared with the chain, because the chain is down.
    IssuerAnchorUnavailable = "issuer-anchor-unavailable",

    // contexts
    /// Contexts are the closed list in the fixed order.
    ContextsOk = "contexts-ok",
    /// A context outside the closed list, or an inline one.
    ContextsUnknown = "contexts-unknown",
    /// Known contexts, but not this type's list in its order.
    ContextsOrder = "contexts-order",
    /// The format carries no contexts.
    ContextsNotUsed = "contexts-not-used",

    // schema
    /// Schema and typed rules hold.
    SchemaOk = "schema-ok",
    /// A rule of the type is broken.
    SchemaViolation = "schema-violation",
    /// No schema is known for this type.
    SchemaTypeUnknown = "schema-type-unknown",
    /// The schema digest is the one we know.
    SchemaDigestOk = "schema-digest-ok",
    /// The schema digest is another than the one we know.
    SchemaDigestMismatch = "schema-digest-mismatch",
    /// The credential names a schema that we do not hold.
    SchemaDigestForeign = "schema-digest-foreign",
    /// The credential names no schema.
    SchemaDigestAbsent = "schema-digest-absent",

    // forbidden numbers, related resources
    /// No forbidden number found.
    ForbiddenNone = "forbidden-none",
    /// A resident registration number or the like was found.
    ForbiddenFound = "forbidden-found",
    /// Every related resource has the digest that was promised.
    RelatedOk = "related-ok",
    /// No related resources.
    RelatedNone = "related-none",
    /// A related resource has another digest.
    RelatedMismatch = "related-mismatch",
    /// A related resource entry is malformed.
    RelatedMalformed = "related-malformed",
    /// A related resource is not held here, so its digest was not compared.
    RelatedUnavailable = "related-unavailable",

    // validity
    /// The moment lies between validFrom and validUntil.
    ValidityOk = "validity-ok",
    /// Not valid yet.
    ValidityNotYet = "validity-not-yet",
    /// No longer valid.
    ValidityExpired = "validity-expired",
    /// The dates cannot be read.
    ValidityMalformed = "validity-malformed",
    /// The credential states no dates.
    ValidityAbsent = "validity-absent",

    // status
    /// The list says valid.
    StatusValid = "status-valid",
    /// The list says suspended.
    StatusSuspended = "status-suspended",
    /// The list says revoked.
    StatusRevoked = "status-revoked",
    /// The list says superseded by a newer credential.
    StatusSuperseded = "status-superseded",
    /// The newest list that could be had is older than the type allows.
    StatusStale = "status-stale",
    /// The list is older than one seen before, or than the anchored head.
    StatusRolledBack = "status-rolled-back",
    /// Two different lists exist under one version.
    StatusEquivocated = "status-equivocated",
    /// The list could not be fetched.
    StatusUnavailable = "status-unavailable",
    /// The list's address is private or otherwise off limits; nothing was fetched.
    StatusAddressRefused = "status-address-refused",
    /// The list is too large, or inflates beyond the cap.
    StatusTooLarge = "status-too-large",
    /// The list is malformed.
    StatusMalformed = "status-malformed",
    /// The list's own proof does not hold.
    StatusProofInvalid = "status-proof-invalid",
    /// The list's proof could not be checked.
    StatusProofUnchecked = "status-proof-unchecked",
    /// The list was signed by someone other than the credential's issuer.
    StatusForeignIssuer = "status-foreign-issuer",
    /// The list serves another purpose than the entry says.
    StatusPurpose = "status-purpose",
    /// The entry points outside the list.
    StatusOutOfRange = "status-out-of-range",
    /// The list holds a value without a meaning we know.
    StatusValueUnknown = "status-value-unknown",
    /// The entry in the credential is malformed.
    StatusEntryMalformed = "status-entry-malformed",
    /// The credential has no status entry, and its type does not force one.
    StatusAbsent = "status-absent",
    /// The credential has no status entry although its type needs one.
    StatusRequired = "status-required",
    /// The list tells the state at another moment than the one asked about.
    StatusOtherMoment = "status-other-moment",
    /// The check was made without a network.
    StatusOffline = "status-offline",
    /// The anchored head on the chain could not be read.
    StatusAnchorUnavailable = "status-anchor-unavailable",
    /// Not looked at, because the proof does not hold.
    StatusNotReached = "status-not-reached",
    /// The archived list says it was valid at the moment asked about.
    StatusValidThen = "status-valid-then",
    /// The list that was in force at the moment asked about could not be had.
    StatusNotInArchive = "status-not-in-archive",
    /// Our own clock is behind what issuers and chain have dated already.
    ClockBehind = "clock-behind",
    /// Our own clock is ahead of chain or issuer, and it would be in force by theirs.
    ClockAhead = "clock-ahead",

    // attached evidence
    /// Everything in the attached evidence is proven.
    StapleOk = "staple-ok",
    /// Attached evidence could not be proven and was not used.
    StapleUnproven = "staple-unproven",

    // entitlement
    /// The issuer is accredited for this type and kind.
    EntitlementOk = "entitlement-ok",
    /// The issuer is not in the trust list.
    EntitlementUnknownIssuer = "entitlement-unknown-issuer",
    /// The issuer is in the list, but not for this type.
    EntitlementOtherType = "entitlement-other-type",
    /// The issuer is in the list for the type, but not for this kind.
    EntitlementOtherKind = "entitlement-other-kind",
    /// The accreditation is not in force at that moment.
    EntitlementNotInForce = "entitlement-not-in-force",
    /// The accreditation, or one above it, was suspended at that moment.
    EntitlementSuspended = "entitlement-suspended",
    /// The accreditation claims more than the one it was given under.
    EntitlementWidened = "entitlement-widened",
    /// The accreditation registry could not be asked.
    EntitlementRegistryUnreachable = "entitlement-registry-unreachable",
    /// No trust list is at hand, or it has expired.
    EntitlementListUnavailable = "entitlement-list-unavailable",
    /// The kind was not disclosed, so entitlement for it is not known.
    EntitlementKindHidden = "entitlement-kind-hidden",
    /// The type is not known here.
    EntitlementTypeUnknown = "entitlement-type-unknown",
    /// Not looked at, because the proof does not hold.
    EntitlementNotReached = "entitlement-not-reached",

    // holder binding
    /// The presenter holds the bound key and answered this very request.
    BindingOk = "binding-ok",
    /// No presentation was asked for.
    BindingNotAsked = "binding-not-asked",
    /// The credential is not bound to a person's key, and the request allows that.
    BindingNotBound = "binding-not-bound",
    /// The presentation carries no proof by the holder.
    BindingMissing = "binding-missing",
    /// The holder's proof does not hold.
    BindingInvalid = "binding-invalid",
    /// The answer was made for another request.
    BindingNonce = "binding-nonce",
    /// The answer was made for another verifier.
    BindingAudience = "binding-audience",
    /// The answer's date is too old or in the future.
    BindingTime = "binding-time",
    /// The presenter's key is not the one the credential is bound to.
    BindingOtherHolder = "binding-other-holder",
    /// The holder's key could not be resolved.
    BindingUnresolved = "binding-unresolved",

    // domain: badge, training
    /// The badge is of an asked kind.
    BadgeKindOk = "badge-kind-ok",
    /// The badge is of another kind than asked.
    BadgeKindOther = "badge-kind-other",
    /// The kind was not shown.
    BadgeKindUnknown = "badge-kind-unknown",
    /// No particular kind was asked for.
    BadgeKindAny = "badge-kind-any",
    /// Every shown course was completed.
    TrainingCompleted = "training-completed",
    /// A shown course was not completed.
    TrainingNotCompleted = "training-not-completed",
    /// No course was shown.
    TrainingUnknown = "training-unknown",

    // domain: battery
    /// State of health reaches the threshold.
    BatterySohOk = "battery-soh-ok",
    /// State of health lies below the threshold.
    BatterySohLow = "battery-soh-low",
    /// State of health was not shown or is no number.
    BatterySohUnknown = "battery-soh-unknown",
    /// State of health follows another definition than the threshold.
    BatterySohDefinition = "battery-soh-definition",
    /// Measured, not modelled.
    BatteryMethodOk = "battery-method-ok",
    /// Only estimated by a model.
    BatteryMethodModel = "battery-method-model",
    /// The method was not shown.
    BatteryMethodUnknown = "battery-method-unknown",
    /// The assessment is recent enough.
    BatteryFresh = "battery-fresh",
    /// The assessment is too old.
    BatteryOld = "battery-old",
    /// The assessment lies in the future.
    BatteryFuture = "battery-future",
    /// The date of the assessment was not shown.
    BatteryDateUnknown = "battery-date-unknown",
    /// The vehicle number opens the commitment.
    BatteryVinOk = "battery-vin-ok",
    /// The vehicle number does not open the commitment.
    BatteryVinOther = "battery-vin-other",
    /// Vehicle number, salt or commitment is missing.
    BatteryVinUnknown = "battery-vin-unknown",
    /// The odometer fits the report.
    BatteryOdometerOk = "battery-odometer-ok",
    /// The odometer stands lower than at the assessment.
    BatteryOdometerBackwards = "battery-odometer-backwards",
    /// The car was driven further than the report allows.
    BatteryOdometerFar = "battery-odometer-far",
    /// One of the two readings is missing.
    BatteryOdometerUnknown = "battery-odometer-unknown",

    // domain: athlete
    /// The federation confirmed, then the KSOC.
    AthleteConfirmed = "athlete-confirmed",
    /// The federation's confirmation is missing.
    AthleteFederationMissing = "athlete-federation-missing",
    /// The KSOC's confirmation is missing.
    AthleteKsocMissing = "athlete-ksoc-missing",
    /// The confirmations stand in the wrong order.
    AthleteOrder = "athlete-order",
    /// No confirmation was shown.
    AthleteUnknown = "athlete-unknown",
    /// A ranked result.
    AthleteResultOk = "athlete-result-ok",
    /// No valid result: not started, not finished, disqualified.
    AthleteResultVoid = "athlete-result-void",
    /// The result was not shown.
    AthleteResultUnknown = "athlete-result-unknown",

    // domain: drone in the field
    /// The document is there and accepted.
    DroneDocumentOk = "drone-document-ok",
    /// The flight permit is missing.
    DronePermitMissing = "drone-permit-missing",
    /// The pilot's licence is missing.
    DroneLicenceMissing = "drone-licence-missing",
    /// The aircraft's registration is missing.
    DroneRegistrationMissing = "drone-registration-missing",
    /// A document was examined and is not in order.
    DroneDocumentRejected = "drone-document-rejected",
    /// A document's state is not known.
    DroneDocumentUnknown = "drone-document-unknown",
    /// Permit, licence and registration name one holder.
    DroneHolderOk = "drone-holder-ok",
    /// The documents belong to different holders.
    DroneHolderOther = "drone-holder-other",
    /// The holder is not known.
    DroneHolderUnknown = "drone-holder-unknown",
    /// The licence class covers the aircraft's mass.
    DroneClassOk = "drone-class-ok",
    /// The licence class does not cover the mass.
    DroneClassLow = "drone-class-low",
    /// Class or mass is not known.
    DroneClassUnknown = "drone-class-unknown",
    /// The registered aircraft is in the permit.
    DroneAircraftOk = "drone-aircraft-ok",
    /// The registered aircraft is not in the permit.
    DroneAircraftOther = "drone-aircraft-other",
    /// The aircraft is not known.
    DroneAircraftUnknown = "drone-aircraft-unknown",
    /// Serial number equals the Remote ID broadcast.
    DroneSerialOk = "drone-serial-ok",
    /// Serial number differs from the Remote ID broadcast.
    DroneSerialOther = "drone-serial-other",
    /// Serial number or Remote ID is missing.
    DroneSerialUnknown = "drone-serial-unknown",
    /// The mass is within what was permitted.
    DroneMassOk = "drone-mass-ok",
    /// The mass exceeds what was permitted.
    DroneMassHigh = "drone-mass-high",
    /// A mass is missing.
    DroneMassUnknown = "drone-mass-unknown",
    /// Insured on that day.
    DroneInsuranceOk = "drone-insurance-ok",
    /// The insurance has run out.
    DroneInsuranceExpired = "drone-insurance-expired",
    /// No insurance date was shown.
    DroneInsuranceUnknown = "drone-insurance-unknown",
    /// Within a time window.
    DroneTimeOk = "drone-time-ok",
    /// Outside every time window.
    DroneTimeOutside = "drone-time-outside",
    /// No readable time window.
    DroneTimeUnknown = "drone-time-unknown",
    /// Daylight at the position.
    DroneDaylight = "drone-daylight",
    /// Night, and night flight is permitted.
    DroneNightOk = "drone-night-ok",
    /// Night, and night flight is not permitted.
    DroneNightForbidden = "drone-night-forbidden",
    /// Day or night cannot be told.
    DroneNightUnknown = "drone-night-unknown",
    /// Surely inside the permitted area.
    DroneAreaInside = "drone-area-inside",
    /// Surely outside the permitted area.
    DroneAreaOutside = "drone-area-outside",
    /// The accuracy does not decide.
    DroneAreaUncertain = "drone-area-uncertain",
    /// The permit's area is not a legal figure.
    DroneAreaInvalid = "drone-area-invalid",
    /// No position was given.
    DronePositionMissing = "drone-position-missing",
    /// The position is no place on Earth (swapped, not finite, no accuracy).
    DronePositionInvalid = "drone-position-invalid",
    /// Height within the limits.
    DroneAltitudeOk = "drone-altitude-ok",
    /// Height beyond the limits.
    DroneAltitudeOutside = "drone-altitude-outside",
    /// Height and limit have different references; they were not mixed.
    DroneAltitudeReference = "drone-altitude-reference",
    /// The accuracy of the height does not decide.
    DroneAltitudeUncertain = "drone-altitude-uncertain",
    /// No height was given.
    DroneAltitudeMissing = "drone-altitude-missing",
    /// Position, height and time fit one and the same volume.
    DroneVolumeOk = "drone-volume-ok",
    /// No single volume fits position, height and time.
    DroneVolumeNone = "drone-volume-none",
    /// It is not known whether one volume fits.
    DroneVolumeUnknown = "drone-volume-unknown",
    /// Kind of flight is permitted.
    DroneModeOk = "drone-mode-ok",
    /// Photography without permission.
    DronePhotoForbidden = "drone-photo-forbidden",
    /// Beyond line of sight without permission.
    DroneBvlosForbidden = "drone-bvlos-forbidden",
    /// Conditions that a person must look at.
    DroneConditions = "drone-conditions",
}

impl Code {
    /// Message id of the sentence.
    pub fn message_id(self) -> String {
        format!("verdict-code-{}", self.as_str())
    }

    /// Message id of the line that says what to do.
    pub fn action_id(self) -> String {
        format!("verdict-action-{}", self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Code::parse(&text).ok_or_else(|| serde::de::Error::custom("unknown finding code"))
    }
}
