// Unmodified ethers 6 and ethr-did-resolver against a node: node ethr.cjs NODE_MODULES_PARENT RPC_URL
// Deploys the stock ERC-1056 registry, lets identities live, and prints what the resolver makes of
// every version: {registry, chainId, cases: [{did, versionId, document, deactivated, version}]}.
const { createRequire } = require('module');
const path = require('path');
const [where, url] = process.argv.slice(2);
const need = createRequire(path.join(path.resolve(where), 'package.json'));
const { JsonRpcProvider, Wallet, ContractFactory, hexlify, toUtf8Bytes, ZeroAddress } = need('ethers');
const { Resolver } = need('did-resolver');
const { getResolver } = need('ethr-did-resolver');
const artifact = JSON.parse(require('fs').readFileSync(path.join(where, 'node_modules/ethr-did-registry/artifacts/contracts/EthereumDIDRegistry.sol/EthereumDIDRegistry.json')));

const YEAR = 365 * 86400;
// The Ed25519 key of did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK.
const ED25519 = '0x2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6';

(async () => {
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
  const wallets = [5, 6, 7, 8, 9].map(n => new Wallet('0x' + n.toString(16).padStart(2, '0').repeat(32), provider));
  const [a, b, c, d, e] = wallets;
  for (const each of wallets) {
    await provider.send('dev_fund', [each.address]).catch(() => provider.send('anvil_setBalance', [each.address, '0x21e19e0c9bab2400000']));
  }
  const registry = await new ContractFactory(artifact.abi, artifact.bytecode, a).deploy();
  await registry.waitForDeployment();
  const address = await registry.getAddress();
  const chainId = (await provider.getNetwork()).chainId;
  const resolver = new Resolver(getResolver({ networks: [{ name: 'dev', rpcUrl: url, registry: address, chainId }] }));

  const blocks = new Map();
  const done = async (who, did, sent) => {
    const receipt = await (await sent).wait();
    blocks.set(did, [...(blocks.get(did) || []), receipt.blockNumber]);
  };
  const bytes = text => hexlify(toUtf8Bytes(text)), name = text => bytes(text).padEnd(66, '0');
  const did = `did:ethr:dev:${a.address}`;
  const as = (wallet, call) => done(wallet, did, call(registry.connect(wallet)));
  const attribute = (text, value, seconds = YEAR) => as(a, r => r.setAttribute(a.address, name(text), value, seconds));

  await as(a, r => r.addDelegate(a.address, name('veriKey'), b.address, YEAR));
  await as(a, r => r.addDelegate(a.address, name('sigAuth'), c.address, YEAR));
  await as(a, r => r.addDelegate(a.address, name('enc'), d.address, YEAR));
  await attribute('did/pub/Ed25519/veriKey/hex', ED25519);
  await attribute('did/pub/Ed25519/sigAuth/base58', '0x' + 'ab'.repeat(32));
  await attribute('did/pub/Secp256k1/veriKey/base64', '0x02' + 'cd'.repeat(32));
  await attribute('did/pub/X25519/enc/base64', '0x' + '11'.repeat(32));
  await attribute('did/pub/RSA/veriKey/pem', bytes('-----BEGIN PUBLIC KEY...END PUBLIC KEY-----\r\n'));
  await attribute('did/pub/RSA/veriKey/pem', '0xff00fe');
  await attribute('did/pub/Multikey/veriKey/raw', '0x0102');
  await attribute('did/pub/Secp256k1/veriKey', '0x03' + 'ef'.repeat(32));
  await attribute('did/pub/Other', '0x77');
  await attribute('did/pub/Other/', '0x77');
  await attribute('did/pub/Other/a/b/c', '0x77');
  await attribute('did/svc/Messages', bytes('https://messages.example/'));
  await attribute('did/svc/Hub', bytes('{"nodes":["https://hub.example/"],"b":1}'));
  await attribute('did/svc/Hub', '0xff');
  await attribute('unrelated', '0x00');
  await as(a, r => r.setAttribute(a.address, '0x' + 'ff'.repeat(32), '0x00', YEAR));
  await attribute('did/pub/Ed25519/veriKey/base64', '0x' + '22'.repeat(32), 100);
  await attribute('did/svc/Soon', bytes('https://soon.example/'), 100);
  await provider.send('evm_increaseTime', [200]);
  await as(a, r => r.revokeDelegate(a.address, name('veriKey'), b.address));
  await as(a, r => r.revokeAttribute(a.address, name('did/pub/Ed25519/veriKey/hex'), ED25519));
  await as(a, r => r.revokeAttribute(a.address, name('did/svc/Messages'), bytes('https://messages.example/')));
  await attribute('did/pub/Ed25519/veriKey/hex', ED25519);
  await as(a, r => r.addDelegate(a.address, name('sigAuth'), c.address, 2 * YEAR));
  // Three changes in one block.
  await provider.send('evm_setAutomine', [false]);
  let nonce = await a.getNonce();
  const together = [];
  for (const n of [1, 2, 3]) {
    together.push(await registry.setAttribute(a.address, name('did/svc/Many'), bytes(`https://many.example/${n}`), YEAR, { nonce: nonce++, gasLimit: 200000 }));
  }
  await provider.send('evm_mine', []);
  await provider.send('evm_setAutomine', [true]);
  for (const sent of together) await done(a, did, Promise.resolve(sent));
  await as(a, r => r.changeOwner(a.address, b.address));
  await as(b, r => r.setAttribute(a.address, name('did/svc/New'), bytes('https://new.example/'), YEAR));

  // The public-key form: its key speaks while its own account is the owner.
  const keyed = `did:ethr:dev:${d.signingKey.compressedPublicKey}`;
  await done(d, keyed, registry.connect(d).setAttribute(d.address, name('did/svc/Hub'), bytes('https://d.example/'), YEAR));
  await done(d, keyed, registry.connect(d).changeOwner(d.address, a.address));
  await done(a, keyed, registry.connect(a).changeOwner(d.address, d.address));

  // Deactivated.
  const ended = `did:ethr:dev:${e.address}`;
  await done(e, ended, registry.connect(e).addDelegate(e.address, name('veriKey'), b.address, YEAR));
  await done(e, ended, registry.connect(e).changeOwner(e.address, ZeroAddress));

  const fresh = `did:ethr:dev:${c.address}`;
  const hex = `did:ethr:0x${chainId.toString(16)}:${a.address.toLowerCase()}`;
  const cases = [];
  const ask = async (did, versionId) => {
    const { didDocument, didDocumentMetadata, didResolutionMetadata } = await resolver.resolve(versionId === undefined ? did : `${did}?versionId=${versionId}`);
    if (didResolutionMetadata.error) throw new Error(`${did} ${versionId}: ${JSON.stringify(didResolutionMetadata)}`);
    cases.push({ did, versionId: versionId ?? null, document: didDocument, deactivated: !!didDocumentMetadata.deactivated, version: didDocumentMetadata.versionId ?? null });
  };
  for (const each of [did, keyed, ended]) {
    // Every second version: the reference asks the node once for each change, each time.
    const versions = [...new Set(blocks.get(each))];
    for (const block of versions.filter((_, at) => (versions.length - at) % 2)) await ask(each, block);
    await ask(each, blocks.get(each)[0] - 1);
  }
  for (const each of [did, keyed, ended, fresh, hex]) await ask(each);
  // Not before all of it is written: a pipe takes 64 KiB at a time.
  await new Promise(written => process.stdout.write(JSON.stringify({ registry: address, chainId: Number(chainId), cases }), written));
})().then(() => process.exit(0), error => { console.error(error); process.exit(1); });
