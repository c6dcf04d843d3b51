import { readReadme } from './readme-plan.ts';

const fence = '```';
const readme = `# @scope/lib

Does one thing,
in one sentence.

${fence}ts
import { one } from '@scope/lib';
${fence}

prints

${fence}text
1
${fence}

## Nouns

- **one**: a thing. See [that](docs/x.md) and [this](https://example.com/).
- **two**: another.

## Libraries

None.
`;

describe(readReadme, () => {
  it('reads the sentence, the example and what it prints', () => {
    expect(readReadme(readme)).toMatchObject({
      title: '@scope/lib',
      sentence: 'Does one thing, in one sentence.',
      example: "import { one } from '@scope/lib';\n",
      printed: '1\n',
    });
  });

  it('takes no later block for what the example prints', () => {
    const later = readme.replace('prints\n', 'prints\n\n## Words\n');

    expect(readReadme(later).printed).toBeUndefined();
  });

  it('counts the nouns and names the links that stay behind', () => {
    expect(readReadme(readme)).toMatchObject({
      headings: ['Nouns', 'Libraries'],
      nounCount: 2,
      relativeLinks: ['docs/x.md'],
    });
  });
});
