/** One big answer, read as fast as it comes. */
import { get } from 'node:http';

/** Megabytes (10^6) a second of an answer's body. */
export function readMegabytesPerSecond(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const outgoing = get(url, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('error', reject);
      answer.on('end', () => resolve(bytes / 1e3 / (performance.now() - startedAt)));
    });
    outgoing.on('error', reject);
  });
}
