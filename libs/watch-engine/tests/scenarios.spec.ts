import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from './scenario-runner.ts';
import { runStory } from './story-runner.ts';

const FOLDER = join(__dirname, 'scenarios');

describe.each(readdirSync(FOLDER))('%s', (file) => {
  it('goes as told', async () => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const steps = /^world/m.test(text) ? await runStory(text) : runScenario(text);
    const actual = steps.map((step) => [step.line, ...step.actual].join('\n  '));
    const expected = steps.map((step) => [step.line, ...step.expected].join('\n  '));

    expect(steps.length).toBeGreaterThan(1);
    expect(actual.join('\n\n')).toBe(expected.join('\n\n'));
  });
});
