/** The manifest out of a stored body, byte for byte. */

const mark = ',"manifest":';
const end = '}}';

/**
 * The manifest's text, which stands last in the bodies that this project writes. For bodies in
 * another order (Clouddriver's own) the manifest is printed anew; `undefined` if there is none.
 */
export function manifestIn(body: string): Uint8Array | undefined {
  const start = body.indexOf(mark);
  if (start !== -1 && body.endsWith(end)) {
    const text = body.slice(start + mark.length, -end.length);
    if (isJsonObject(text)) return Buffer.from(text);
  }
  return printedManifest(body);
}

/**
 * The manifest of a body that this project has made, as bytes and without looking at them: they need
 * not be text. `undefined` for a body of another form.
 */
export function manifestBytes(body: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // Not inside a name: a quotation mark in a JSON string stands behind a backslash.
  const start = bytes.indexOf(mark);
  if (start === -1) return undefined;
  return bytes.subarray(start + mark.length, bytes.byteLength - end.length);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    // Not alone: something of the row follows it.
    return false;
  }
}

function printedManifest(body: string): Uint8Array | undefined {
  try {
    const row = JSON.parse(body) as { readonly attributes?: { readonly manifest?: unknown } };
    const manifest = row.attributes?.manifest;
    return manifest === undefined ? undefined : Buffer.from(JSON.stringify(manifest));
  } catch {
    // A body that is no JSON has no manifest.
    return undefined;
  }
}
