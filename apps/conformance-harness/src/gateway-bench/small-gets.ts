/** Many small requests over kept connections: how many a second, and how long each takes. */
import { Agent, get } from 'node:http';

/** What a load of requests came to. */
export interface GetLoad {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How to ask. */
export interface GetLoadOptions {
  readonly url: string;
  /** Requests under way at a time, each on a connection of its own. */
  readonly atOnce: number;
  readonly forMs: number;
}

/** Asks for a while; throws when an answer is not 200. */
export async function loadWithGets({ url, atOnce, forMs }: GetLoadOptions): Promise<GetLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const tookMs: number[] = [];
  const startedAt = performance.now();
  const untilMs = startedAt + forMs;
  const askOn = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const before = performance.now();
      await getOnce(url, agent);
      tookMs.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, askOn));
  const seconds = (performance.now() - startedAt) / 1_000;
  agent.destroy();
  tookMs.sort((a, b) => a - b);
  const at = (share: number): number => tookMs[Math.floor(tookMs.length * share)] ?? 0;
  return { perSecond: tookMs.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function getOnce(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { agent }, (answer) => {
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`GET ${url} was answered ${String(answer.statusCode)}`));
      });
      answer.resume();
    });
    outgoing.on('error', reject);
  });
}
