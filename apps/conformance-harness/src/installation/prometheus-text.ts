/** Reads Prometheus' text format, as far as counters and gauges need it. Pure. */

/** One sample of a metric. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const samplePattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** All samples of a scrape; comments are left out. */
export function parseSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = samplePattern.exec(line);
    if (match === null || line.startsWith('#')) return [];
    const [, name = '', labels = '', value = ''] = match;
    return [{ name, labels: parseLabels(labels), value: Number(value) }];
  });
}

/** The sum of a metric's samples that carry all of `labels`; 0 when there is none. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, sample) => sum + sample.value, 0);
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(text.matchAll(labelPattern), ([, key = '', value = '']) => [key, value]),
  );
}
