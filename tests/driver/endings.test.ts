/** What becomes of drivers that die, give up, poll, lack operations or never come to an end: which clause is named, and which not. */
import { describe, expect, it } from 'vitest';
import { runDriver } from '../../harness/driver/engine/run.ts';
import type { LiveDriver } from '../../harness/driver/target.ts';
import { meetInProcess } from '../../harness/driver/targets/tasks.ts';
import { wrap } from '../../reference-device/faults/wrap.ts';
import { createDriver, type ReferenceDriver, type ReferenceDriverOptions } from '../../reference-driver/index.ts';
import type { ClauseResult, Report } from '../../reports/report.ts';
import { loadLayout } from '../../spec/load.ts';

const layout = loadLayout('native');

/** The reference driver, changed, on these scenarios; all by default. */
async function run(change: (driver: ReferenceDriver) => void, options: Options = {}): Promise<Report> {
  const { scenarios, ...driver } = options;
  const module = createDriver(layout, driver);
  const changed = {
    ...module,
    create: (bus: Parameters<typeof module.create>[0]) => {
      const one = module.create(bus);
      change(one);
      return one;
    },
  };
  const target: LiveDriver = {
    ...{ kind: 'tasks', specification: 'changed', name: 'changed', layout: layout.name },
    meet: (meeting) => meetInProcess(changed, meeting),
    close: async () => {},
  };
  return runDriver({ target, layout, strict: false, bail: false, ...(scenarios && { scenarios }) });
}

interface Options extends ReferenceDriverOptions {
  scenarios?: string[];
}

const clause = (report: Report, id: string): ClauseResult => {
  const found = report.clauses.find((one) => one.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const isBad = ({ verdict }: ClauseResult) => verdict === 'fail' || verdict === 'warn';
const named = ({ clauses }: Report) => clauses.filter(isBad).map(({ id }) => id);
/** Violated, and not the consequence of another one that is. */
const leading = (report: Report) =>
  report.clauses
    .filter((one) => isBad(one) && !one.impliedBy?.some((id) => named(report).includes(id)))
    .map(({ id }) => id);

/** Dies where a message brings nothing. */
const diesIdle = (driver: ReferenceDriver) => {
  const { msi } = driver;
  if (!msi) return;
  wrap(msi, 'serve', (original) => (source, vector) => {
    const before = driver.returned;
    original(source, vector);
    if (source !== 'config' && driver.returned === before) throw new Error('nobody was there');
  });
};

describe('a driver that dies', () => {
  it('breaks the clause that says that it copes, where it dies of that', async () => {
    const report = await run(diesIdle, { scenarios: ['plain/*', 'vectors/message-without-work'] });
    expect(named(report)).toEqual(['DRV-SPURIOUS']);
    expect(clause(report, 'DRV-SPURIOUS').counterexample?.actual).toContain('nobody was there');
    expect(report.findings).toEqual([]);
  });

  it('breaks it for undefined bits of InterruptStatus and for a placeholder', async () => {
    const status = await run((driver) => {
      wrap(driver.line, 'known', (original) => (bits) => {
        if (original(bits) !== bits) throw new Error('what is that?');
        return bits;
      });
    });
    expect(named(status)).toEqual(['DRV-STATUS']);
    const placeholder = await run((driver) => {
      wrap(driver.transport, 'typeOf', (original) => (id) => {
        if (id === layout.constant('NO_DEVICE')) throw new Error('no device');
        return original(id);
      });
    });
    expect(named(placeholder)).toEqual(['DRV-PLACEHOLDER']);
  });

  it('breaks no clause where it dies everywhere', async () => {
    const dies = (driver: ReferenceDriver) => {
      driver.transfer = () => {
        throw new Error('out of luck');
      };
    };
    const report = await run(dies);
    expect(named(report)).toEqual([]);
    expect(report.headline).toBe('inconclusive');
    for (const id of ['DRV-WORK', 'DRV-SPURIOUS', 'DRV-COUNT'])
      expect(clause(report, id).verdict, id).toBe('untestable');
  });

  it('leaves what the scenario is about untested, whatever another one has shown', async () => {
    const report = await run((driver) => {
      driver.mask = () => {
        throw new Error('no masks here');
      };
    });
    const { verdict, reason } = clause(report, 'DRV-WORK');
    expect(verdict).toBe('untestable');
    expect(reason).toContain('vectors/');
    expect(report.findings.length).toBeGreaterThan(0);
  });
});

describe('a driver that gives up without MSI', () => {
  it('is right where it says so, or leaves the device reset', async () => {
    expect(named(await run(() => {}, { variant: 'needs-msi' }))).toEqual([]);
    const resets = (driver: ReferenceDriver) => {
      driver.giveUp = () => {
        driver.transport.reset();
        throw Object.assign(new Error('no messages'), { name: 'GaveUp' });
      };
    };
    const report = await run(resets, { variant: 'needs-msi', scenarios: ['plain/*', 'line/*', 'queues/one-*'] });
    expect(named(report)).toEqual([]);
    for (const id of ['DRV-STATUS', 'DRV-ACK', 'DRV-QUEUES'])
      expect(clause(report, id).verdict, id).toBe('not-applicable');
  });

  it('breaks a recommendation and nothing else where it does so silently', async () => {
    const report = await run(() => {}, { fault: 'fallback-silent' });
    expect(named(report)).toEqual(['DRV-FALLBACK']);
    expect(report.headline).toBe('conformant');
  });
});

describe('a driver that lacks operations', () => {
  it('is conformant if it transfers', async () => {
    const report = await run((driver) => {
      const all = driver as Partial<ReferenceDriver>;
      Object.assign(all, { notice: undefined, stop: undefined, configuration: undefined, retarget: undefined });
    });
    expect(named(report)).toEqual([]);
    for (const id of ['DRV-WORK', 'DRV-COUNT', 'DRV-SPURIOUS']) expect(clause(report, id).verdict, id).toBe('pass');
    expect(report.headline).toBe('conformant');
  });

  it('may take fewer buffers than it is asked to', async () => {
    const report = await run((driver) => {
      wrap(driver, 'submit', (original) => (count) => {
        original(Math.min(count, 1));
        return Math.min(count, 1);
      });
      wrap(driver, 'transfer', (original) => (count) => {
        let back = 0;
        for (let left = count; left > 0; left--) back += original(1);
        return back;
      });
    });
    expect(named(report)).toEqual([]);
  });

  it('is not accused of waiting for room while everything is masked', async () => {
    const report = await run((driver) => {
      let isMasked = false;
      wrap(driver, 'mask', (original) => () => {
        original();
        isMasked = true;
      });
      wrap(driver, 'unmask', (original) => () => {
        original();
        isMasked = false;
      });
      wrap(driver, 'submit', (original) => (count) => {
        original(count);
        if (driver.usesMsi && isMasked) throw Object.assign(new Error('no room'), { name: 'Stuck' });
      });
    });
    expect(named(report)).toEqual([]);
  });
});

describe('a driver without end', () => {
  it('is stopped, and the clause that it fails at is named with what it took', async () => {
    const report = await run((driver) => {
      wrap(driver, 'attempt', (original) => (msi) => {
        while (!original(msi));
        return true;
      });
    });
    expect(leading(report)).toEqual(['DRV-FEATURESOK', 'DRV-READBACK']);
    expect(clause(report, 'DRV-FEATURESOK').counterexample?.actual).toContain('50000 accesses');
    expect(report.findings).toEqual([]);
  });
});

describe('what fails for one reason', () => {
  it('is named by that reason first', async () => {
    const deaf = await run((driver) => {
      wrap(driver.transport, 'notify', (original) => (queue) => {
        if (queue.index !== 1) original(queue);
      });
    });
    expect(leading(deaf)).toEqual(['DRV-WORK']);
    expect(clause(deaf, 'DRV-WORK').counterexample?.actual).toContain('not notified of buffers of queue 1');
  });

  it('is no other violation where the reason is a recommendation', async () => {
    expect(named(await run(() => {}, { fault: 'reset-not-awaited' }))).toEqual(['DRV-RESET']);
    expect(named(await run(() => {}, { fault: 'reset-read-once' }))).toEqual(['DRV-RESET']);
  });
});
