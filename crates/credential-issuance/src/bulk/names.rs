//! Names that carry their place: a row of a job is found again without an index.

use credential_model::catalogue::CredentialType;

use crate::ids::{CredentialId, Digest, InvalidId, JobId, OfferId};

/// What the ids of bulk credentials and of their offers begin with. UUIDv7 ids of single
/// credentials begin with a zero for the next centuries, so bulk ones sort behind them.
pub const PREFIX: &str = "bulk-";
/// Characters of a job id.
const JOB: usize = 24;
/// Digits of a row number.
const ROW: usize = 8;

/// The id of a job: the same file for the same type and kind at the same issuer is the same job,
/// wherever and however often it is uploaded.
pub fn job_id(
    file: &Digest,
    credential_type: CredentialType,
    kind: Option<&str>,
    issuer: &str,
) -> Result<JobId, InvalidId> {
    let parts: [&[u8]; 5] = [
        b"sinpyo-bulk-job-v1",
        &file.0,
        credential_type.type_name().as_bytes(),
        kind.unwrap_or_default().as_bytes(),
        issuer.as_bytes(),
    ];
    JobId::parse(&Digest::of_parts(&parts).to_string()[..JOB])
}

/// The id of the credential of a row; rows count from 0.
pub fn credential_id(job: &JobId, row: u64) -> Result<CredentialId, InvalidId> {
    CredentialId::parse(&row_name(job, row))
}

/// The name under which all credentials of a job stand in [`crate::credential::CredentialRecord::offer`].
pub fn job_offer(job: &JobId) -> Result<OfferId, InvalidId> {
    OfferId::parse(&format!("{PREFIX}{job}"))
}

/// The id of the offer that a holder claims a row with: 128 bits that only this issuer can make.
pub fn offer_id(secret: &[u8; 32], job: &JobId, row: u64) -> Result<OfferId, InvalidId> {
    OfferId::parse(&format!("{}-{}", row_name(job, row), seal(secret, job, row)))
}

/// The row that an offer id names, if this issuer made it.
pub fn offered_row(secret: &[u8; 32], offer: &str) -> Option<(JobId, u64)> {
    let (job, row, rest) = split(offer)?;
    let given = rest.strip_prefix('-')?;
    // Digests of both: the comparison then takes the same time wherever they differ.
    let wanted = seal(secret, &job, row);
    Digest::of(given.as_bytes()).same(&Digest::of(wanted.as_bytes())).then_some((job, row))
}

/// The row that a credential id names.
pub fn credential_row(id: &str) -> Option<(JobId, u64)> {
    let (job, row, rest) = split(id)?;
    rest.is_empty().then_some((job, row))
}

fn row_name(job: &JobId, row: u64) -> String {
    format!("{PREFIX}{job}-{row:0ROW$}")
}

fn seal(secret: &[u8; 32], job: &JobId, row: u64) -> String {
    let parts: [&[u8]; 3] = [b"bulk offer", job.as_str().as_bytes(), &row.to_be_bytes()];
    // 22 characters of base64url are 132 bits.
    Digest::keyed(secret, &parts).to_token()[..22].to_owned()
}

fn split(text: &str) -> Option<(JobId, u64, &str)> {
    let rest = text.strip_prefix(PREFIX)?;
    let job = JobId::parse(rest.get(..JOB)?).ok()?;
    let rest = rest.get(JOB..)?.strip_prefix('-')?;
    let digits = rest.get(..ROW).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    Some((job, digits.parse().ok()?, rest.get(ROW..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> JobId {
        let file = Digest::of(b"file");
        job_id(&file, CredentialType::QualificationBadge, Some("1320"), "did:web:x").unwrap()
    }

    #[test]
    fn the_same_file_is_the_same_job_and_nothing_else_is() {
        let of =
            |file: &[u8], of, kind, issuer| job_id(&Digest::of(file), of, kind, issuer).unwrap();
        let badge = CredentialType::QualificationBadge;
        assert_eq!(job(), of(b"file", badge, Some("1320"), "did:web:x"));
        assert_ne!(job(), of(b"file2", badge, Some("1320"), "did:web:x"));
        assert_ne!(job(), of(b"file", badge, None, "did:web:x"));
        assert_ne!(job(), of(b"file", badge, Some("1320"), "did:web:y"));
        assert_ne!(job(), of(b"file", CredentialType::TrainingHistory, Some("1320"), "did:web:x"));
    }

    #[test]
    fn a_row_is_read_from_its_names() {
        let id = credential_id(&job(), 77).unwrap();
        assert_eq!(credential_row(id.as_str()), Some((job(), 77)));
        let offer = offer_id(&[7; 32], &job(), 77).unwrap();
        assert_eq!(offered_row(&[7; 32], offer.as_str()), Some((job(), 77)));
        assert_eq!(credential_row(offer.as_str()), None);
    }

    #[test]
    fn an_offer_nobody_made_names_no_row() {
        let offer = offer_id(&[7; 32], &job(), 77).unwrap().to_string();
        assert_eq!(offered_row(&[8; 32], &offer), None, "another issuer's");
        let other = offer.replace("-00000077-", "-00000078-");
        assert_eq!(offered_row(&[7; 32], &other), None, "another row");
        for text in
            ["", "bulk-", "bulk-zz", "0190-1", &offer[..40], "bulk-é0000000000000000000000-"]
        {
            assert_eq!(offered_row(&[7; 32], text), None, "{text}");
        }
    }
}
