// The border to the modules: one buffer, lengths and addresses checked on this side too.
// A module that trapped is thrown away with its memory; the next call gets a new one.

/** An error with a stable code. */
export class VerifierError extends Error {
  constructor(code, detail) {
    super(detail ?? code);
    this.code = code;
  }
}

class Border {
  #module;
  #exports = null;

  constructor(module) {
    this.#module = module;
  }

  /** Compiles the module at an address. */
  static async load(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new VerifierError("offline_module", "HTTP " + answer.status);
    return this.of(await answer.arrayBuffer());
  }

  /** Compiles the module from its bytes. */
  static async of(bytes) {
    return new this(await WebAssembly.compile(bytes));
  }

  /** What a new instance is told first. */
  prepare() {}

  #start() {
    if (this.#exports) return this.#exports;
    this.#exports = new WebAssembly.Instance(this.#module, {}).exports;
    this.prepare();
    return this.#exports;
  }

  /** Writes the input, calls, and reads the answer. */
  call(name, input, numbers) {
    const module = this.#start();
    let answer;
    try {
      const place = module.alloc(input.length) >>> 0;
      if (place === 0 && input.length > 0) throw new VerifierError("offline_too_large");
      new Uint8Array(module.memory.buffer, place, input.length).set(input);
      const length = module[name](...numbers) >>> 0;
      const bytes = new Uint8Array(module.memory.buffer, module.answer() >>> 0, length).slice();
      module.free();
      answer = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (error) {
      if (error instanceof VerifierError) throw error;
      this.#exports = null;
      throw new VerifierError("offline_trap", String(error));
    }
    if (answer.error) throw new VerifierError(answer.error.code, answer.error.detail);
    return answer;
  }
}

/** verifier.wasm */
export class Verifier extends Border {
  #luggage = null;

  prepare() {
    if (this.#luggage) this.call("unpack", this.#luggage, []);
  }

  /** Takes luggage along: bytes of the bundle. Gives `{v, age}`. */
  unpack(bytes) {
    const known = this.call("unpack", bytes, []);
    this.#luggage = bytes;
    return known;
  }

  /** Judges what was shown. `now` is a Date, `locale` "ko" or "en". */
  verify(text, now, locale) {
    const question = { text, now: now.toISOString(), locale };
    return this.call("verify", new TextEncoder().encode(JSON.stringify(question)), []);
  }
}

/** decoder.wasm */
export class Decoder extends Border {
  /** Texts of the QR codes in a grey frame (one byte a pixel, row by row). */
  decodeFrame(grey, width, height) {
    try {
      return this.call("decode_frame", grey, [width, height]).texts;
    } catch (error) {
      // No code, an unreadable one, or a picture the decoder gave up on: the next frame may do.
      if (error instanceof VerifierError) return [];
      throw error;
    }
  }
}
