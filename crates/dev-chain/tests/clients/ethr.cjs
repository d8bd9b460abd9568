// Unmodified ethers 6 and ethr-did-resolver against a node: node ethr.cjs NODE_MODULES_PARENT RPC_URL
// Deploys the stock ERC-1056 registry, sets an attribute, changes the owner, resolves, deactivates.
const { createRequire } = require('module');
const path = require('path');
const [where, url] = process.argv.slice(2);
const need = createRequire(path.join(path.resolve(where), 'package.json'));
const { JsonRpcProvider, Wallet, ContractFactory, hexlify, toUtf8Bytes, encodeBytes32String, ZeroAddress } = need('ethers');
const { Resolver } = need('did-resolver');
const { getResolver } = need('ethr-did-resolver');
const artifact = JSON.parse(require('fs').readFileSync(path.join(where, 'node_modules/ethr-did-registry/artifacts/contracts/EthereumDIDRegistry.sol/EthereumDIDRegistry.json')));

(async () => {
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
  const wallet = new Wallet('0x' + '05'.repeat(32), provider), other = new Wallet('0x' + '06'.repeat(32), provider);
  for (const each of [wallet, other]) {
    await provider.send('dev_fund', [each.address]).catch(() => provider.send('anvil_setBalance', [each.address, '0x21e19e0c9bab2400000']));
  }
  const registry = await new ContractFactory(artifact.abi, artifact.bytecode, wallet).deploy();
  await registry.waitForDeployment();
  const did = `did:ethr:dev:${wallet.address}`;
  const resolver = new Resolver(getResolver({ networks: [{ name: 'dev', rpcUrl: url, registry: await registry.getAddress(), chainId: (await provider.getNetwork()).chainId }] }));
  const say = async step => {
    const { didDocument, didDocumentMetadata } = await resolver.resolve(did);
    return { step, methods: didDocument.verificationMethod.length, services: (didDocument.service || []).map(s => s.serviceEndpoint), version: didDocumentMetadata.versionId, deactivated: !!didDocumentMetadata.deactivated };
  };
  const done = async sent => (await sent).wait();
  const steps = [await say('fresh')];
  await done(registry.setAttribute(wallet.address, encodeBytes32String('did/svc/Messages'), hexlify(toUtf8Bytes('https://a.example/')), 86400));
  await done(registry.setAttribute(wallet.address, encodeBytes32String('did/pub/Ed25519/veriKey/hex'), '0x' + 'ab'.repeat(32), 86400));
  steps.push(await say('attributes'));
  await done(registry.changeOwner(wallet.address, other.address));
  steps.push(await say('owner changed'));
  await done(registry.connect(other).changeOwner(wallet.address, ZeroAddress));
  steps.push(await say('deactivated'));
  console.log(JSON.stringify(steps.map(({ version, ...rest }) => rest)));
})().then(() => process.exit(0), error => { console.error(error); process.exit(1); });
