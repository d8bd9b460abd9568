// node run.mjs MODULE.wasm.gz GLUE.js FOLDER NOW DECODER.wasm.gz: answers of the module on what lies in FOLDER,
// and rubbish at its border.
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";

const [packed, glue, folder, now, packedDecoder] = process.argv.slice(2);
const source = await readFile(glue, "utf8");
const { Decoder, Verifier } = await import("data:text/javascript;base64," + Buffer.from(source).toString("base64"));
const bytes = gunzipSync(await readFile(packed));
const decoderBytes = gunzipSync(await readFile(packedDecoder));

for (const module of [bytes, decoderBytes]) {
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(module));
  if (imports.length > 0) throw new Error("a module wants something: " + JSON.stringify(imports));
}

// The bare border.
const bare = async (module) => (await WebAssembly.instantiate(await WebAssembly.compile(module), {})).exports;
const exports = await bare(bytes);
const frames = await bare(decoderBytes);
for (const length of [0x7fffffff, 0xffffffff, 48 * 1024 * 1024 + 1]) {
  if (exports.alloc(length) !== 0 || frames.alloc(length) !== 0) throw new Error("room for " + length);
}
const answer = (length, of = exports) =>
  JSON.parse(Buffer.from(of.memory.buffer, of.answer() >>> 0, length).toString());
for (const rubbish of [[], [0xff, 0xfe, 0x80], [...Buffer.from("{")], new Array(5000).fill(0x5b)]) {
  for (const name of ["unpack", "verify"]) {
    const place = exports.alloc(rubbish.length) >>> 0;
    new Uint8Array(exports.memory.buffer, place, rubbish.length).set(rubbish);
    if (!answer(exports[name]() >>> 0).error.code) throw new Error(name + " took rubbish");
  }
}
for (const [width, height] of [[1, 1], [-1, -1], [0x10000, 0x10000], [640, 480]]) {
  frames.alloc(16);
  if (!answer(frames.decode_frame(width, height) >>> 0, frames).error.code) throw new Error("a frame of nothing");
}

// The conversation of the page.
const verifier = await Verifier.of(bytes);
verifier.unpack(new Uint8Array(await readFile(join(folder, "luggage.json"))));
const answers = [];
for (const shown of JSON.parse(await readFile(join(folder, "shown.json"), "utf8"))) {
  for (const locale of ["ko", "en"]) answers.push(verifier.verify(shown, new Date(now), locale));
}
const decoder = await Decoder.of(decoderBytes);
if (decoder.decodeFrame(new Uint8Array(640 * 480), 640, 480).length) throw new Error("a code in the dark");
process.stdout.write(JSON.stringify(answers));
