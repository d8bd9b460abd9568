// Codes from a camera or a picture, for every page that scans. What decodes is an argument: the
// browser's own detector where it has one, else the module (see decoder below).

/** Longest side of a frame that is looked at; more only costs time. */
const LONGEST = 1280;

/**
 * A decoder: `async (source) => [text, …]` for a video, picture or canvas.
 * `loaded` is a function giving a promise of the module's Decoder (verifier.js); it is asked for
 * only when the browser cannot read QR codes itself.
 */
export async function decoder(loaded) {
  if ("BarcodeDetector" in globalThis) {
    const formats = await globalThis.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
      return async (source) => (await detector.detect(source)).map((code) => code.rawValue);
    }
  }
  const module = await loaded();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (source) => {
    const width = source.videoWidth || source.naturalWidth || source.width;
    const height = source.videoHeight || source.naturalHeight || source.height;
    if (!width || !height) return [];
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return module.decodeFrame(grey(data), canvas.width, canvas.height);
  };
}

/** RGBA to one byte a pixel (ITU-R BT.601), on white where it is transparent. */
export function grey(rgba) {
  const out = new Uint8Array(rgba.length / 4);
  for (let i = 0, at = 0; i < out.length; i += 1, at += 4) {
    const light = (299 * rgba[at] + 587 * rgba[at + 1] + 114 * rgba[at + 2]) / 1000;
    out[i] = 255 + (light - 255) * rgba[at + 3] / 255;
  }
  return out;
}

/** Shows the camera in `video` and gives every text that is read to `found`, until it says true. */
export class Camera {
  #video;
  #decode;
  #stream = null;

  constructor(video, decode) {
    this.#video = video;
    this.#decode = decode;
  }

  async start(found) {
    this.stop();
    const wanted = { video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false };
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    this.#stream = stream;
    this.#video.srcObject = stream;
    this.#video.hidden = false;
    await this.#video.play();
    while (this.#stream === stream) {
      const texts = await this.#decode(this.#video).catch(() => []);
      if (this.#stream !== stream) return;
      if (texts.length > 0 && await found(texts)) return this.stop();
      await new Promise((next) => setTimeout(next, 60));
    }
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
    this.#video.hidden = true;
  }
}

/** Texts of the codes in a picture file. */
export async function ofPicture(file, decode) {
  const picture = await createImageBitmap(file);
  try {
    return await decode(picture);
  } finally {
    picture.close();
  }
}
