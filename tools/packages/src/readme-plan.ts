/** The parts of a lib's README, in the order in which all of them have these. */

/** What a README was read as. */
export interface ReadmePlan {
  /** Text of the heading. */
  readonly title: string;
  /** The paragraph under it, in one line. */
  readonly sentence: string;
  /** The first block of TypeScript; '' for none. */
  readonly example: string;
  /** What the example prints, if the README says so: the block of text before the next heading. */
  readonly printed: string | undefined;
  /** Headings of the second level, in order. */
  readonly headings: readonly string[];
  /** Bullets under `Nouns`. */
  readonly nounCount: number;
  /** Targets of relative links: they lead nowhere once the lib is installed. */
  readonly relativeLinks: readonly string[];
}

/** Reads a README. */
export function readReadme(text: string): ReadmePlan {
  const [, title = '', rest = ''] = /^# (.+)\n([^]*)$/.exec(text) ?? [];
  const [introduction = '', ...sections] = rest.split(/^## /m);
  const nouns = sections.find((section) => section.startsWith('Nouns\n')) ?? '';
  return {
    title,
    sentence: (introduction.trim().split('\n\n')[0] ?? '').replaceAll('\n', ' '),
    example: blockOf('ts', introduction) ?? '',
    printed: blockOf('text', introduction),
    headings: sections.map((section) => section.split('\n')[0] ?? ''),
    nounCount: [...nouns.matchAll(/^- \*\*/gm)].length,
    relativeLinks: [...text.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(
      ([, target = '']) => target,
    ),
  };
}

function blockOf(language: string, text: string): string | undefined {
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
}
