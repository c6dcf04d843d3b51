// What the page on troubles quotes of the programs is there: lines of logs, metrics.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

/** All sources of the rooms, without their tests. */
function sourcesOf(...rooms: string[]): string {
  const files = rooms.flatMap((room) =>
    readdirSync(join(root, room, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => join(root, room, 'src', file)),
  );
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

const sources = {
  agent: sourcesOf('apps/agent', 'libs/service-kit'),
  bridge: sourcesOf('apps/clouddriver-bridge', 'libs/service-kit'),
};
const both = `${sources.agent}\n${sources.bridge}`;

const troubles = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8').replaceAll(
  /\s+/g,
  ' ',
);
const quotes = [...troubles.matchAll(/(log of the agent|log of the bridge|problem): `([^`]+)`/g)];
/** Programs put their prefix before the names. */
const metrics = [...troubles.matchAll(/`fairlead_(agent|bridge)_([a-z_]+)`/g)].map(
  ([, program, name]) => [program as 'agent' | 'bridge', name!] as const,
);

describe('troubleshooting.md', () => {
  it('quotes a line for each of many troubles', () => {
    expect(quotes.length).toBeGreaterThan(30);
    expect(metrics.length).toBeGreaterThan(8);
  });

  it.each(quotes.map(([, where, words]) => [where!, words!]))('%s: %s', (where, words) => {
    const text = where === 'problem' ? both : sources[where.endsWith('agent') ? 'agent' : 'bridge'];

    expect(text.includes(words)).toBe(true);
  });

  it.each(metrics)('fairlead_%s_%s is a metric', (program, name) => {
    expect(sources[program].includes(`'${name}'`)).toBe(true);
  });
});
