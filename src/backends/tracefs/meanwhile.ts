import { KernelError } from '../../kernel/index.js';

/**
 * Does what will be needed soon while the kernel is at work. What is wrong with the facts of the kernel is told to whoever
 * asks for them next.
 */
export async function meanwhile<T>(work: Promise<T>, prepare: () => void): Promise<T> {
  try {
    prepare();
  } catch (error) {
    if (!(error instanceof KernelError)) {
      await work.catch(() => {});
      throw error;
    }
  }
  return await work;
}
