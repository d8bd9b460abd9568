// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IWriters {
    function writerOf(bytes32 didKey) external view returns (address);
}

/// @title Who may issue which credentials, by whose authority. Institutions only, never people.
/// @notice Records form trees. Roots are set by the directory, everything below by whoever
/// controls the DID of the record above. A child never covers more types, lives longer or lies
/// deeper than its parent allows. Records and their history are only ever added to.
contract AccreditationRegistry {
    uint8 public constant ISSUE = 1; // may issue
    uint8 public constant ACCREDIT = 2; // may accredit others
    uint8 public constant TYPE_SET = 4; // `scope` is the root of a type set, not one type

    uint8 private constant ACTIVE = 1;
    uint8 private constant SUSPENDED = 2;
    uint8 private constant REVOKED = 3;

    uint256 private constant DEEPEST = 8;
    uint256 private constant MOST_TYPES = 64;
    uint256 private constant MOST_RECORDS = 64; // of one subject
    uint256 private constant MOST_CHANGES = 64; // of one record; a revocation always fits

    /// What `authorised` answers; lower is better.
    enum Answer {
        Accredited,
        Suspended,
        Revoked,
        OutOfPeriod,
        NotAccredited
    }

    /// Five storage slots.
    struct Record {
        bytes32 parent; // 0 = a root
        bytes32 subject; // keccak256 of the DID
        bytes32 scope; // SHA-256 of the type, or the root of a type set
        bytes32 evidence; // SHA-256 of the written accreditation
        uint40 from; // Unix seconds, inclusive
        uint40 until; // exclusive
        uint8 flags;
        uint8 depth; // 1 = a root; 0 = no such record
        uint40 recordedAt;
        uint32 recordedIn; // block number, 0 when it does not fit
    }

    /// Two storage slots.
    struct Change {
        uint8 status;
        uint40 from;
        uint40 until; // end of a suspension, 0 = open
        uint40 recordedAt;
        bytes32 reason; // SHA-256 of the written reason
    }

    IWriters public immutable didRegistry;
    address public immutable directory;

    mapping(bytes32 => Record) private records;
    mapping(bytes32 => Change[]) private changes;
    mapping(bytes32 => bytes32[]) private recordsOf; // by subject
    mapping(bytes32 => bytes32[]) private typeSets; // by root

    event TypeSetDefined(bytes32 indexed root, bytes32[] types);
    event Accredited(bytes32 indexed id, bytes32 indexed parent, bytes32 indexed subject, Record record, bytes statement);
    event AccreditationChanged(
        bytes32 indexed id, uint256 indexed change, uint8 status, uint256 from, uint256 until, bytes32 reason, bytes statement
    );

    error NotController(address controller);
    error NotDirectory();
    error UnknownRecord();
    error IndexConflict(uint256 current, uint256 expected);
    error Widens();
    error ParentNotInForce();
    error TooDeep();
    error BadPeriod();
    error BadFlags();
    error BadTypes();
    error BadChange();
    error TooMany();
    error DigestMismatch();

    constructor(IWriters registry, address governing) {
        didRegistry = registry;
        directory = governing;
    }

    /// @notice Makes a set of types usable as a scope. Anyone may: its name is its content.
    /// @param types SHA-256 of each type, ascending, each once
    function defineTypeSet(bytes32[] calldata types) external returns (bytes32 root) {
        if (types.length == 0 || types.length > MOST_TYPES) revert BadTypes();
        for (uint256 i = 1; i < types.length; i++) if (types[i] <= types[i - 1]) revert BadTypes();
        didRegistry.writerOf(0); // refuses while writes are stopped
        root = sha256(abi.encodePacked(types));
        if (typeSets[root].length == 0) {
            typeSets[root] = types;
            emit TypeSetDefined(root, types);
        }
    }

    /// What is asked for in a new record.
    struct Grant {
        bytes32 subject;
        uint256 index; // how many records the subject has: compare-and-set
        bytes32 scope;
        uint40 from;
        uint40 until;
        uint8 flags;
        bytes32 evidence;
    }

    /// @notice Sets a root; by the directory only.
    function setRoot(Grant calldata grant, bytes calldata statement) external returns (bytes32) {
        if (msg.sender != directory) revert NotDirectory();
        return add(grant, 0, 1, statement);
    }

    /// @notice Accredits `grant.subject` under `parent`; by the controller of the parent's subject.
    function accredit(bytes32 parent, Grant calldata grant, bytes calldata statement) external returns (bytes32) {
        Record memory above = records[parent];
        if (above.depth == 0) revert UnknownRecord();
        onlyFor(above.subject);
        if (above.depth == DEEPEST) revert TooDeep();
        if (above.flags & ACCREDIT == 0 || grant.from < above.from || grant.until > above.until) revert Widens();
        if (!within(grant.scope, grant.flags & TYPE_SET != 0, above.scope, above.flags & TYPE_SET != 0)) revert Widens();
        Answer now_ = chainAt(parent, block.timestamp);
        if (now_ != Answer.Accredited) revert ParentNotInForce();
        return add(grant, parent, above.depth + 1, statement);
    }

    /// @notice Adds to a record's history: by who gave it, or the directory (a root: the directory only).
    /// A suspension or revocation may reach back (not before the record begins); a reinstatement may not:
    /// what was suspended stays suspended for the days it was.
    /// @param index changes so far: compare-and-set
    function change(
        bytes32 id,
        uint256 index,
        uint8 status,
        uint40 from,
        uint40 until,
        bytes32 reason,
        bytes calldata statement
    ) external {
        Record memory record = records[id];
        if (record.depth == 0) revert UnknownRecord();
        if (msg.sender != directory) {
            if (record.depth == 1) revert NotDirectory();
            onlyFor(records[record.parent].subject);
        } else {
            didRegistry.writerOf(0);
        }
        Change[] storage history = changes[id];
        uint256 count = history.length;
        if (index != count) revert IndexConflict(count, index);
        if (statement.length != 0 && sha256(statement) != reason) revert DigestMismatch();
        uint8 before = count == 0 ? ACTIVE : history[count - 1].status;
        if (before == REVOKED) {
            // Only a revocation that begins earlier.
            if (status != REVOKED || from >= history[count - 1].from) revert BadChange();
        }
        if (status == ACTIVE) {
            if (before != SUSPENDED || from < block.timestamp || until != 0) revert BadChange();
            Answer above = record.parent == 0 ? Answer.Accredited : chainAt(record.parent, block.timestamp);
            if (above != Answer.Accredited) revert ParentNotInForce();
        } else if (status == SUSPENDED) {
            if (until != 0 && until <= from) revert BadPeriod();
        } else if (status != REVOKED || until != 0) {
            revert BadChange();
        }
        if (from < record.from) revert BadPeriod();
        if (count >= MOST_CHANGES && (status != REVOKED || count >= 2 * MOST_CHANGES)) revert TooMany();
        history.push(Change(status, from, until, uint40(block.timestamp), reason));
        emit AccreditationChanged(id, count, status, from, until, reason, statement);
    }

    /// @notice Whether `issuer` could issue credentials of a type at a time, and by which record;
    /// the best answer of all its records.
    function authorised(bytes32 issuer, bytes32 typeHash, uint256 time) external view returns (Answer best, bytes32 id) {
        best = Answer.NotAccredited;
        bytes32[] storage ids = recordsOf[issuer];
        for (uint256 i = 0; i < ids.length; i++) {
            Record storage record = records[ids[i]];
            if (record.flags & ISSUE == 0 || !covers(record.scope, record.flags & TYPE_SET != 0, typeHash)) continue;
            Answer answer = chainAt(ids[i], time);
            if (answer < best) (best, id) = (answer, ids[i]);
        }
    }

    /// @notice A record; depth 0 when there is none.
    function recordOf(bytes32 id) external view returns (Record memory) {
        return records[id];
    }

    /// @notice Ids of a subject's records, oldest first.
    function idsOf(bytes32 subject) external view returns (bytes32[] memory) {
        return recordsOf[subject];
    }

    /// @notice A record's history, oldest first.
    function historyOf(bytes32 id) external view returns (Change[] memory) {
        return changes[id];
    }

    /// @notice The types of a set; none when it was never defined.
    function typesOf(bytes32 root) external view returns (bytes32[] memory) {
        return typeSets[root];
    }

    /// @notice Where one record stood at a time, by all that is known now: 1 active, 2 suspended, 3 revoked.
    function statusAt(bytes32 id, uint256 time) public view returns (uint8) {
        Change[] storage history = changes[id];
        for (uint256 i = history.length; i > 0; i--) {
            Change memory entry = history[i - 1];
            if (time < entry.from) continue;
            if (entry.status == SUSPENDED && entry.until != 0 && time >= entry.until) continue;
            return entry.status;
        }
        return ACTIVE;
    }

    /// The worst answer from a record up to its root. Scope and rights of the records above were
    /// checked when each was added and never change.
    function chainAt(bytes32 id, uint256 time) private view returns (Answer worst) {
        while (true) {
            Record storage record = records[id];
            Answer one = Answer.OutOfPeriod;
            if (time >= record.from && time < record.until) one = Answer(statusAt(id, time) - 1);
            if (one > worst) worst = one;
            if (record.parent == 0) return worst;
            id = record.parent;
        }
    }

    function add(Grant calldata grant, bytes32 parent, uint8 depth, bytes calldata statement) private returns (bytes32 id) {
        didRegistry.writerOf(0);
        bytes32[] storage ids = recordsOf[grant.subject];
        if (grant.index != ids.length) revert IndexConflict(ids.length, grant.index);
        if (ids.length == MOST_RECORDS) revert TooMany();
        if (grant.until <= grant.from) revert BadPeriod();
        if (grant.flags & (ISSUE | ACCREDIT) == 0 || grant.flags > 7) revert BadFlags();
        if (grant.flags & TYPE_SET != 0 && typeSets[grant.scope].length == 0) revert BadTypes();
        if (statement.length != 0 && sha256(statement) != grant.evidence) revert DigestMismatch();
        id = keccak256(abi.encode(grant.subject, grant.index));
        Record memory record = Record({
            parent: parent,
            subject: grant.subject,
            scope: grant.scope,
            evidence: grant.evidence,
            from: grant.from,
            until: grant.until,
            flags: grant.flags,
            depth: depth,
            recordedAt: uint40(block.timestamp),
            recordedIn: block.number <= type(uint32).max ? uint32(block.number) : 0
        });
        records[id] = record;
        ids.push(id);
        emit Accredited(id, parent, grant.subject, record, statement);
    }

    function onlyFor(bytes32 subject) private view {
        address controller = didRegistry.writerOf(subject);
        if (controller == address(0) || controller != msg.sender) revert NotController(controller);
    }

    function within(bytes32 inner, bool innerIsSet, bytes32 outer, bool outerIsSet) private view returns (bool) {
        if (!innerIsSet) return covers(outer, outerIsSet, inner);
        if (outerIsSet && inner == outer) return true;
        bytes32[] storage types = typeSets[inner];
        for (uint256 i = 0; i < types.length; i++) if (!covers(outer, outerIsSet, types[i])) return false;
        return types.length != 0;
    }

    function covers(bytes32 scope, bool isSet, bytes32 typeHash) private view returns (bool) {
        if (!isSet) return scope == typeHash;
        bytes32[] storage types = typeSets[scope];
        (uint256 low, uint256 high) = (0, types.length);
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (types[middle] == typeHash) return true;
            if (types[middle] < typeHash) low = middle + 1;
            else high = middle;
        }
        return false;
    }
}
