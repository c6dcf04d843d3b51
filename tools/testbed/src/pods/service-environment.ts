/**
 * The variables by which containers are told of Services, as Docker links once were:
 * https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 * They come unasked, under names made of the Services' names.
 */
import type { Service } from './pod-sources.ts';

/** Where the API server is for pods. */
export interface ApiServerPlace {
  readonly host: string;
  readonly port: number;
}

/** What every container is told of the API server, and of the Services of its namespace if any. */
export function serviceEnvironment(
  apiServer: ApiServerPlace,
  services: readonly Service[],
): Readonly<Record<string, string>> {
  const kubernetes = linkVariables('kubernetes', apiServer.host, [
    { name: 'https', port: apiServer.port },
  ]);
  return Object.assign({}, ...services.map(variablesOf), kubernetes) as Record<string, string>;
}

function variablesOf({ metadata, spec }: Service): Readonly<Record<string, string>> {
  const { clusterIP = '', ports = [] } = spec;
  // Headless ones have no address to be told.
  if (clusterIP === '' || clusterIP === 'None') return {};
  return linkVariables(metadata.name, clusterIP, ports);
}

function linkVariables(
  service: string,
  host: string,
  ports: NonNullable<Service['spec']['ports']>,
): Readonly<Record<string, string>> {
  const prefix = variableName(service);
  const variables: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: host };
  for (const [index, { name, port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${String(port)}`;
    const link = `${prefix}_PORT_${String(port)}_${protocol.toUpperCase()}`;
    if (index === 0) Object.assign(variables, firstPort(prefix, port, url));
    if (name) variables[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
    variables[link] = url;
    variables[`${link}_PROTO`] = protocol.toLowerCase();
    variables[`${link}_PORT`] = String(port);
    variables[`${link}_ADDR`] = host;
  }
  return variables;
}

function firstPort(prefix: string, port: number, url: string): Readonly<Record<string, string>> {
  return { [`${prefix}_SERVICE_PORT`]: String(port), [`${prefix}_PORT`]: url };
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
