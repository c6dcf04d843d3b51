/** The pages and files of a working copy, as far as they are, or will be, under version control. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LinkedTree } from './broken-links.ts';
import { readMarkdownPage } from './markdown-page.ts';

/** Reads all Markdown pages below `root`, which must be the root of a git working copy. */
export function readPageTree(root: string): LinkedTree {
  const files = listFiles(root);
  const pages = files.filter((path) => path.endsWith('.md'));
  const known = new Set(files.flatMap((path) => [path, ...foldersOf(path)]));
  return {
    pages: new Map(pages.map((path) => [path, readMarkdownPage(readText(root, path))])),
    has: (path) => known.has(path.replace(/\/$/, '')),
  };
}

/** Tracked and new files; what is ignored, such as `node_modules`, is not for links. */
function listFiles(root: string): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

function foldersOf(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === '.' ? [folder] : [folder, ...foldersOf(folder)];
}

function readText(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
