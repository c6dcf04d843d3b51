/** What of a Markdown page the checks look at: where one can jump to, links, and shell blocks. Pure. */
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens } from 'marked';

/** A link, an image, or a reference to one. */
export interface PageLink {
  /** As written. */
  readonly target: string;
  /** Of the paragraph, list or table it stands in; counted from 1. */
  readonly line: number;
}

/** A fenced block of commands for a shell. */
export interface FencedBlock {
  /** Of its fence; counted from 1. */
  readonly line: number;
  /** What stands behind the language. */
  readonly meta: string;
  /** The commands. */
  readonly text: string;
}

/**
 * What is there when a page's commands begin. `machine`: packages are installed and built, KUBECONFIG
 * leads to a cluster, no port is taken. `installation`: besides, a bridge at `bridge.example` with
 * TLS, whose token is in TOKEN, and an agent that feeds the cluster as account `prod-eu`.
 */
export type Stage = 'machine' | 'installation';

/** One page. */
export interface MarkdownPage {
  /** Anchors as GitHub makes them of headings, and ids written in HTML. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly PageLink[];
  readonly shellBlocks: readonly FencedBlock[];
  /** From a comment `<!-- stage: installation -->`. @defaultValue 'machine' */
  readonly stage: Stage;
}

const shellLanguages = new Set(['sh', 'bash', 'shell']);

/** Reads a page. Anything is Markdown, so it never throws. */
export function readMarkdownPage(text: string): MarkdownPage {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const links: PageLink[] = [];
  const shellBlocks: FencedBlock[] = [];
  let line = 1;
  for (const top of lexer(text)) {
    for (const token of withInner(top)) {
      if (isHeading(token)) anchors.add(slugger.slug(plainText(token)));
      else if (isLink(token)) links.push({ target: token.href, line });
      else if (isCode(token)) shellBlocks.push(...shellBlock(token, line));
      else if (token.type === 'html') for (const id of idsIn(token.raw)) anchors.add(id);
    }
    line += countLineBreaks(top.raw);
  }
  const stage = text.includes('<!-- stage: installation -->') ? 'installation' : 'machine';
  return { anchors, links, shellBlocks, stage };
}

/** A token and all that stands in it, in the order of the text. */
function* withInner(token: Token): Generator<Token> {
  yield token;
  for (const inner of innerTokens(token)) yield* withInner(inner);
}

function innerTokens(token: Token): readonly Token[] {
  if (token.type === 'list') return (token as Tokens.List).items;
  if (token.type === 'table') {
    const { header, rows } = token as Tokens.Table;
    return [...header, ...rows.flat()].flatMap((cell) => cell.tokens);
  }
  return 'tokens' in token ? (token.tokens ?? []) : [];
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading';
}

function isLink(token: Token): token is Tokens.Link | Tokens.Image {
  return token.type === 'link' || token.type === 'image';
}

function isCode(token: Token): token is Tokens.Code {
  return token.type === 'code';
}

function plainText(token: Token): string {
  const inner = innerTokens(token);
  if (inner.length > 0) return inner.map(plainText).join('');
  return 'text' in token ? String(token.text) : token.raw;
}

function idsIn(html: string): readonly string[] {
  return Array.from(html.matchAll(/\sid="([^"]+)"/g), ([, id = '']) => id);
}

function shellBlock({ lang = '', text }: Tokens.Code, line: number): readonly FencedBlock[] {
  const [language = '', ...rest] = lang.split(' ');
  return shellLanguages.has(language) ? [{ line, meta: rest.join(' '), text }] : [];
}

function countLineBreaks(text: string): number {
  return text.split('\n').length - 1;
}
