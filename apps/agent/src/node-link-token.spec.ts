import { tokenFromOutput } from './node-link-token.ts';

describe(tokenFromOutput, () => {
  it.each([
    ['raw', ' abc\n', 'abc'],
    ['json', '{"token":"abc","expires":1}', 'abc'],
    ['', '{"token":"abc"}', 'abc'],
  ] as const)('reads format %p', (format, output, token) => {
    expect(tokenFromOutput(output, format)).toBe(token);
  });

  it.each([
    ['raw', '  \n'],
    ['json', 's3cret, no JSON'],
    ['json', '{"tokn":"s3cret"}'],
    ['json', '{"token":""}'],
    ['json', 'null'],
  ] as const)('refuses %p output %p without repeating it', (format, output) => {
    expect(() => tokenFromOutput(output, format)).toThrow(
      /^the token command printed (?!.*s3cret)/,
    );
  });
});
