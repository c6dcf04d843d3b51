// From a CustomResourceDefinition to the resource types it makes the server serve.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from './json-value.ts';
import { ordinaryVerbs, type PrinterColumn, type ServedResource } from './served-resource.ts';

/** One resource type for every served version, in the order of the definition. */
export function resourcesOfDefinition(definition: JsonObject): readonly ServedResource[] {
  const spec = objectAt(definition, 'spec');
  const names = objectAt(spec, 'names');
  return versionsOf(spec)
    .filter((version) => version.served === true)
    .map((version) => ({
      group: textAt(spec, 'group'),
      version: textAt(version, 'name'),
      resource: textAt(names, 'plural'),
      kind: textAt(names, 'kind'),
      singular: textAt(names, 'singular') || textAt(names, 'kind').toLowerCase(),
      namespaced: textAt(spec, 'scope') !== 'Cluster',
      shortNames: listAt(names, 'shortNames') as readonly string[],
      categories: listAt(names, 'categories') as readonly string[],
      verbs: ordinaryVerbs,
      subresources: Object.keys(objectAt(version, 'subresources') ?? {}).sort(),
      isCustom: true,
      printerColumns: printerColumnsOf(version),
    }));
}

/** The status that a server gives a definition whose names are free and which it now serves. */
export function establishedStatus(definition: JsonObject, now: string): JsonObject {
  const spec = objectAt(definition, 'spec');
  const names = objectAt(spec, 'names') ?? {};
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime: now,
    reason,
    message,
  });
  const kind = textAt(names, 'kind');
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: {
      ...names,
      singular: textAt(names, 'singular') || kind.toLowerCase(),
      listKind: textAt(names, 'listKind') || `${kind}List`,
    },
    storedVersions: versionsOf(spec)
      .filter((version) => version.storage === true)
      .map((version) => textAt(version, 'name')),
  };
}

function versionsOf(spec: JsonObject | undefined): readonly JsonObject[] {
  return listAt(spec, 'versions').filter(isJsonObject);
}

function printerColumnsOf(version: JsonObject): readonly PrinterColumn[] {
  return listAt(version, 'additionalPrinterColumns')
    .filter(isJsonObject)
    .map((column) => ({
      name: textAt(column, 'name'),
      jsonPath: textAt(column, 'jsonPath'),
      type: textAt(column, 'type'),
    }));
}
