// @digitalbazaar/vc on the sample badge, one case at a time. `node peers.mjs INPUT`, where INPUT is JSON:
// {"contexts": {URL: DOCUMENT}, "credential": {...}, "mandatory": [...], "selective": [...], "date": "..."}.
// For each line on standard input that names a case, works for a slice and answers {"operations", "microseconds"} of CPU.
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Bls12381Multikey from '@digitalbazaar/bls12-381-multikey';

const SLICE_MILLISECONDS = 250;
const input = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const documents = new Map(Object.entries(input.contexts));
const documentLoader = async url => {
  const document = documents.get(url);
  if(!document) {
    throw new Error(`not pinned: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document};
};
const checkStatus = async () => ({verified: true});

// A key under its did:key, known to the loader.
async function withIdentity(keyPair) {
  const key = await keyPair.export({publicKey: true});
  const did = `did:key:${key.publicKeyMultibase}`;
  const id = `${did}#${key.publicKeyMultibase}`;
  keyPair.id = id;
  keyPair.controller = did;
  documents.set(id, {
    '@context': 'https://w3id.org/security/multikey/v1', id, type: 'Multikey', controller: did,
    publicKeyMultibase: key.publicKeyMultibase
  });
  documents.set(did, {
    '@context': 'https://www.w3.org/ns/did/v1', id: did, assertionMethod: [id]
  });
  return {keyPair, did};
}

const suites = {
  'eddsa-rdfc-2022': {
    key: () => Ed25519Multikey.generate(),
    signing: () => eddsa, verifying: () => eddsa
  },
  'ecdsa-sd-2023': {
    key: () => EcdsaMultikey.generate({curve: 'P-256'}),
    signing: () => ecdsaSd.createSignCryptosuite({mandatoryPointers: input.mandatory}),
    disclosing: () => ecdsaSd.createDiscloseCryptosuite({selectivePointers: input.selective}),
    verifying: () => ecdsaSd.createVerifyCryptosuite()
  },
  'bbs-2023': {
    key: () => Bls12381Multikey.generateBbsKeyPair({algorithm: 'BBS-BLS12-381-SHA-256'}),
    signing: () => bbs.createSignCryptosuite({mandatoryPointers: input.mandatory}),
    disclosing: () => bbs.createDiscloseCryptosuite({selectivePointers: input.selective}),
    verifying: () => bbs.createVerifyCryptosuite()
  }
};

const cases = new Map();
for(const [name, suite] of Object.entries(suites)) {
  const {keyPair, did} = await withIdentity(await suite.key());
  const unsecured = structuredClone(input.credential);
  unsecured.issuer.id = did;
  const issue = () => vc.issue({
    credential: structuredClone(unsecured), documentLoader, now: input.date,
    suite: new DataIntegrityProof({
      signer: keyPair.signer(), date: input.date, cryptosuite: suite.signing()
    })
  });
  const derive = verifiableCredential => vc.derive({
    verifiableCredential, documentLoader,
    suite: new DataIntegrityProof({cryptosuite: suite.disclosing()})
  });
  const verify = async credential => {
    const result = await vc.verifyCredential({
      credential, documentLoader, checkStatus, now: input.date,
      suite: new DataIntegrityProof({cryptosuite: suite.verifying()})
    });
    if(!result.verified) {
      throw result.error;
    }
  };
  const base = await issue();
  const shown = suite.disclosing ? await derive(base) : base;
  await verify(shown);
  cases.set(`${name} issue`, issue);
  if(suite.disclosing) {
    cases.set(`${name} derive`, () => derive(base));
  }
  cases.set(`${name} verify`, () => verify(shown));
}
console.log(JSON.stringify({ready: [...cases.keys()]}));

for await (const line of createInterface({input: process.stdin})) {
  const work = cases.get(line);
  const start = process.cpuUsage();
  const end = Date.now() + SLICE_MILLISECONDS;
  let operations = 0;
  do {
    await work();
    operations++;
  } while(Date.now() < end);
  const {user, system} = process.cpuUsage(start);
  console.log(JSON.stringify({operations, microseconds: user + system}));
}
