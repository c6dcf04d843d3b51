/** The objects of `tests/golden`, of one cluster that fits together, as an API server would send them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One of them. */
export interface GoldenObject {
  /** What its files begin with: `replica-set`. */
  readonly name: string;
  /** Its JSON, printed for reading. */
  readonly bytes: Uint8Array;
}

const ending = '.object.json';

/** Where they lie, seen from the sources and from what is built of them alike. */
export const goldenFolder = join(import.meta.dirname, '..', '..', 'tests', 'golden');

/** All of them, by name. */
export function goldenObjects(): readonly GoldenObject[] {
  return readdirSync(goldenFolder)
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => ({
      name: file.slice(0, -ending.length),
      bytes: readFileSync(join(goldenFolder, file)),
    }));
}
