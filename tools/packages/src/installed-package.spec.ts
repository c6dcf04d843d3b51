import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importedPackages, missingSources } from './installed-package.ts';
import { removeStaleOutput } from './stale-output.ts';

let lib: string;

beforeEach(() => {
  lib = mkdtempSync(join(tmpdir(), 'fairlead-lib-'));
  mkdirSync(join(lib, 'dist'));
  mkdirSync(join(lib, 'src'));
  writeFileSync(join(lib, 'src/a.ts'), '');
});

afterEach(() => rmSync(lib, { recursive: true }));

describe(importedPackages, () => {
  it('names packages by all ways of importing, of JavaScript and declarations', () => {
    writeFileSync(
      join(lib, 'dist/a.js'),
      "import { b } from './b.js';\nimport 'reflect-metadata';\nconst d = await import('@scope/d/door');\n",
    );
    writeFileSync(join(lib, 'dist/a.d.ts'), "export type E = import('e').E;\nimport 'node:fs';\n");

    expect(importedPackages(lib)).toEqual(['@scope/d', 'e', 'reflect-metadata']);
  });

  it('takes no comment for an import', () => {
    writeFileSync(join(lib, 'dist/a.js'), "/** import { x } from 'x'; */\n// from 'y'\n");

    expect(importedPackages(lib)).toEqual([]);
  });
});

describe(missingSources, () => {
  it('names the sources that are not there, behind their map', () => {
    writeFileSync(join(lib, 'dist/a.js.map'), '{"sources":["../src/a.ts","../src/gone.ts"]}');

    expect(missingSources(lib)).toEqual([`${join(lib, 'dist/a.js.map')}: ../src/gone.ts`]);
  });
});

describe(removeStaleOutput, () => {
  it('removes what no source stands for', () => {
    const kept = ['a.js', 'a.d.ts', 'a.js.map', 'a.d.ts.map', 'tsconfig.lib.tsbuildinfo'];
    for (const file of [...kept, 'gone.js', 'gone.d.ts.map'])
      writeFileSync(join(lib, 'dist', file), '');

    expect([...removeStaleOutput(lib)].sort()).toEqual(['gone.d.ts.map', 'gone.js']);
  });
});
