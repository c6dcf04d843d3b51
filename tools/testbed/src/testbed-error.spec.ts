import { TestbedError } from './testbed-error.ts';

describe(TestbedError, () => {
  it('shows hint and detail to those who only print the message', () => {
    const error = new TestbedError('unavailable', 'no etcd', { hint: 'Get it.', detail: 'a\nb' });

    expect(error.message).toBe('no etcd\nGet it.\na\nb');
  });
});

describe(TestbedError.from, () => {
  it('keeps a TestbedError as it is', () => {
    const error = new TestbedError('unavailable', 'no etcd');

    expect(TestbedError.from(error, 'startFailed')).toBe(error);
  });

  it('keeps a foreign error as the cause', () => {
    const cause = new Error('refused');

    const error = TestbedError.from(cause, 'requestFailed');

    expect(error).toMatchObject({ code: 'requestFailed', message: 'refused', cause });
  });

  it('tells all the messages of an AggregateError, whose own is empty', () => {
    const cause = new AggregateError([new Error('by IPv6'), new Error('by IPv4')]);

    expect(TestbedError.from(cause, 'requestFailed').message).toBe('by IPv6; by IPv4');
  });
});
