// What a compact paper edition of the badge would weigh, by the published CBOR-LD library; see
// docs/decisions/0033-compact-paper-edition.md. Sizes only: nothing is signed, the proof value is
// 64 fixed bytes. Run: node edition-weights.mjs FOLDER_OF_NPM_PACKAGES
import {createRequire} from 'node:module';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../../..');
const require = createRequire(join(process.argv[2], 'package.json'));
const {encode} = await import(pathToFileURL(require.resolve('@digitalbazaar/cborld')).href);
const read = file => JSON.parse(readFileSync(file, 'utf8'));

const V2 = 'https://www.w3.org/ns/credentials/v2';
const PAPER = 'https://sinpyo.example/contexts/qualification-badge/paper-v1';
const contexts = {
  [V2]: read(join(root, 'schemas/contexts/credentials-v2.jsonld')),
  [PAPER]: read(join(here, '../edition/context.jsonld'))
};
const documentLoader = async url => ({contextUrl: null, document: contexts[url], documentUrl: url});

const ISSUER = 'did:web:issuer.test';
const LIST = 'https://issuer.test/status/12';

function table({registered = []}) {
  const source = read(join(root, 'schemas/paper-badges/v1/type-table.json')).types;
  const types = {
    ...source, context: [...source.context, PAPER], url: [...source.url, ...registered]
  };
  return new Map(Object.entries(types).map(([type, values]) =>
    [type, new Map(values.map((value, at) => [value, at + 1]))]));
}

// Codes 0x0..0x3 and their words, as Bitstring Status List asks where statusSize is 2.
const messages = ['valid', 'suspended', 'revoked', 'superseded']
  .map((message, at) => ({status: `0x${at}`, message}));

function badge({name = '홍길동(가상인물)', kind = '정보처리기사', code = '1320'} = {}) {
  return {
    '@context': [V2, PAPER],
    type: ['VerifiableCredential', 'KrQualificationBadge'],
    issuer: ISSUER,
    validFrom: '2026-01-05T00:00:00Z',
    validUntil: '2027-01-05T00:00:00Z',
    awardedDate: '2025-06-17T15:00:00Z',
    credentialSubject: {
      person: {name}, licenseNumber: '99999999999Z', qualificationGrade: 'ENGINEER',
      achievement: {humanCode: code, name: kind}
    },
    credentialStatus: {
      type: 'BitstringStatusListEntry', statusPurpose: 'message', statusListIndex: '16777215',
      statusListCredential: LIST, statusSize: 2, statusMessage: messages
    },
    proof: {
      type: 'DataIntegrityProof', cryptosuite: 'eddsa-rdfc-2022', proofPurpose: 'assertionMethod',
      verificationMethod: `${ISSUER}#key-1`,
      proofValue: 'z3FXQjecWufY46yg5abdVZsXqLhxhueuSoZgkZoa8p5xqkVFqYyLr2wjU6p4eFzTqC6CVJMcVUhLQNWuWA6YPbAm9'
    }
  };
}

async function size(document, options = {}) {
  const typeTable = table(options);
  const bytes = await encode({
    jsonldDocument: document, documentLoader, format: 'cbor-ld-1.0', registryEntryId: 19202,
    typeTableLoader: async () => typeTable
  });
  return bytes.length;
}

// Base45 writes two bytes as three characters, one as two; before it stands VC1-R.
const characters = bytes => 5 + 3 * (bytes >> 1) + 2 * (bytes & 1);
// ISO/IEC 18004, table 7: data codewords of versions 8 to 20 at level M.
const CODEWORDS = [154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669];
const version = bits => {
  const at = CODEWORDS.findIndex(most => bits <= 8 * most);
  return at < 0 ? '> 20' : at + 8;
};
// One alphanumeric segment: 11 bits for two characters. Lengths have two bits more from version 10.
const alphanumeric = count => 4 + 11 + 11 * (count >> 1) + 6 * (count & 1);
// A link: its address in byte mode, base32 behind VC1-B in the dense one.
const BASE = 'https://desk.example/verify#';
const linked = bytes =>
  4 + 16 + 8 * BASE.length + alphanumeric(5 + Math.ceil(bytes * 8 / 5)) + 2;

function report(what, bytes) {
  const text = characters(bytes);
  console.log(`${String(bytes).padStart(4)} bytes  ${text} characters  version ${
    version(alphanumeric(text))}, as a link ${version(linked(bytes))}  ${what}`);
}

const without = (document, ...path) => {
  const last = path.pop();
  delete path.reduce((inner, name) => inner[name], document)[last];
  return document;
};
const oneBit = document => {
  Object.assign(document.credentialStatus, {statusPurpose: 'revocation'});
  without(document, 'credentialStatus', 'statusMessage');
  return without(document, 'credentialStatus', 'statusSize');
};

const key = `${ISSUER}#key-1`;
const registered = {registered: [ISSUER, key, LIST]};
const whole = await size(badge());
report('the edition, issuer not in the table', whole);
console.log('of which:');
for(const path of [
  ['validFrom'], ['validUntil'], ['awardedDate'], ['issuer'],
  ['credentialSubject', 'person'], ['credentialSubject', 'licenseNumber'],
  ['credentialSubject', 'qualificationGrade'], ['credentialSubject', 'achievement'],
  ['credentialSubject', 'achievement', 'name'],
  ['credentialStatus'], ['credentialStatus', 'statusMessage'],
  ['credentialStatus', 'statusListCredential'], ['credentialStatus', 'statusListIndex'],
  ['proof'], ['proof', 'verificationMethod'], ['proof', 'proofValue']
]) {
  console.log(`${String(whole - await size(without(badge(), ...path))).padStart(6)}  ${path.join('.')}`);
}
report('one bit a badge (revoked or not)', await size(oneBit(badge())));
report('issuer and key in the table', await size(badge(), {registered: [ISSUER, key]}));
report('issuer, key and list in the table', await size(badge(), registered));
report('the same without certificate number',
  await size(without(badge(), 'credentialSubject', 'licenseNumber'), registered));
report('one bit; issuer and key in the table',
  await size(oneBit(badge()), {registered: [ISSUER, key]}));
report('one bit; issuer, key and list in the table', await size(oneBit(badge()), registered));
for(const syllables of [3, 14, 15]) {
  report(`the same, a name of ${syllables} syllables`,
    await size(oneBit(badge({name: '똠'.repeat(syllables)})), registered));
}
report('the same, a kind that is not in the table',
  await size(oneBit(badge({kind: '소방설비산업기사(가상분야)', code: '9999'})), registered));
report('the same with an id (urn:uuid)', await size(
  {...oneBit(badge()), id: 'urn:uuid:0b6c1f0e-5d0a-4c66-9d3c-6f2f3a1c1320'}, registered));
report('the same with a holder (did:key)', await size({
  ...oneBit(badge()), credentialSubject: {...badge().credentialSubject,
    id: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'}
}, registered));
