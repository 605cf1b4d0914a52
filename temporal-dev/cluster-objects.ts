import { ApiException } from '@kubernetes/client-node';

/** Creates an object; that it exists already is just as well. */
export async function createUnlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 409)) throw error;
  }
}
