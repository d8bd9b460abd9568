//! The verbs of didkit's command line, so that scripts written for it need their first word changed. They are the
//! commands of `wallet did` and `wallet vc` under other names, and are left out of the help.
//!
//! One thing is not as there: a private key is printed only when a danger is named.

use clap::{Args, Subcommand};

use super::did::{KeygenArgs, ResolveArgs};
use super::vc::{VcIssueArgs, VcPresentArgs, VcVerifyArgs, VcVerifyPresentationArgs};
use crate::keys::DidMethod;

/// didkit's verbs.
#[derive(Debug, Subcommand)]
pub enum DidkitCommand {
    /// wallet did keygen
    #[command(name = "generate-ed25519-key", hide = true)]
    GenerateEd25519Key(KeygenArgs),
    /// wallet did from-key
    #[command(name = "key-to-did", hide = true)]
    KeyToDid(DidkitKeyArgs),
    /// wallet did verification-method
    #[command(name = "key-to-verification-method", hide = true)]
    KeyToVerificationMethod(DidkitKeyArgs),
    /// wallet did resolve
    #[command(name = "did-resolve", hide = true)]
    DidResolve(ResolveArgs),
    /// wallet vc issue
    #[command(name = "vc-issue-credential", hide = true)]
    IssueCredential(Box<VcIssueArgs>),
    /// wallet vc verify
    #[command(name = "vc-verify-credential", hide = true)]
    VerifyCredential(Box<VcVerifyArgs>),
    /// wallet vc present
    #[command(name = "vc-issue-presentation", hide = true)]
    IssuePresentation(Box<VcPresentArgs>),
    /// wallet vc verify-presentation
    #[command(name = "vc-verify-presentation", hide = true)]
    VerifyPresentation(Box<VcVerifyPresentationArgs>),
}

/// `didkit key-to-did METHOD -k FILE`.
#[derive(Debug, Args)]
pub struct DidkitKeyArgs {
    /// The DID method
    #[arg(value_enum, default_value = "key")]
    pub method: DidMethod,
    /// The key file
    #[arg(long = "key-path", short = 'k', value_name = "KEY")]
    pub key: String,
}
