// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Versions of DID documents of issuers (never of holders).
/// @notice The state holds one digest per DID; the document itself lies in the event, so every
/// version can be rebuilt from the log when the issuer's web host is gone. Beside it, states of
/// single keys. No owner and no upgrade: nobody can rewrite history. The directory (m of n) can
/// stop writes, for all registries at once; reads never stop.
contract DidDocumentRegistry {
    uint8 private constant ACTIVE = 1;
    uint8 private constant DEACTIVATED = 2;

    uint8 private constant KEY_ACTIVE = 1;
    uint8 private constant KEY_RETIRED = 2;
    uint8 private constant KEY_COMPROMISED = 3;
    uint256 private constant MOST_KEYS = 1024;

    /// Two storage slots, so that a storage proof of a head stays small.
    struct Head {
        address controller; // the chain account that may change the entry
        uint16 version; // 1, 2, 3 …; 0 = never anchored
        uint8 status;
        uint40 changedAt; // Unix seconds of the block of this version
        uint32 changedIn; // its block number, 0 when it does not fit: where to find the event
        bytes32 digest; // SHA-256 of the document bytes
    }

    /// One storage slot. A key without one is in use; once compromised it stays so.
    struct KeyState {
        uint8 status; // 0 never stated, 1 active, 2 retired, 3 compromised
        uint40 since; // what the controller says: in use since, retired at, compromised since
        uint40 retiredAt; // also kept when it is compromised later; 0 = never retired
        uint40 changedAt; // Unix seconds of the block of the newest statement
        uint32 changedIn; // its block number, 0 when it does not fit
        uint16 changes; // statements so far
    }

    mapping(bytes32 => Head) private heads;
    mapping(bytes32 => address) private offered; // who may accept the entry, zero = nobody
    mapping(bytes32 => mapping(bytes32 => KeyState)) private keyStates;
    mapping(bytes32 => bytes32[]) private keysOf; // every key that has a state

    /// The directory that may stop writes; fixed for good.
    address public immutable directory;
    /// Whether writes are stopped, here and in the registries that ask here.
    bool public paused;

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

    /// A statement about one key. `previousBlock` is where the one before it is found, 0 for the first.
    event KeyStateChanged(
        bytes32 indexed didKey, bytes32 indexed key, uint256 indexed change, uint8 status, uint256 since, uint256 previousBlock
    );
    event PausedChanged(bool paused);

    error VersionConflict(uint256 current, uint256 expected);
    error NotController(address controller);
    error IsDeactivated();
    error TooManyVersions();
    error DigestMismatch();
    error ZeroController();
    error Paused();
    error NotDirectory();
    error BadKeyState();
    error BadTime();
    error TooManyKeys();

    constructor(address governing) {
        directory = governing;
    }

    /// @notice Stops or resumes writes; by the directory only.
    function setPaused(bool stop) external {
        if (msg.sender != directory) revert NotDirectory();
        paused = stop;
        emit PausedChanged(stop);
    }

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
        if (paused) revert Paused();
        offered[didKey] = to;
        emit ControllerOffered(didKey, msg.sender, to);
    }

    /// @notice Takes over an entry that was offered to the caller, with the document it then holds.
    function acceptController(bytes32 didKey) external {
        if (offered[didKey] != msg.sender) revert NotController(offered[didKey]);
        if (paused) revert Paused();
        Head storage head = heads[didKey];
        delete offered[didKey];
        emit ControllerChanged(didKey, head.controller, msg.sender);
        head.controller = msg.sender;
    }

    /// @notice States where a key stands. Steps go one way: (nothing or active) → retired →
    /// compromised; once compromised, only `since` may move, and only to an earlier time.
    /// Also for a deactivated DID: its old signatures are still about.
    /// @param key SHA-256 of the verification method's id
    /// @param status 1 active, 2 retired, 3 compromised
    /// @param since the time it names, not after this block
    function setKeyState(bytes32 didKey, bytes32 key, uint8 status, uint40 since) external {
        Head storage head = heads[didKey];
        if (head.version == 0 || head.controller != msg.sender) revert NotController(head.controller);
        if (paused) revert Paused();
        if (since == 0 || since > block.timestamp) revert BadTime();
        KeyState memory state = keyStates[didKey][key];
        if (status == KEY_COMPROMISED) {
            if (state.status == KEY_COMPROMISED && since >= state.since) revert BadTime();
        } else if (status == KEY_RETIRED) {
            if (state.status > KEY_ACTIVE) revert BadKeyState();
            if (since < state.since) revert BadTime();
            state.retiredAt = since;
        } else if (status != KEY_ACTIVE || state.status != 0) {
            revert BadKeyState();
        }
        if (state.changes == 0) {
            if (keysOf[didKey].length == MOST_KEYS) revert TooManyKeys();
            keysOf[didKey].push(key);
        }
        if (state.changes == type(uint16).max) revert TooManyVersions();
        uint256 previousBlock = state.changedIn;
        state.status = status;
        state.since = since;
        state.changedAt = uint40(block.timestamp);
        state.changedIn = block.number <= type(uint32).max ? uint32(block.number) : 0;
        state.changes += 1;
        keyStates[didKey][key] = state;
        emit KeyStateChanged(didKey, key, state.changes, status, since, previousBlock);
    }

    /// @notice The state of one key; all zero when none was stated, which means in use.
    function keyStateOf(bytes32 didKey, bytes32 key) external view returns (KeyState memory) {
        return keyStates[didKey][key];
    }

    /// @notice States of the keys from the `first`-th on, at most `most` of them, and how many there are.
    function keyStatesOf(bytes32 didKey, uint256 first, uint256 most)
        external
        view
        returns (uint256 total, bytes32[] memory keys, KeyState[] memory states)
    {
        bytes32[] storage all = keysOf[didKey];
        total = all.length;
        uint256 count = first >= total ? 0 : total - first;
        if (count > most) count = most;
        keys = new bytes32[](count);
        states = new KeyState[](count);
        for (uint256 i = 0; i < count; i++) {
            keys[i] = all[first + i];
            states[i] = keyStates[didKey][keys[i]];
        }
    }

    /// @notice The account that may write for a DID now, for the other registries: refuses while
    /// writes are stopped, zero when the DID was never anchored.
    function writerOf(bytes32 didKey) external view returns (address) {
        if (paused) revert Paused();
        return heads[didKey].controller;
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
        if (paused) revert Paused();
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
