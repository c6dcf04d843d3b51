// The templates of everything that a new cluster is filled with, printed once for a whole fleet.
import { builtinResources } from '../builtin-resources.ts';
import { resourcesOfDefinition } from '../custom-resources.ts';
import { ObjectTemplate } from './object-template.ts';
import * as other from './other-models.ts';
import * as workload from './workload-models.ts';

const models = {
  pods: ['', workload.podModel],
  services: ['', other.serviceModel],
  configmaps: ['', other.configMapModel],
  secrets: ['', other.secretModel],
  events: ['', other.eventModel],
  namespaces: ['', other.namespaceModel],
  nodes: ['', other.nodeModel],
  deployments: ['apps', workload.deploymentModel],
  replicasets: ['apps', workload.replicaSetModel],
  jobs: ['batch', other.jobModel],
  cronjobs: ['batch', other.cronJobModel],
  ingresses: ['networking.k8s.io', other.ingressModel],
  clusterroles: ['rbac.authorization.k8s.io', other.clusterRoleModel],
  crontabs: ['stable.example.com', other.cronTabModel],
} as const;

/** The types that are made, by plural name. */
export type SeededResource = keyof typeof models;

/** A type of the seed: where it is served, and how its objects are made. */
export interface SeedTemplate {
  /** API group; '' for the core group. The version is always v1. */
  readonly group: string;
  /** Makes objects. */
  readonly template: ObjectTemplate;
}

/** Templates by plural name; clusters may share them. */
export type SeedTemplates = Readonly<Record<SeededResource, SeedTemplate>>;

/** Prints all models. */
export function createSeedTemplates(): SeedTemplates {
  const types = [...builtinResources, ...resourcesOfDefinition(other.cronTabDefinition)];
  const entries = Object.entries(models).map(([resource, [group, model]]) => {
    const type = types.find((each) => each.group === group && each.resource === resource);
    if (type === undefined) throw new Error(`${resource} are not served`);
    return [resource, { group, template: new ObjectTemplate(type, model) }] as const;
  });
  return Object.fromEntries(entries) as unknown as SeedTemplates;
}
