/**
 * Keeps a client that has read a Secret without its values from writing it back like that: a PUT
 * replaces the whole object, and the values would be gone.
 */
import {
  chunksOf,
  statusResponse,
  type ApiRequest,
  type ApiResponse,
  type RequestInfo,
} from '@fairlead/api-tunnel';
import { secretValuesIn, type SecretBodyForm } from '@fairlead/secret-scrubber';

/** As large as a body may be for kube-apiserver (`MaxRequestBodyBytes`, 3 MiB). */
const maxBodyBytes = 3 * 1024 * 1024;

const forms: Readonly<Record<string, SecretBodyForm>> = {
  // What kube-apiserver takes a body for that does not say what it is.
  '': 'json',
  'application/json': 'json',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};

/** The request as it may be sent, its body whole; or the refusal. */
export type SecretWrite =
  | { readonly kind: 'send'; readonly request: ApiRequest }
  | { readonly kind: 'refuse'; readonly response: ApiResponse };

/** Whether a request replaces a Secret. */
export function isSecretReplaced({ method }: ApiRequest, { subresource }: RequestInfo): boolean {
  return method === 'PUT' && subresource === '';
}

/** Looks at a request that replaces a Secret whose values its client has not seen. */
export async function checkSecretWrite(request: ApiRequest): Promise<SecretWrite> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const form = forms[type];
  if (form === undefined) {
    return refuse(415, 'takes whole Secrets as JSON or protobuf alone');
  }
  const body = await gathered(request);
  if (body === undefined) return refuse(413, 'takes no Secret of more than 3 MiB');
  if (secretValuesIn(body, form) !== 'none') return { kind: 'send', request: { ...request, body } };
  const why =
    'refuses to replace a Secret with one that has no values: they are not shown through the ' +
    'gateway, so it seems to be written back as it was read. Patch it instead (kubectl apply, edit)';
  return refuse(403, why);
}

async function gathered({ body }: ApiRequest): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body.length > maxBodyBytes ? undefined : body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function refuse(status: number, what: string): SecretWrite {
  return {
    kind: 'refuse',
    response: statusResponse({ status, message: `Fairlead's agent ${what}` }),
  };
}
