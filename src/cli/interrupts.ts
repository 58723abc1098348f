const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns signals into an abort: the first one asks, what is recorded is still printed; the second one forces. Dispose to
 * give the signals back.
 */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #force: () => void;

  /** `force` is called at the second signal. */
  constructor(force: () => void) {
    this.#force = force;
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the work as a signal would. */
  end(): void {
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (): void => {
    if (this.#controller.signal.aborted) this.#force();
    else this.#controller.abort();
  };
}
