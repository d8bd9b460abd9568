// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Versions of DID documents of issuers (never of holders).
/// @notice The state holds one digest per DID; the document itself lies in the event, so every
/// version can be rebuilt from the log when the issuer's web host is gone. No owner, no upgrade,
/// no pause: nobody can rewrite history.
contract DidDocumentRegistry {
    uint8 private constant ACTIVE = 1;
    uint8 private constant DEACTIVATED = 2;

    /// Two storage slots, so that a storage proof of a head stays small. Values 3 and up of
    /// `status` are left free; states of single keys get a mapping of their own (they are added,
    /// never changed into this one).
    struct Head {
        address controller; // the chain account that may change the entry
        uint16 version; // 1, 2, 3 …; 0 = never anchored
        uint8 status;
        uint40 changedAt; // Unix seconds of the block of this version
        uint32 changedIn; // its block number, 0 when it does not fit: where to find the event
        bytes32 digest; // SHA-256 of the document bytes
    }

    mapping(bytes32 => Head) private heads;
    mapping(bytes32 => address) private offered; // who may accept the entry, zero = nobody

    /// `previousBlock` chains the events backwards: older versions are found without a log walk.
    event DidDocumentChanged(
        bytes32 indexed didKey,
        uint256 indexed version,
        uint8 status,
        bytes32 digest,
        bytes32 previousDigest,
        uint256 previousBlock,
        bytes document
    );
    event ControllerOffered(bytes32 indexed didKey, address indexed from, address indexed to);
    event ControllerChanged(bytes32 indexed didKey, address indexed from, address indexed to);

    error VersionConflict(uint256 current, uint256 expected);
    error NotController(address controller);
    error IsDeactivated();
    error TooManyVersions();
    error DigestMismatch();
    error ZeroController();

    /// @notice Anchors the next version. The first one binds the sender as controller.
    /// @param didKey keccak256 of the DID's UTF-8 bytes
    /// @param expectedVersion the version the sender saw (0 when there was none): compare-and-set
    /// @param digest SHA-256 of the document
    /// @param document its bytes (JCS), or nothing when only the digest shall be public
    function publish(bytes32 didKey, uint256 expectedVersion, bytes32 digest, bytes calldata document) external {
        if (document.length != 0 && sha256(document) != digest) revert DigestMismatch();
        change(didKey, expectedVersion, ACTIVE, digest, document);
    }

    /// @notice Switches the DID off for good. It counts as a version; the last digest stays readable.
    function deactivate(bytes32 didKey, uint256 expectedVersion) external {
        if (heads[didKey].version == 0) revert VersionConflict(0, expectedVersion);
        change(didKey, expectedVersion, DEACTIVATED, heads[didKey].digest, "");
    }

    /// @notice Offers the entry to another chain account, which has to accept it.
    /// Two steps, because verifiers pin accounts: whoever could push an entry onto a pinned account
    /// would have their document taken for its own.
    function offerController(bytes32 didKey, address to) external {
        Head storage head = heads[didKey];
        if (head.controller != msg.sender) revert NotController(head.controller);
        if (to == address(0)) revert ZeroController();
        offered[didKey] = to;
        emit ControllerOffered(didKey, msg.sender, to);
    }

    /// @notice Takes over an entry that was offered to the caller, with the document it then holds.
    function acceptController(bytes32 didKey) external {
        if (offered[didKey] != msg.sender) revert NotController(offered[didKey]);
        Head storage head = heads[didKey];
        delete offered[didKey];
        emit ControllerChanged(didKey, head.controller, msg.sender);
        head.controller = msg.sender;
    }

    /// @notice The newest version; all zero when the DID was never anchored.
    function headOf(bytes32 didKey) external view returns (Head memory) {
        return heads[didKey];
    }

    /// @notice The controlling account, zero when the DID was never anchored.
    function controllerOf(bytes32 didKey) external view returns (address) {
        return heads[didKey].controller;
    }

    function change(bytes32 didKey, uint256 expectedVersion, uint8 status, bytes32 digest, bytes memory document) private {
        Head memory head = heads[didKey];
        if (head.version != 0 && head.controller != msg.sender) revert NotController(head.controller);
        if (head.version != expectedVersion) revert VersionConflict(head.version, expectedVersion);
        if (head.status == DEACTIVATED) revert IsDeactivated();
        if (head.version == type(uint16).max) revert TooManyVersions();
        bytes32 previousDigest = head.digest;
        uint256 previousBlock = head.changedIn;
        head.controller = msg.sender;
        head.version += 1;
        head.status = status;
        head.changedAt = uint40(block.timestamp);
        head.changedIn = block.number <= type(uint32).max ? uint32(block.number) : 0;
        head.digest = digest;
        heads[didKey] = head;
        emit DidDocumentChanged(didKey, head.version, status, digest, previousDigest, previousBlock, document);
    }
}
