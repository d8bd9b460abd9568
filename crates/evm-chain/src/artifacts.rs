//! The compiled contracts, checked in. `contracts/README.md` tells how they were made and how to
//! make them again; a test does, wherever node and the pinned compiler are at hand.

/// One compiled contract.
#[derive(Debug, Clone, Copy)]
pub struct Artifact {
    /// The contract's name.
    pub name: &'static str,
    /// Its Solidity source.
    pub source: &'static str,
    /// JSON with `abi`, `bytecode`, `deployedBytecode` (`0x…`) and `immutables` (`[{start,length}]`
    /// in bytes: places of the deployed code that the constructor fills in).
    pub json: &'static str,
    /// SHA-256 of `json`, lower-case hexadecimal.
    pub sha256: &'static str,
}

/// Versions of DID documents of issuers.
pub const DID_DOCUMENT_REGISTRY: Artifact = Artifact {
    name: "DidDocumentRegistry",
    source: include_str!("../contracts/DidDocumentRegistry.sol"),
    json: include_str!("../contracts/artifacts/DidDocumentRegistry.json"),
    sha256: "584d312dc24c596d156ceb303cee0d064f7c921f7446a2fece116be24bf0345f",
};

/// One head per issuer and epoch.
pub const STATUS_REGISTRY: Artifact = Artifact {
    name: "StatusRegistry",
    source: include_str!("../contracts/StatusRegistry.sol"),
    json: include_str!("../contracts/artifacts/StatusRegistry.json"),
    sha256: "1e72a8f20c02391f032faff5f7c42d977ab8e0ebbc8ada137d3855a9d989221f",
};

/// Every contract of this crate.
pub const ALL: [Artifact; 2] = [DID_DOCUMENT_REGISTRY, STATUS_REGISTRY];

/// The checked-in digest table, as `sha256sum` writes it.
pub const SHA256SUMS: &str = include_str!("../contracts/artifacts/SHA256SUMS");
