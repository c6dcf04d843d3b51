import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isUnavailable } from '../src/acquire.ts';
import { startPrometheus, type PrometheusHandle } from '../src/prometheus-server.ts';
import { waitUntil } from '../src/wait-until.ts';

const rules = `
groups:
  - name: test
    interval: 200ms
    rules:
      - alert: TooHigh
        expr: height > 3
        labels: { severity: high }
        annotations: { summary: 'height of {{ $labels.of }} is {{ $value }}' }
`;

(isUnavailable('prometheus') ? describe.skip : describe)('a Prometheus of one’s own', () => {
  let exporter: Server;
  let prometheus: PrometheusHandle;

  beforeAll(async () => {
    exporter = createServer((_, response) => response.end('height{of="tower"} 5\n'));
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    const target = `127.0.0.1:${String((exporter.address() as AddressInfo).port)}`;
    prometheus = await startPrometheus({
      config: {
        global: { scrape_interval: '200ms' },
        rule_files: ['rules.yml'],
        scrape_configs: [{ job_name: 'towers', static_configs: [{ targets: [target] }] }],
      },
      files: { 'rules.yml': rules },
    });
  }, 120_000);

  afterAll(async () => {
    await prometheus.stop();
    exporter.close();
  });

  it('scrapes, answers questions and follows rules', async () => {
    const fires = () => prometheus.alerts().then((alerts) => alerts.length > 0);
    await waitUntil(fires, { timeoutMs: 20_000 });

    expect(await prometheus.alerts()).toMatchObject([
      { state: 'firing', annotations: { summary: 'height of tower is 5' } },
    ]);
    expect(await prometheus.query('height')).toMatchObject([{ value: [expect.anything(), '5'] }]);
    expect(await prometheus.labelValues('of', 'height')).toEqual(['tower']);
    const now = Date.now() / 1000;
    const range = { start: now - 5, end: now, step: 1 };
    expect(await prometheus.queryRange('height * 2', range)).toMatchObject([
      { metric: { of: 'tower', job: 'towers' } },
    ]);
  }, 60_000);

  it('says what is wrong with a question', async () => {
    await expect(prometheus.query('height >')).rejects.toMatchObject({ code: 'requestFailed' });
  });
});
