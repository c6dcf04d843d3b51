import { findBrokenLinks } from './broken-links.ts';
import { readMarkdownPage } from './markdown-page.ts';

function brokenIn(text: string): readonly string[] {
  const pages = new Map([
    ['docs/page.md', readMarkdownPage(text)],
    ['docs/other.md', readMarkdownPage('# There is\n')],
  ]);
  const files = new Set(['docs/page.md', 'docs/other.md', 'docs', 'src/a.ts']);
  return findBrokenLinks({ pages, has: (path) => files.has(path) });
}

describe(findBrokenLinks, () => {
  it('is content with files, folders, headings and addresses', () => {
    const text =
      '# Top\n\n[a](other.md) [b](other.md#there-is) [c](#top) [d](../src/a.ts) [e](../docs)\n\n<https://example.com/x>\n';

    expect(brokenIn(text)).toEqual([]);
  });

  it('names what is not there, with the place of the link', () => {
    const text = '# Top\n\n[a](gone.md)\n\n[b](other.md#gone)\n\n[c](#gone)\n\n[d](../../out.md)\n';

    expect(brokenIn(text)).toEqual([
      'docs/page.md:3 gone.md is not there',
      'docs/page.md:5 other.md#gone: there is no heading #gone',
      'docs/page.md:7 #gone: there is no heading #gone',
      'docs/page.md:9 ../../out.md leads out of the repository',
    ]);
  });
});
