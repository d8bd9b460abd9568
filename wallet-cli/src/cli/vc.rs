//! Options of `wallet vc`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What to do with credentials in files.
#[derive(Debug, Subcommand)]
pub enum VcCommand {
    /// Secure a credential: Data Integrity, JOSE, COSE or SD-JWT
    Issue(VcIssueArgs),
    /// Verify secured credentials: files, folders, or - for standard input
    Verify(VcVerifyArgs),
    /// Disclose a part of a credential with a selective proof (ecdsa-sd-2023, bbs-2023, SD-JWT)
    Derive(VcDeriveArgs),
    /// Put credentials into a presentation for one verifier
    Present(VcPresentArgs),
    /// Verify a presentation and the credentials in it
    VerifyPresentation(VcVerifyPresentationArgs),
}

/// How a credential is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON-LD with an embedded Data Integrity proof
    LdpVc,
    /// VC-JOSE-COSE: JWT
    #[value(name = "vc+jwt")]
    VcJwt,
    /// VC-JOSE-COSE: SD-JWT
    #[value(name = "vc+sd-jwt")]
    VcSdJwt,
    /// SD-JWT VC: the input is a claims set with iss and vct
    #[value(name = "dc+sd-jwt")]
    DcSdJwt,
    /// VC-JOSE-COSE: COSE_Sign1, as base64 text
    #[value(name = "vc+cose")]
    VcCose,
}

/// How a presentation is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresentationFormat {
    /// JSON-LD with an embedded Data Integrity proof
    LdpVp,
    /// VC-JOSE-COSE: JWT
    #[value(name = "vp+jwt")]
    VpJwt,
    /// VC-JOSE-COSE: SD-JWT
    #[value(name = "vp+sd-jwt")]
    VpSdJwt,
    /// VC-JOSE-COSE: COSE_Sign1, as base64 text
    #[value(name = "vp+cose")]
    VpCose,
    /// One SD-JWT VC with a key binding
    #[value(name = "dc+sd-jwt")]
    DcSdJwt,
}

/// Where a document comes from and where the result goes.
#[derive(Debug, Args)]
pub struct FileFlow {
    /// The document; standard input unless named
    #[arg(value_name = "FILE|-")]
    pub file: Option<String>,
    /// The same, as an option
    #[arg(long, short, value_name = "FILE", conflicts_with = "file")]
    pub input: Option<String>,
    /// Write the result here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How DIDs are looked up.
#[derive(Debug, Args)]
pub struct Lookup {
    /// Use no network
    #[arg(long)]
    pub offline: bool,
    /// A DID document you trust, to be used instead of asking the network (repeatable)
    #[arg(long = "did-document", value_name = "FILE")]
    pub did_documents: Vec<PathBuf>,
    /// Judge as of this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// What a test harness asks for.
#[derive(Debug, Args)]
pub struct Harness {
    /// For test harnesses: secure or check with the key in --key alone, and write
    /// {"result": …, "data": …}. Nobody asks whether the issuer controls the key
    #[arg(long, value_name = "FEATURE", requires = "key")]
    pub feature: Option<String>,
    /// The key: a file (JWK or Multikey), or store:LABEL
    #[arg(long, short, visible_alias = "key-path", value_name = "KEY")]
    pub key: Option<String>,
}

/// Options of `vc issue`.
#[derive(Debug, Args)]
pub struct VcIssueArgs {
    /// Files in and out.
    #[command(flatten)]
    pub flow: FileFlow,
    /// What a harness asks for.
    #[command(flatten)]
    pub harness: Harness,
    /// The verification method that the proof names; the key's own did:key unless told
    #[arg(long, short, value_name = "DID-URL")]
    pub verification_method: Option<String>,
    /// The form of the result
    #[arg(long, value_enum, default_value = "ldp-vc", value_name = "FORMAT")]
    pub format: Format,
    /// The cryptosuite of Data Integrity; the usual one of the key unless told
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// A JSON Pointer to what no holder may hide (ecdsa-sd-2023, bbs-2023; repeatable)
    #[arg(long = "mandatory", value_name = "POINTER")]
    pub mandatory: Vec<String>,
    /// What the holder may hide in an SD-JWT, as a path such as credentialSubject.name (repeatable)
    #[arg(long = "hide", value_name = "PATH")]
    pub hide: Vec<String>,
    /// The same, as a JSON array of paths
    #[arg(long, value_name = "JSON")]
    pub sd: Option<String>,
    /// The holder's public key (file), to bind an SD-JWT to
    #[arg(long, value_name = "KEY")]
    pub holder_key: Option<String>,
    /// Decoy digests in each part of an SD-JWT
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=32))]
    pub decoys: u8,
    /// When the proof says it was made (RFC 3339); now unless told
    #[arg(long, value_name = "TIME")]
    pub created: Option<String>,
    /// The purpose of the proof: assertionMethod
    #[arg(long, short, value_name = "PURPOSE", hide = true)]
    pub proof_purpose: Option<String>,
}

/// Options of `vc verify`.
#[derive(Debug, Args)]
pub struct VcVerifyArgs {
    /// The credentials: files, folders, or - for standard input
    #[arg(value_name = "FILE|DIR|-")]
    pub files: Vec<String>,
    /// The credential, as an option
    #[arg(long, short, value_name = "FILE", conflicts_with = "files")]
    pub input: Option<String>,
    /// Write the result here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What a harness asks for.
    #[command(flatten)]
    pub harness: Harness,
    /// How DIDs are looked up.
    #[command(flatten)]
    pub lookup: Lookup,
    /// Check as the holder who received it: base proofs of ecdsa-sd-2023 and bbs-2023 count
    #[arg(long)]
    pub as_holder: bool,
    /// Do not ask for the status; the answer says so
    #[arg(long)]
    pub without_status: bool,
    /// DANGER: proofs only: whoever signed, whatever the dates and the status
    #[arg(long)]
    pub danger_proof_only: bool,
    /// Only this verification method, or a method of this DID, may have signed
    #[arg(long, short, value_name = "DID-URL")]
    pub verification_method: Option<String>,
    /// The purpose of the proof: assertionMethod
    #[arg(long, short, value_name = "PURPOSE", hide = true)]
    pub proof_purpose: Option<String>,
}

/// Options of `vc derive`.
#[derive(Debug, Args)]
pub struct VcDeriveArgs {
    /// Files in and out.
    #[command(flatten)]
    pub flow: FileFlow,
    /// A JSON Pointer to disclose (ecdsa-sd-2023, bbs-2023; repeatable)
    #[arg(long = "pointer", value_name = "POINTER")]
    pub pointers: Vec<String>,
    /// A path to disclose of an SD-JWT, such as credentialSubject.name (repeatable)
    #[arg(long = "disclose", value_name = "PATH")]
    pub disclose: Vec<String>,
    /// Text bound into a bbs-2023 proof, such as the verifier's nonce
    #[arg(long, value_name = "TEXT")]
    pub presentation_header: Option<String>,
    /// How DIDs are looked up.
    #[command(flatten)]
    pub lookup: Lookup,
}

/// Options of `vc present`.
#[derive(Debug, Args)]
pub struct VcPresentArgs {
    /// The credentials, or one unsigned presentation; standard input unless named
    #[arg(value_name = "FILE|-")]
    pub files: Vec<String>,
    /// Write the result here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The holder's key: a file (JWK or Multikey), or store:LABEL
    #[arg(long, short, visible_alias = "key-path", value_name = "KEY")]
    pub key: String,
    /// The verification method that the proof names; the key's own did:key unless told
    #[arg(long, short, value_name = "DID-URL")]
    pub verification_method: Option<String>,
    /// The form of the result
    #[arg(long, value_enum, default_value = "ldp-vp", value_name = "FORMAT")]
    pub format: PresentationFormat,
    /// The cryptosuite of Data Integrity; the usual one of the key unless told
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// For whom: the verifier's domain or client identifier
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// For which request: the verifier's challenge or nonce
    #[arg(long, short = 'C', value_name = "CHALLENGE")]
    pub challenge: Option<String>,
    /// The purpose of the proof: authentication
    #[arg(long, short, value_name = "PURPOSE", hide = true)]
    pub proof_purpose: Option<String>,
}

/// Options of `vc verify-presentation`.
#[derive(Debug, Args)]
pub struct VcVerifyPresentationArgs {
    /// Files in and out.
    #[command(flatten)]
    pub flow: FileFlow,
    /// The domain or client identifier that the presentation must be made for
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// The challenge or nonce that the presentation must repeat
    #[arg(long, short = 'C', value_name = "CHALLENGE")]
    pub challenge: Option<String>,
    /// How DIDs are looked up.
    #[command(flatten)]
    pub lookup: Lookup,
    /// Only this verification method, or a method of this DID, may have signed
    #[arg(long, short, value_name = "DID-URL")]
    pub verification_method: Option<String>,
    /// The purpose of the proof: authentication
    #[arg(long, short, value_name = "PURPOSE", hide = true)]
    pub proof_purpose: Option<String>,
}
