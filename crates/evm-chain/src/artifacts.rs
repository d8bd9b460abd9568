//! The compiled contracts, checked in. `contracts/README.md` tells how they were made and how to
//! make them again; a test does, wherever node and the pinned compiler are at hand.

/// One compiled contract.
#[derive(Debug, Clone, Copy)]
pub struct Artifact {
    /// The contract's name.
    pub name: &'static str,
    /// Its Solidity source.
    pub source: &'static str,
    /// JSON with `abi`, `bytecode`, `deployedBytecode` (`0x…`) and `immutables`
    /// (`[{variable,start,length}]` in bytes: places of the deployed code that the constructor fills
    /// in, `variable` counting immutables in the order of their declaration).
    pub json: &'static str,
    /// SHA-256 of `json`, lower-case hexadecimal.
    pub sha256: &'static str,
}

/// Versions of DID documents of issuers.
pub const DID_DOCUMENT_REGISTRY: Artifact = Artifact {
    name: "DidDocumentRegistry",
    source: include_str!("../contracts/DidDocumentRegistry.sol"),
    json: include_str!("../contracts/artifacts/DidDocumentRegistry.json"),
    sha256: "08659df0e11c784965c2c3dc5cd58f4ae69caeffc7ca90ed0d92b1adf47704e7",
};

/// One head per issuer and epoch.
pub const STATUS_REGISTRY: Artifact = Artifact {
    name: "StatusRegistry",
    source: include_str!("../contracts/StatusRegistry.sol"),
    json: include_str!("../contracts/artifacts/StatusRegistry.json"),
    sha256: "1ea8e4eee17205b69724b13eb3bb835050268817e9bd061c58b2da7901b962e4",
};

/// Who may issue what, by whose authority.
pub const ACCREDITATION_REGISTRY: Artifact = Artifact {
    name: "AccreditationRegistry",
    source: include_str!("../contracts/AccreditationRegistry.sol"),
    json: include_str!("../contracts/artifacts/AccreditationRegistry.json"),
    sha256: "388c063a6969fe0d8b39437d0225c778f2979b595234f90d678106f36d33b1f4",
};

/// Who governs the contracts: m of n, after a delay.
pub const DIRECTORY: Artifact = Artifact {
    name: "Directory",
    source: include_str!("../contracts/Directory.sol"),
    json: include_str!("../contracts/artifacts/Directory.json"),
    sha256: "005156b92eae7fda2c929a19987f25f195417130bc801370059f1f91024f352f",
};

/// Every contract of this crate.
pub const ALL: [Artifact; 4] =
    [DID_DOCUMENT_REGISTRY, STATUS_REGISTRY, ACCREDITATION_REGISTRY, DIRECTORY];

/// The checked-in digest table, as `sha256sum` writes it.
pub const SHA256SUMS: &str = include_str!("../contracts/artifacts/SHA256SUMS");
