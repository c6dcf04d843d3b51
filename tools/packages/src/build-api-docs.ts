/**
 * Builds the API documentation of all libs with TypeDoc into `tmp/api`, and fails when a link leads
 * nowhere, a type that a signature names is not exported, or a public name has no doc block.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type ApiReflection, undocumentedNames } from './undocumented-names.ts';

const { status } = spawnSync('typedoc', ['--options', 'tools/packages/typedoc.json'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) process.exit(status ?? 1);

const api = JSON.parse(readFileSync('tmp/api.json', 'utf8')) as ApiReflection;
const missing = undocumentedNames(api);
for (const name of missing) console.error(`no doc block: ${name}`);
if (missing.length > 0) process.exit(1);
console.log('API documentation: tmp/api/index.html');
