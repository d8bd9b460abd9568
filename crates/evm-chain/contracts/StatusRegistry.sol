// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IWriters {
    function writerOf(bytes32 didKey) external view returns (address);
}

/// @title One head per issuer: a root over all its status lists, a root over what it issued.
/// @notice An epoch costs the same for ten credentials and ten million, and says nothing about
/// any of them. Heads only go forward, one epoch at a time. An epoch with the roots of the one
/// before is the heartbeat: it says that nothing changed and renews `validUntil`.
contract StatusRegistry {
    /// Three storage slots; a storage proof of either root needs two of them.
    struct Head {
        bytes32 statusRoot; // RFC 6962 root over all the issuer's status lists
        bytes32 issuanceRoot; // RFC 6962 root over the salted leaves of this epoch's credentials
        uint48 epoch; // 1, 2, 3 … ; 0 = never anchored
        uint40 time; // Unix seconds of the block of this epoch
        uint40 validUntil; // the issuer stands by this head until then
        uint64 count; // status leaves = tree size
        uint32 changedIn; // block number of this epoch, 0 when it does not fit
    }

    /// Who controls a DID, and whether writes are stopped, is asked there first; only an issuer unknown there is bound here.
    IWriters public immutable didRegistry;

    mapping(bytes32 => Head) private heads;
    mapping(bytes32 => address) private firstWriter;

    /// `prevRoot` makes the epochs a hash chain. `facts` packs, from the low end: validUntil (40
    /// bits), time (40), block of the epoch before (32, 0 = none: lets a reader walk backwards
    /// without searching), count (64). Packed because four words in place of eight save 1,000 gas.
    event EpochAnchored(
        bytes32 indexed issuerKey,
        uint256 indexed epoch,
        bytes32 statusRoot,
        bytes32 issuanceRoot,
        bytes32 prevRoot,
        uint256 facts
    );
    /// Optional bytes of the issuer, in the same block as the epoch; they mean nothing to this contract.
    event EpochDelta(bytes32 indexed issuerKey, uint256 indexed epoch, bytes delta);

    error EpochConflict(uint256 current, uint256 wanted);
    error NotController(address controller);
    error BadValidity();

    constructor(IWriters registry) {
        didRegistry = registry;
    }

    /// @notice Anchors the next epoch of an issuer.
    /// @param issuerKey keccak256 of the issuer DID's UTF-8 bytes
    /// @param epoch must be the current one plus one: compare-and-set
    function anchor(
        bytes32 issuerKey,
        uint48 epoch,
        bytes32 statusRoot,
        bytes32 issuanceRoot,
        uint40 validUntil,
        uint64 count,
        bytes calldata delta
    ) external {
        authorise(issuerKey);
        Head storage head = heads[issuerKey];
        uint256 current = head.epoch;
        if (epoch != current + 1) revert EpochConflict(current, epoch);
        if (validUntil < block.timestamp) revert BadValidity();
        bytes32 prevRoot = head.statusRoot;
        uint256 previousBlock = head.changedIn;
        // One write per slot: assigning the fields one by one reads and writes the third slot five times.
        heads[issuerKey] = Head({
            statusRoot: statusRoot,
            issuanceRoot: issuanceRoot,
            epoch: epoch,
            time: uint40(block.timestamp),
            validUntil: validUntil,
            count: count,
            changedIn: block.number <= type(uint32).max ? uint32(block.number) : 0
        });
        uint256 facts = uint256(validUntil) | (block.timestamp << 40) | (previousBlock << 80) | (uint256(count) << 112);
        emit EpochAnchored(issuerKey, epoch, statusRoot, issuanceRoot, prevRoot, facts);
        if (delta.length != 0) emit EpochDelta(issuerKey, epoch, delta);
    }

    /// @notice The newest epoch; all zero when the issuer never anchored.
    function headOf(bytes32 issuerKey) external view returns (Head memory) {
        return heads[issuerKey];
    }

    function authorise(bytes32 issuerKey) private {
        address controller = didRegistry.writerOf(issuerKey);
        if (controller == address(0)) {
            controller = firstWriter[issuerKey];
            if (controller == address(0)) {
                firstWriter[issuerKey] = msg.sender;
                return;
            }
        }
        if (controller != msg.sender) revert NotController(controller);
    }
}
