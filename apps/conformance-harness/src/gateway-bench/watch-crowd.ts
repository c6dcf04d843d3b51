/** Many watches of the same objects in one process, which counts what they are told. */
import { Agent, get, type IncomingMessage } from 'node:http';

const lineFeed = 0x0a;
const timeoutMs = 120_000;

/** Open watches. */
export class WatchCrowd {
  readonly #answers: readonly IncomingMessage[];
  readonly #agent: Agent;
  readonly #counts: number[];
  #told: () => void = () => undefined;

  private constructor(answers: readonly IncomingMessage[], agent: Agent) {
    this.#answers = answers;
    this.#agent = agent;
    this.#counts = answers.map(() => 0);
    for (const [at, answer] of answers.entries()) {
      answer.on('data', (chunk: Buffer) => {
        this.#counts[at] = (this.#counts[at] ?? 0) + linesIn(chunk);
        this.#told();
      });
      answer.on('error', () => undefined); // Told by `until`, which waits in vain then.
    }
  }

  /** Opens so many watches. */
  static async open(url: string, count: number): Promise<WatchCrowd> {
    const agent = new Agent({ maxSockets: count });
    const answers = await Promise.all(Array.from({ length: count }, () => opened(url, agent)));
    return new WatchCrowd(answers, agent);
  }

  /** Resolves when each has been told of so many changes since it was opened. */
  until(changes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const fewest = Math.min(...this.#counts);
        reject(new Error(`a watch was told of ${String(fewest)} of ${String(changes)} changes`));
      }, timeoutMs);
      this.#told = () => {
        if (!this.#counts.every((count) => count >= changes)) return;
        clearTimeout(timer);
        this.#told = () => undefined;
        resolve();
      };
      this.#told();
    });
  }

  /** Hangs up. */
  close(): void {
    for (const answer of this.#answers) answer.destroy();
    this.#agent.destroy();
  }
}

function opened(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { agent }, (answer) => {
      if (answer.statusCode === 200) resolve(answer);
      else reject(new Error(`GET ${url} was answered ${String(answer.statusCode)}`));
    });
    outgoing.on('error', reject);
  });
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}
