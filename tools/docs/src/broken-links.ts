/** Which links of the guides lead nowhere. Pure: pages and the tree's files are handed in. */
import { dirname, normalize } from 'node:path/posix';
import type { MarkdownPage, PageLink } from './markdown-page.ts';

/** Pages by path, and the tree they are in; all paths start at the root of the repository. */
export interface LinkedTree {
  readonly pages: ReadonlyMap<string, MarkdownPage>;
  /** Whether a file or folder is there, under version control. */
  readonly has: (path: string) => boolean;
}

/** `page:line` and what is wrong, for each link that leads nowhere, in the order of the pages. */
export function findBrokenLinks(tree: LinkedTree): readonly string[] {
  return [...tree.pages].flatMap(([path, page]) =>
    page.links.flatMap((link) => {
      const problem = problemOf(link, path, tree);
      return problem === undefined ? [] : [`${path}:${link.line} ${problem}`];
    }),
  );
}

/** What is outside is looked at for its form only: a test must not depend on other people's sites. */
function problemOf({ target }: PageLink, from: string, tree: LinkedTree): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) {
    return URL.canParse(target) ? undefined : `${target} is not a URL`;
  }
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : normalize(`${dirname(from)}/${decodeURI(file)}`);
  if (path.startsWith('..')) return `${target} leads out of the repository`;
  if (!tree.has(path)) return `${target} is not there`;
  if (anchor === undefined) return undefined;
  const isHeading = tree.pages.get(path)?.anchors.has(anchor) === true;
  return isHeading ? undefined : `${target}: there is no heading #${anchor}`;
}
