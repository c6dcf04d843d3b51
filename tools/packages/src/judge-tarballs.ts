/**
 * Judges tarballs with publint (strict) and attw (ESM only), and prints what they say as JSON: a list
 * of problems for each tarball. A program of its own, since both are ES modules.
 *
 *     node tools/packages/src/judge-tarballs.ts FILE.tgz...
 */
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const problems: Record<string, readonly string[]> = {};
for (const file of process.argv.slice(2)) {
  const tarball = readFileSync(file);
  problems[file] = [...(await publintProblems(tarball)), ...(await attwProblems(tarball))];
}
console.log(JSON.stringify(problems));

async function publintProblems(tarball: Buffer): Promise<readonly string[]> {
  const bytes = new Uint8Array(tarball).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

async function attwProblems(tarball: Buffer): Promise<readonly string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (result.types === false) return ['no types'];
  return result.problems.filter(concernsModules).map((problem) => JSON.stringify(problem));
}

/** `require` and TypeScript's oldest resolution are not offered: the libs are ES modules. */
function concernsModules(problem: Problem): boolean {
  if (!('resolutionKind' in problem)) return true;
  return problem.resolutionKind === 'node16-esm' || problem.resolutionKind === 'bundler';
}
