// Compiles the contracts reproducibly: node compile.js SOLC_DIR OUT_DIR
// SOLC_DIR is a folder whose node_modules holds the pinned solc (npm install solc@0.8.37).
const fs = require('fs'), path = require('path'), crypto = require('crypto');
const PINNED = '0.8.37', NAMES = ['DidDocumentRegistry', 'StatusRegistry', 'AccreditationRegistry', 'Directory'];
const [solcDir, outDir] = process.argv.slice(2);
const solc = require(path.join(path.resolve(solcDir), 'node_modules', 'solc'));
if (!solc.version().startsWith(PINNED + '+')) throw new Error(`solc ${PINNED} wanted, found ${solc.version()}`);
const input = {
  language: 'Solidity',
  sources: Object.fromEntries(NAMES.map(n => [`${n}.sol`, { content: fs.readFileSync(path.join(__dirname, `${n}.sol`), 'utf8') }])),
  settings: {
    optimizer: { enabled: true, runs: 10000 }, viaIR: true, evmVersion: 'paris', metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.deployedBytecode.immutableReferences'] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const problems = (output.errors || []).filter(e => e.severity !== 'info');
if (problems.length) { console.error(problems.map(e => e.formattedMessage).join('\n')); process.exit(1); }
const table = [];
for (const name of NAMES) {
  const { abi, evm } = output.contracts[`${name}.sol`][name];
  // The ids inside immutableReferences are AST numbers: ascending, they are the order of declaration.
  const references = Object.entries(evm.deployedBytecode.immutableReferences || {}).sort(([a], [b]) => a - b);
  const immutables = references.flatMap(([, places], variable) => places.map(place => ({ variable, ...place }))).sort((a, b) => a.start - b.start);
  const text = JSON.stringify({ contractName: name, compiler: solc.version(), abi, bytecode: '0x' + evm.bytecode.object,
    deployedBytecode: '0x' + evm.deployedBytecode.object, immutables }, null, 1) + '\n';
  fs.writeFileSync(path.join(outDir, `${name}.json`), text);
  table.push(`${crypto.createHash('sha256').update(text).digest('hex')}  ${name}.json`);
}
fs.writeFileSync(path.join(outDir, 'SHA256SUMS'), table.join('\n') + '\n');
