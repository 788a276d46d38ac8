/** How long a driver in this process is waited for: one that awaits what never comes would end this process silently. */
import type { MaybePromise } from '../../target.ts';
import type { DriverBus } from '../api.ts';

/** The driver awaits something and has asked for nothing in all the time that it had. */
export class Hung extends Error {
  override name = 'Hung';
}

export class Patience {
  /** The bus, with its uses counted. */
  readonly bus: DriverBus;
  private readonly timeout: number | undefined;
  private uses = 0;

  /** @param timeout milliseconds; undefined: for ever */
  constructor(bus: DriverBus, timeout: number | undefined) {
    this.timeout = timeout;
    this.bus = timeout === undefined ? bus : this.counted(bus);
  }

  /** @throws Hung where what is awaited does not come */
  with<T>(value: MaybePromise<T>): Promise<T> {
    const { timeout } = this;
    const promise = Promise.resolve(value);
    if (timeout === undefined) return promise;
    return new Promise((resolve, reject) => {
      let seen = this.uses;
      const timer = setInterval(() => {
        if (this.uses === seen) reject(new Hung());
        seen = this.uses;
      }, timeout);
      promise.then(resolve, reject).finally(() => clearInterval(timer));
    });
  }

  private counted(bus: DriverBus): DriverBus {
    const count = () => {
      this.uses++;
    };
    return {
      layout: bus.layout,
      regionSize: bus.regionSize,
      read: ((offset: number, width?: 32) => {
        count();
        return bus.read(offset, width);
      }) as DriverBus['read'],
      write(offset, value, width) {
        count();
        bus.write(offset, value, width);
      },
      memory: {
        base: bus.memory.base,
        size: bus.memory.size,
        read(address, length) {
          count();
          return bus.memory.read(address, length);
        },
        write(address, bytes) {
          count();
          bus.memory.write(address, bytes);
        },
      },
      message() {
        count();
        return bus.message();
      },
      wait() {
        count();
        return bus.wait();
      },
    };
  }
}
