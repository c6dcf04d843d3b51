import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from './scenario-runner.ts';

const FOLDER = join(__dirname, 'scenarios');

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const steps = runScenario(readFileSync(join(FOLDER, file), 'utf8'));

  it('goes as told', () => {
    const actual = steps.map(({ line, actual }) => [line, ...actual].join('\n  '));
    const expected = steps.map(({ line, expected }) => [line, ...expected].join('\n  '));

    expect(actual.join('\n\n')).toBe(expected.join('\n\n'));
  });
});
