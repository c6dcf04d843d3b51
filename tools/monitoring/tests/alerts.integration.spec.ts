import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrometheus, isUnavailable } from '@fairlead/testbed';
import { stringify } from 'yaml';
import { alertCases } from './alert-cases.ts';
import { promtoolTests, readAlerts, rulesPath } from './alert-rules.ts';

(isUnavailable('prometheus') ? describe.skip : describe)('the alerts, in promtool', () => {
  let promtool: string;
  let folder: string;

  beforeAll(async () => {
    ({ promtool } = await findPrometheus());
    folder = await mkdtemp(join(tmpdir(), 'fairlead-alerts-'));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  const run = (...args: string[]) =>
    new Promise<string>((resolve) => {
      execFile(promtool, args, (error, stdout, stderr) =>
        resolve(error === null ? 'well' : stdout + stderr),
      );
    });

  it('are rules that Prometheus understands', async () => {
    expect(await run('check', 'rules', '--lint=all', '--lint-fatal', rulesPath)).toBe('well');
  }, 30_000);

  it('fire in trouble that lasts, with every word filled in, and not when all is well', async () => {
    const file = join(folder, 'tests.yaml');
    await writeFile(file, stringify(promtoolTests(alertCases, readAlerts())));

    expect(await run('test', 'rules', file)).toBe('well');
  }, 60_000);

  it('are each tried, and each lead to a page that tells what to do', () => {
    const alerts = readAlerts();

    expect(alertCases.map(({ alert }) => alert)).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of alerts) {
      expect(annotations.runbook).toBe(`docs/monitoring.md#${alert.toLowerCase()}`);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook']);
    }
  });
});
