/** What the errors of AWS's SDK mean. Their messages are left behind. */
import { SecretError, systemCodeOf } from './secret-error.ts';

/**
 * Names of errors, as both services give them.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
const meanings: Readonly<Record<string, readonly ['denied' | 'notFound' | 'unavailable', string]>> =
  {
    NoSuchKey: ['notFound', 'there is no such file'],
    NotFound: ['notFound', 'there is no such file'],
    NoSuchBucket: ['notFound', 'there is no such bucket'],
    ResourceNotFoundException: ['notFound', 'there is no such secret'],
    InvalidRequestException: ['notFound', 'the secret is marked for deletion'],
    DecryptionFailure: ['denied', 'its key cannot be used'],
    AccessDenied: ['denied', 'permission denied'],
    AccessDeniedException: ['denied', 'permission denied'],
    CredentialsProviderError: ['denied', 'there are no credentials for AWS'],
    ExpiredToken: ['denied', 'the credentials have expired'],
    ExpiredTokenException: ['denied', 'the credentials have expired'],
  };

/** The error in this room's words. */
export function fromAwsError(error: unknown): SecretError {
  if (error instanceof SecretError) return error;
  const { name, $metadata } = error as {
    readonly name?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const known =
    typeof name === 'string' && Object.hasOwn(meanings, name) ? meanings[name] : undefined;
  if (known !== undefined) return new SecretError(...known);
  const status = $metadata?.httpStatusCode;
  if (status === 403 || status === 401) return new SecretError('denied', 'permission denied');
  const code = status === undefined ? systemCodeOf(error) : `HTTP ${status}`;
  return new SecretError('unavailable', code === '' ? 'no answer' : `no answer (${code})`);
}
