import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedLibs } from '../src/published-libs.ts';
import { readReadme } from '../src/readme-plan.ts';

const root = join(__dirname, '../../..');
const licence = readFileSync(join(root, 'LICENSE'), 'utf8');

/** What every README of a lib has, in this order; others may stand between and behind. */
const wanted = ['Nouns', 'What it promises', 'Tests alone', 'Libraries'];

describe.each(publishedLibs(root))('the plate on the door of $name', (lib) => {
  const plan = readReadme(lib.readme);

  it('says the sentence of package.json under the name', () => {
    expect([plan.title, plan.sentence]).toEqual([lib.name, lib.manifest.description]);
  });

  it('shows an example of at most 20 lines', () => {
    expect(plan.example).toContain(lib.name);
    expect(plan.example.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('names three to five nouns, what is promised, the tests alone, and the libraries', () => {
    expect(plan.headings.filter((heading) => wanted.includes(heading))).toEqual(wanted);
    expect(plan.nounCount).toBeGreaterThanOrEqual(3);
    expect(plan.nounCount).toBeLessThanOrEqual(5);
  });

  it('has no link that leads nowhere once the lib is installed', () => {
    expect(plan.relativeLinks).toEqual([]);
  });

  it('comes with the licence', () => {
    expect(readFileSync(join(root, lib.directory, 'LICENSE'), 'utf8')).toBe(licence);
  });
});
