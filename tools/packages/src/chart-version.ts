/** A chart's own version, which goes up whenever a release makes it install another program. */

/** The text of a Chart.yaml with the next patch of its `version`; everything else stays. */
export function withNextPatch(chart: string): string {
  const line = /^version: (['"]?)(\d+)\.(\d+)\.(\d+)\1$/m;
  if (!line.test(chart)) throw new Error('Chart.yaml has no version of the form 1.2.3');
  return chart.replace(line, (_, _quote: string, major: string, minor: string, patch: string) => {
    return `version: ${major}.${minor}.${Number(patch) + 1}`;
  });
}
