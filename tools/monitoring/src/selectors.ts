/** Selectors and expressions that many panels share. */

/** Of every series: what the page's variables choose. `.*` also fits series without the label. */
const chosen = 'namespace=~"$namespace", job=~"$job", instance=~"$instance"';

/** A metric of the chosen processes, with further matchers. */
export function of(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${[chosen, ...matchers].join(', ')}}`;
}

/** A metric of the bridge that is told for each account: of the chosen accounts. */
export function ofAccounts(metric: string, ...matchers: readonly string[]): string {
  return of(metric, 'account=~"$account"', ...matchers);
}

/** A measure that every process of Node.js has: of Fairlead's programs. */
export function ofPrograms(metric: string): string {
  return of(metric, 'program=~"fairlead-.+"');
}

/** How fast a counter grows, a second. */
export function perSecond(counter: string): string {
  return `rate(${counter}[$__rate_interval])`;
}

/**
 * A counter's growth a second by a label, and all of it together: of the many reasons that there may be,
 * only those that happen are drawn. Legend to expression.
 */
export function byReason(
  counter: string,
  {
    by,
    legend,
    all = 'all',
  }: { readonly by: string; readonly legend: string; readonly all?: string },
): Readonly<Record<string, string>> {
  const rate = perSecond(of(counter));
  return { [all]: `sum(${rate})`, [legend]: `sum by (${by}) (${rate}) > 0` };
}

/** What is held, as a part of what may be held, of each process. */
export function share(used: string, limit: string): Readonly<Record<string, string>> {
  return { '{{instance}}': `${used} / ${limit}` };
}

/** A quantile of a histogram, over all processes; `by` keeps further labels apart. */
export function quantile(
  q: number,
  histogram: string,
  { matchers = [], by = [] }: { matchers?: readonly string[]; by?: readonly string[] } = {},
): string {
  const buckets = perSecond(of(`${histogram}_bucket`, ...matchers));
  return `histogram_quantile(${String(q)}, sum by (${['le', ...by].join(', ')}) (${buckets}))`;
}

/** The three quantiles that latencies are read by: legend to expression. */
export function quantiles(histogram: string): Readonly<Record<string, string>> {
  return {
    'half are faster': quantile(0.5, histogram),
    '90 of 100': quantile(0.9, histogram),
    '99 of 100': quantile(0.99, histogram),
  };
}
