/** `links` and `run [PAGE...]` for people and tests; `stage` is what `run` runs inside. */
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { findBrokenLinks } from './broken-links.ts';
import type { Stage } from './markdown-page.ts';
import { readPageTree } from './node-page-tree.ts';
import { runPages, runStage } from './node-stage.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const program = new Command('docs').description('Keeps the guides true.');

program
  .command('links')
  .description('prints links that lead nowhere; 1 when there are any')
  .action(() => {
    const broken = findBrokenLinks(readPageTree(root));
    for (const problem of broken) console.log(problem);
    process.exitCode = broken.length > 0 ? 1 : 0;
  });

program
  .command('run')
  .argument(
    '[pages...]',
    'paths from the root; README.md and the pages of docs/ when none is given',
  )
  .description('runs the shell blocks of pages as they are written')
  .action(async (pages: string[]) => {
    const paths = pages.length > 0 ? pages : guides();
    process.exitCode = await runPages({ root, paths });
  });

program
  .command('stage', { hidden: true })
  .argument('<stage>')
  .argument('<pages...>')
  .action(async (stage: string, paths: string[]) => {
    process.exitCode = await runStage(stage as Stage, { root, paths });
  });

await program.parseAsync();

function guides(): readonly string[] {
  const paths = [...readPageTree(root).pages.keys()];
  return paths.filter((path) => path === 'README.md' || /^docs\/[^/]+\.md$/.test(path));
}
