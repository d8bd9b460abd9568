//! Options of `wallet did`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::keys::{DidMethod, KeyForm, KeyType};

/// What to do with DIDs and keys.
#[derive(Debug, Subcommand)]
pub enum DidCommand {
    /// Make a new key: in a file of its owner, or in the wallet's key store
    Keygen(KeygenArgs),
    /// Print the DID of a key
    #[command(visible_alias = "key-to-did")]
    FromKey(FromKeyArgs),
    /// Print the verification method of a key
    #[command(visible_alias = "key-to-verification-method")]
    VerificationMethod(FromKeyArgs),
    /// Print the document of a DID
    Resolve(ResolveArgs),
}

/// Options of `did keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// The kind of key
    #[arg(long = "type", value_enum, default_value = "ed25519", value_name = "TYPE")]
    pub kind: KeyType,
    /// Write the private key into this new file, readable by its owner only
    #[arg(long, short, value_name = "FILE", required_unless_present_any = ["store", "danger_print_private_key"])]
    pub output: Option<PathBuf>,
    /// Keep the private key in the wallet's key store under this label
    #[arg(long, value_name = "LABEL", conflicts_with = "output")]
    pub store: Option<String>,
    /// How the file is written; bls12-381 keys are Multikeys unless told otherwise
    #[arg(long, value_enum, value_name = "FORM", conflicts_with = "store")]
    pub form: Option<KeyForm>,
    /// DANGER: print the private key on standard output
    #[arg(long, conflicts_with_all = ["output", "store"])]
    pub danger_print_private_key: bool,
}

/// Options of `did from-key` and `did verification-method`.
#[derive(Debug, Args)]
pub struct FromKeyArgs {
    /// The DID method
    #[arg(long, value_enum, default_value = "key", value_name = "METHOD")]
    pub method: DidMethod,
    /// The key: a file (JWK or Multikey), - for standard input, or store:LABEL
    #[arg(long, short, visible_alias = "key-path", value_name = "KEY")]
    pub key: String,
}

/// Options of `did resolve`.
#[derive(Debug, Args)]
pub struct ResolveArgs {
    /// The DID, or a DID URL
    pub did: String,
    /// Ask the network: did:web needs it
    #[arg(long)]
    pub network: bool,
    /// Print metadata beside the document
    #[arg(long, short = 'm')]
    pub with_metadata: bool,
}
