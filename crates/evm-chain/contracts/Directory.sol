// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IDirected {
    function directory() external view returns (address);
    function didRegistry() external view returns (address);
}

interface IPausable {
    function paused() external view returns (bool);
    function setPaused(bool stop) external;
}

/// @title Who governs the contracts: m of n operators, after a delay, in the open.
/// @notice No account can do anything alone, and nothing here can change what the registries
/// already hold: the directory names contracts, validators and roots of accreditation, and may
/// stop writes. The code of every contract is immutable; a new set is a new directory entry that
/// verifiers choose to follow.
contract Directory {
    uint256 private constant MOST_OPERATORS = 32;
    uint256 private constant LONGEST_DELAY = 90 days;
    /// A proposal that was not executed by then is dead.
    uint256 private constant LIFE = 180 days;

    struct Set {
        address didRegistry;
        address statusRegistry;
        address accreditationRegistry;
    }

    struct Proposal {
        uint40 proposedAt; // 0 = unknown
        uint40 passedAt; // when it had enough approvals, 0 = not yet
        bool executed;
        mapping(address => bool) approved;
    }

    address[] private operators;
    uint8 public threshold;
    uint32 public delay; // seconds
    bool public isSealed;
    uint64 public revision; // grows with every change
    bytes32 public validatorsDigest; // SHA-256 of the addresses, ascending, 20 bytes each
    Set private set;
    address private immutable deployer;
    mapping(bytes32 => Proposal) private proposals;

    event ContractsNamed(uint256 indexed revision, Set set, Set previous);
    event ValidatorsNamed(uint256 indexed revision, bytes32 digest, bytes32 previousDigest, address[] validators);
    event OperatorsChanged(uint256 indexed revision, address[] operators, uint8 threshold, uint32 delay);
    event Proposed(bytes32 indexed id, address indexed by, address target, bytes call, bytes32 salt);
    event Approved(bytes32 indexed id, address indexed by, uint256 approvals);
    event Withdrawn(bytes32 indexed id, address indexed by);
    event Executed(bytes32 indexed id, address indexed by);

    error NotOperator();
    error NotByProposal();
    error BadOperators();
    error BadSet();
    error BadTarget();
    error BadValidators();
    error AlreadySealed();
    error AlreadyProposed();
    error UnknownProposal();
    error AlreadyExecuted();
    error AlreadyApproved();
    error NotApproved();
    error TooEarly(uint256 readyAt);
    error Expired();
    error CallFailed(bytes reason);

    modifier onlyOperator() {
        if (!isOperator(msg.sender)) revert NotOperator();
        _;
    }

    modifier byProposal() {
        if (msg.sender != address(this)) revert NotByProposal();
        _;
    }

    constructor(address[] memory first, uint8 needed, uint32 wait) {
        deployer = msg.sender;
        govern(first, needed, wait);
    }

    /// @notice Names the first set, once, by the account that deployed it. Each contract must
    /// name this directory already, so nothing foreign can be slipped in.
    function initialise(Set calldata first) external {
        if (msg.sender != deployer) revert NotOperator();
        if (isSealed) revert AlreadySealed();
        isSealed = true;
        name(first);
    }

    /// @notice Puts a call to the directory itself or a contract of the set before the operators;
    /// the proposer approves it by this.
    /// @param salt tells proposals of the same call apart
    function propose(address target, bytes calldata call, bytes32 salt) external onlyOperator returns (bytes32 id) {
        if (target != address(this) && target != set.didRegistry && target != set.accreditationRegistry) revert BadTarget();
        id = keccak256(abi.encode(target, call, salt));
        if (proposals[id].proposedAt != 0) revert AlreadyProposed();
        proposals[id].proposedAt = uint40(block.timestamp);
        emit Proposed(id, msg.sender, target, call, salt);
        agree(id);
    }

    function approve(bytes32 id) external onlyOperator {
        open(id);
        if (proposals[id].approved[msg.sender]) revert AlreadyApproved();
        agree(id);
    }

    /// @notice Takes an approval back; when too few are left, the delay starts anew later.
    function withdraw(bytes32 id) external onlyOperator {
        Proposal storage proposal = open(id);
        if (!proposal.approved[msg.sender]) revert NotApproved();
        proposal.approved[msg.sender] = false;
        if (approvals(proposal) < threshold) proposal.passedAt = 0;
        emit Withdrawn(id, msg.sender);
    }

    /// @notice Makes the call. Stopping writes needs no delay; everything else waits.
    function execute(address target, bytes calldata call, bytes32 salt) external onlyOperator {
        bytes32 id = keccak256(abi.encode(target, call, salt));
        Proposal storage proposal = open(id);
        // Counted now: who is no operator any more has no say.
        if (proposal.passedAt == 0 || approvals(proposal) < threshold) revert NotApproved();
        uint256 ready = uint256(proposal.passedAt) + (isPause(call) ? 0 : delay);
        if (block.timestamp < ready) revert TooEarly(ready);
        proposal.executed = true;
        emit Executed(id, msg.sender);
        (bool good, bytes memory reason) = target.call(call);
        if (!good) revert CallFailed(reason);
    }

    /// @notice Names another set; entries of the old one stay where they are, readable.
    function setContracts(Set calldata next) external byProposal {
        name(next);
    }

    /// @notice Names the chain's validators, for checkers of commit seals. Ascending, each once.
    function setValidators(address[] calldata validators) external byProposal {
        if (validators.length > 256) revert BadValidators();
        bytes memory packed;
        for (uint256 i = 0; i < validators.length; i++) {
            if (i != 0 && validators[i] <= validators[i - 1]) revert BadValidators();
            packed = bytes.concat(packed, bytes20(validators[i]));
        }
        bytes32 previous = validatorsDigest;
        validatorsDigest = sha256(packed);
        revision += 1;
        emit ValidatorsNamed(revision, validatorsDigest, previous, validators);
    }

    /// @notice Replaces operators, threshold and delay together, so that no state between exists.
    function setOperators(address[] calldata next, uint8 needed, uint32 wait) external byProposal {
        govern(next, needed, wait);
    }

    function isOperator(address account) public view returns (bool) {
        for (uint256 i = 0; i < operators.length; i++) if (operators[i] == account) return true;
        return false;
    }

    /// @notice Whether writes to the registries are stopped.
    function paused() public view returns (bool) {
        return set.didRegistry != address(0) && IPausable(set.didRegistry).paused();
    }

    /// @notice Everything at once.
    function state()
        external
        view
        returns (
            address[] memory operators_,
            uint8 threshold_,
            uint32 delay_,
            bool paused_,
            bool sealed_,
            Set memory set_,
            bytes32 validatorsDigest_,
            uint64 revision_
        )
    {
        return (operators, threshold, delay, paused(), isSealed, set, validatorsDigest, revision);
    }

    /// @notice Where a proposal stands; `readyAt` is 0 as long as approvals are missing.
    function proposalOf(bytes32 id)
        external
        view
        returns (uint256 proposedAt, uint256 approvals_, uint256 passedAt, bool executed)
    {
        Proposal storage proposal = proposals[id];
        return (proposal.proposedAt, approvals(proposal), proposal.passedAt, proposal.executed);
    }

    function agree(bytes32 id) private {
        Proposal storage proposal = proposals[id];
        proposal.approved[msg.sender] = true;
        uint256 count = approvals(proposal);
        if (count >= threshold && proposal.passedAt == 0) proposal.passedAt = uint40(block.timestamp);
        emit Approved(id, msg.sender, count);
    }

    function open(bytes32 id) private view returns (Proposal storage proposal) {
        proposal = proposals[id];
        if (proposal.proposedAt == 0) revert UnknownProposal();
        if (proposal.executed) revert AlreadyExecuted();
        if (block.timestamp > uint256(proposal.proposedAt) + LIFE) revert Expired();
    }

    function approvals(Proposal storage proposal) private view returns (uint256 count) {
        for (uint256 i = 0; i < operators.length; i++) if (proposal.approved[operators[i]]) count++;
    }

    function isPause(bytes calldata call) private pure returns (bool) {
        return keccak256(call) == keccak256(abi.encodeCall(IPausable.setPaused, (true)));
    }

    function name(Set calldata next) private {
        if (
            IDirected(next.didRegistry).directory() != address(this)
                || IDirected(next.accreditationRegistry).directory() != address(this)
                || IDirected(next.accreditationRegistry).didRegistry() != next.didRegistry
                || IDirected(next.statusRegistry).didRegistry() != next.didRegistry
        ) revert BadSet();
        Set memory previous = set;
        set = next;
        revision += 1;
        emit ContractsNamed(revision, next, previous);
    }

    function govern(address[] memory next, uint8 needed, uint32 wait) private {
        if (next.length == 0 || next.length > MOST_OPERATORS || needed == 0 || needed > next.length || wait > LONGEST_DELAY) {
            revert BadOperators();
        }
        for (uint256 i = 0; i < next.length; i++) {
            if (next[i] == address(0)) revert BadOperators();
            for (uint256 j = 0; j < i; j++) if (next[i] == next[j]) revert BadOperators();
        }
        operators = next;
        threshold = needed;
        delay = wait;
        revision += 1;
        emit OperatorsChanged(revision, next, needed, wait);
    }
}
