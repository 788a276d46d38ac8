/** Ctrl-C and SIGTERM: the first asks the run to end and to keep what it has, the second does not ask. */
import { EXIT } from '../../reports/exit-code.ts';
import { TargetFault } from '../target.ts';
import { InterruptedError } from './errors.ts';
import { endNow } from './exit.ts';

/** A second signal this soon is the echo of the first. */
const ECHO_MS = 500;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupts {
  /** Aborted by the first signal, or by {@link Interrupts.abort}; its reason is the signal's name, or what was given. */
  readonly signal: AbortSignal;
  /** Ends the run early for a reason of our own. */
  abort(reason: string): void;
  /** Whether it was the user who asked. */
  readonly byUser: boolean;
  /** The promise's outcome, or an {@link InterruptedError} as soon as there is a signal. */
  orInterrupted<T>(promise: Promise<T>): Promise<T>;
  /** Leaves signals to Node again. */
  release(): void;
}

/** @param onFirst tells the user what happens now; @param onSecond is called right before the end. */
export function watchInterrupts(onFirst: (name: string) => void, onSecond: () => void): Interrupts {
  const controller = new AbortController();
  const { signal } = controller;
  let byUser = false;
  let firstAt = 0;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (byUser) {
        // npx passes a signal on that the terminal has given to every process already: one key, two signals.
        if (performance.now() - firstAt < ECHO_MS) return;
        onSecond();
        endNow(EXIT.interrupted);
      }
      byUser = true;
      firstAt = performance.now();
      onFirst(name);
      controller.abort(name);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    get byUser() {
      return byUser;
    },
    orInterrupted(promise) {
      return new Promise((resolve, reject) => {
        const interrupted = () => {
          const text = 'before anything was tested';
          reject(byUser ? new InterruptedError(`interrupted ${text}`) : new TargetFault('threw', `it failed ${text}`));
        };
        if (signal.aborted) interrupted();
        signal.addEventListener('abort', interrupted, { once: true });
        const done = () => signal.removeEventListener('abort', interrupted);
        promise.then(resolve, reject).finally(done);
      });
    },
    release() {
      for (const off of listeners) off();
    },
  };
}
