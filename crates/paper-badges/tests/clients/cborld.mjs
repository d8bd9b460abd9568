// The published CBOR-LD library at work: reads one JSON request a line from stdin
//   {"do": "encode", "json": "…"} or {"do": "decode", "hex": "…"}
// and answers one JSON line each: {"hex": "…"}, {"json": "…"} or {"error": "…"}.
// Arguments: the folder of npm packages, the type table, a file with the contexts by URL.
import {createInterface} from 'node:readline';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

const [folder, tableFile, contextsFile] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const {encode, decode} = await import(pathToFileURL(require.resolve('@digitalbazaar/cborld')).href);

const source = JSON.parse(readFileSync(tableFile, 'utf8'));
const typeTable = new Map(Object.entries(source.types).map(([type, values]) =>
  [type, new Map(values.map((value, at) => [value, at + 1]))]));
const typeTableLoader = async ({registryEntryId}) =>
  registryEntryId === source.registryEntryId ? typeTable : undefined;
const contexts = JSON.parse(readFileSync(contextsFile, 'utf8'));
const documentLoader = async url => {
  if(!(url in contexts)) {
    throw new Error(`unknown context ${url}`);
  }
  return {contextUrl: null, document: contexts[url], documentUrl: url};
};

async function answer(request) {
  if(request.do === 'encode') {
    const bytes = await encode({
      jsonldDocument: JSON.parse(request.json), documentLoader, typeTableLoader,
      format: 'cbor-ld-1.0', registryEntryId: source.registryEntryId
    });
    return {hex: Buffer.from(bytes).toString('hex')};
  }
  const document = await decode({
    cborldBytes: new Uint8Array(Buffer.from(request.hex, 'hex')), documentLoader, typeTableLoader
  });
  return {json: JSON.stringify(document)};
}

for await (const line of createInterface({input: process.stdin})) {
  let result;
  try {
    result = await answer(JSON.parse(line));
  } catch(error) {
    result = {error: String(error)};
  }
  console.log(JSON.stringify(result));
}
