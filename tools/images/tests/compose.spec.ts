import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

interface Reference {
  readonly source: string;
  readonly target?: string;
}

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly configs?: readonly Reference[];
  readonly secrets?: readonly (string | Reference)[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

const path = resolve(__dirname, '../../../docker/compose.yaml');
const folder = dirname(path);
const compose = parse(readFileSync(path, 'utf8'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const own = services.filter(([, service]) => service.build !== undefined);
const sourceOf = (one: string | Reference) => (typeof one === 'string' ? one : one.source);
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe('docker/compose.yaml', () => {
  it('builds from Dockerfiles that are there, under the names that charts use', () => {
    for (const [name, { build, image }] of own) {
      expect(image).toBe(`fairlead/${name}`);
      expect(existsSync(join(folder, build!.context, build!.dockerfile))).toBe(true);
    }
    expect(own.map(([name]) => name).sort()).toEqual(['agent', 'bridge']);
  });

  it('defines all that its services refer to, and nothing else', () => {
    const of = (pick: (service: Service) => readonly string[]) =>
      sorted(services.flatMap(([, service]) => pick(service)));
    const named = (service: Service) => (service.volumes ?? []).map((one) => one.split(':')[0]!);

    expect(of(({ configs = [] }) => configs.map(sourceOf))).toEqual(
      sorted(Object.keys(compose.configs)),
    );
    expect(of(({ secrets = [] }) => secrets.map(sourceOf))).toEqual(
      sorted(Object.keys(compose.secrets)),
    );
    expect(of(({ networks = [] }) => networks)).toEqual(sorted(Object.keys(compose.networks)));
    expect(of(named)).toEqual(sorted(Object.keys(compose.volumes)));
    expect(services.map(([name]) => name)).toEqual(
      expect.arrayContaining(of(({ depends_on = {} }) => Object.keys(depends_on))),
    );
  });

  it('has the configuration files in git, and the secret ones kept out of it', () => {
    const ignored = readFileSync(join(folder, '../.gitignore'), 'utf8').split('\n');
    const secrets = Object.entries(compose.secrets).filter(([name]) => name !== 'kubeconfig');

    for (const { file } of Object.values(compose.configs)) {
      expect(existsSync(join(folder, file))).toBe(true);
    }
    for (const [, { file }] of secrets) expect(file).toMatch(/^compose\/secrets\/[^/]+$/);
    expect(ignored).toContain('docker/compose/secrets/');
  });

  it('waits for services that say when they are well', () => {
    const awaited = services.flatMap(([, { depends_on = {} }]) => Object.entries(depends_on));

    for (const [name, { condition }] of awaited) {
      expect(condition).toBe('service_healthy');
      expect(compose.services[name]?.healthcheck?.test[0]).toBe('CMD');
    }
  });

  it('gives its own programs a read-only root and no capability', () => {
    for (const [, service] of own) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service).toMatchObject({ security_opt: ['no-new-privileges:true'] });
    }
  });

  it('publishes nothing beyond this machine, and keeps the database to the bridge', () => {
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    const beside = services.filter(([, { networks = [] }]) => networks.includes('database'));

    expect(ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    expect(beside.map(([name]) => name)).toEqual(['postgres', 'bridge']);
    expect(compose.networks.database).toEqual({ internal: true });
  });

  it('has no secret in the environment', () => {
    const names = services.flatMap(([, { environment = {} }]) => Object.keys(environment));

    expect(names.filter((name) => /TOKEN|PASSWORD$|SECRET|URL/.test(name))).toEqual([]);
  });
});
