/** An adapter that a function of the user's makes, and can make again. */
import { pathToFileURL } from 'node:url';
import type { Layout } from '../../spec/layout.ts';
import { type Adapter, TargetConfigurationError, TargetFault } from '../target.ts';
import { describe, validateAdapter } from './validate.ts';

export class Factory {
  /** True where a power cycle is the adapter's own, or making one anew takes no waiting. */
  isCheap = false;
  private readonly make: () => unknown;
  private readonly path: string;
  private readonly file: string;
  private readonly layout: Layout;
  private current: Adapter | undefined;
  /** What the first adapter had; one that comes later must have as much. */
  private had: (keyof Adapter)[] = [];

  /** @param path the module as the user typed it, for messages @param file the same, absolute */
  constructor(make: () => unknown, path: string, file: string, layout: Layout) {
    this.make = make;
    this.path = path;
    this.file = file;
    this.layout = layout;
  }

  /**
   * Makes the first adapter.
   *
   * @returns an adapter that stays the same object while the one behind it is replaced
   * @throws TargetConfigurationError where the function throws or makes no adapter
   */
  async open(): Promise<Adapter> {
    const first = await this.produce();
    if (first.powerCycle) this.isCheap = true;
    this.current = first;
    this.had = PROPERTIES.filter((name) => first[name] !== undefined);
    return this.stable(first);
  }

  /** Closes the adapter and makes a new one. @throws TargetFault('start') */
  async renew(): Promise<void> {
    try {
      await this.current?.close?.();
    } catch {
      // It is on its way out; a broken device may not close well.
    }
    try {
      const next = await this.produce();
      const lost = this.had.find((name) => next[name] === undefined);
      if (lost !== undefined) throw new TargetConfigurationError(`${this.path}: the next adapter has no ${lost}`);
      this.current = next;
    } catch (error) {
      if (!(error instanceof TargetConfigurationError)) throw error;
      const hint = 'the exported function is called again for a power cycle or after a fault, and must work each time';
      throw new TargetFault('start', error.message, { hint: error.hint ?? hint, cause: error });
    }
  }

  private async produce(): Promise<Adapter> {
    let made: unknown;
    try {
      made = this.make();
      const isPromise = typeof (made as PromiseLike<unknown> | undefined)?.then === 'function';
      if (isPromise) made = await made;
      else this.isCheap = true;
    } catch (error) {
      const place = error instanceof Error ? placeIn(error, this.file) : undefined;
      const at = place === undefined ? this.path : `${this.path}:${place}`;
      const message = error instanceof Error ? `${error.name}: ${error.message}` : describe(error);
      throw new TargetConfigurationError(
        `${at}: the function that makes the adapter threw ${message}`,
        undefined,
        error,
      );
    }
    validateAdapter(made, `${this.path}: what the exported function made`, this.layout);
    return made;
  }

  /** Synchronous methods stay synchronous: nothing is wrapped in a promise. */
  private stable(first: Adapter): Adapter {
    const now = () => this.current as Adapter;
    const adapter: Adapter = {
      read: (offset, width) => now().read(offset, width),
      write: (offset, width, value) => now().write(offset, width, value),
      powerCycle: first.powerCycle ? () => now().powerCycle?.() : () => this.renew(),
      close: () => now().close?.(),
    };
    const { name, version, layout, regionSize, configSize, messages, captures, events, memory } = first;
    if (name !== undefined) adapter.name = name;
    if (version !== undefined) adapter.version = version;
    if (layout !== undefined) adapter.layout = layout;
    if (regionSize !== undefined) adapter.regionSize = regionSize;
    if (configSize !== undefined) adapter.configSize = configSize;
    if (messages) adapter.messages = messages;
    if (captures) adapter.captures = captures;
    if (events) adapter.events = events;
    if (first.raise) adapter.raise = (event) => now().raise?.(event);
    if (first.interrupts) adapter.interrupts = () => now().interrupts?.() ?? [];
    if (first.settle) adapter.settle = () => now().settle?.();
    if (first.batch) adapter.batch = (operations) => now().batch?.(operations) ?? [];
    if (memory) {
      adapter.memory = {
        base: memory.base,
        size: memory.size,
        read: (address, length) => now().memory?.read(address, length) ?? new Uint8Array(0),
        write: (address, bytes) => now().memory?.write(address, bytes),
      };
    }
    return adapter;
  }
}

const PROPERTIES = ['powerCycle', 'raise', 'interrupts', 'settle', 'batch', 'memory'] as const;

/** `LINE:COLUMN` of the first mention of the file in the error's stack, or the line that a syntax error heads it with. */
export function placeIn(error: Error, file: string): string | undefined {
  const stack = error.stack ?? '';
  if (error.message.includes(`${file}:`)) return undefined;
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(`${name}:`);
    if (at >= 0) return /^\d+(?::\d+)?/.exec(stack.slice(at + name.length + 1))?.[0];
    // A loader may add a query to the address.
    const query = stack.indexOf(`${name}?`);
    if (query >= 0) return /^[^:\s]*:(\d+(?::\d+)?)/.exec(stack.slice(query + name.length))?.[1];
  }
  return undefined;
}
