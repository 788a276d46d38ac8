/** Smaller programs: what a shrinking tries, largest steps first. */
import { beginsAnew, type Operation, type Program, type VectorSetup } from '../program.ts';

type Event = Operation & { op: 'event' };

/** The program from each of its later set-ups on; the last one first. */
export function lastLives(program: Program): Program[] {
  const { operations } = program;
  const [first] = operations;
  const begin = first && beginsAnew(first) ? [first] : [];
  return operations
    .flatMap((operation, at) => (operation.op === 'initialise' && at > begin.length ? [at] : []))
    .reverse()
    .map((at) => ({ ...program, operations: [...begin, ...operations.slice(at)] }));
}

/** Every program that lacks `chunk` operations in a row; what begins it stays. */
export function without(program: Program, chunk: number): Program[] {
  const { operations } = program;
  const first = operations[0] && beginsAnew(operations[0]) ? 1 : 0;
  const candidates: Program[] = [];
  for (let from = operations.length - chunk; from >= first; from -= chunk > 1 ? chunk >> 1 || 1 : 1) {
    candidates.push({ ...program, operations: [...operations.slice(0, from), ...operations.slice(from + chunk)] });
  }
  return candidates;
}

/** Events of one source in a row as one operation. */
export function merged(program: Program): Program[] {
  const operations: Operation[] = [];
  for (const operation of program.operations) {
    const last = operations.at(-1);
    if (last && isEvent(last) && isEvent(operation) && isAlike(last, operation)) {
      operations[operations.length - 1] = { ...last, times: (last.times ?? 1) + (operation.times ?? 1) };
    } else operations.push(operation);
  }
  return operations.length < program.operations.length ? [{ ...program, operations }] : [];
}

function isEvent(operation: Operation): operation is Event {
  return operation.op === 'event';
}

function isAlike(one: Event, other: Event): boolean {
  if (one.race || other.race || one.source === 'needs-reset') return false;
  return one.source === other.source && (one.count ?? 1) === (other.count ?? 1);
}

/** The same operations with less in them. */
export function simplified(program: Program): Program[] {
  const candidates: Program[] = [];
  program.operations.forEach((operation, index) => {
    if (operation.race) {
      const { race: _, ...settled } = operation;
      candidates.push(replaced(program, index, settled as Operation));
    }
    if (!isEvent(operation)) return;
    if ((operation.count ?? 1) > 1) {
      const { count: _, ...single } = operation;
      candidates.push(replaced(program, index, single));
    }
    for (const times of fewerTimes(operation.times ?? 1)) {
      candidates.push(replaced(program, index, { ...operation, times }));
    }
  });
  return candidates;
}

/** Half, three quarters, and so on, up to one time less. */
function fewerTimes(times: number): number[] {
  const fewer: number[] = [];
  for (let less = times >> 1; less > 0; less >>= 1) fewer.push(times - less);
  return fewer;
}

/** Less in the set-ups. */
export function fewer(program: Program): Program[] {
  return program.operations.flatMap((operation, index) =>
    operation.op === 'initialise' ? lesser(operation).map((less) => replaced(program, index, less)) : [],
  );
}

function replaced(program: Program, index: number, operation: Operation): Program {
  return { ...program, operations: program.operations.map((old, at) => (at === index ? operation : old)) };
}

function lesser(operation: Operation & { op: 'initialise' }): Operation[] {
  const smaller: Operation[] = [];
  const vectors = operation.vectors ?? [];
  vectors.forEach((_, at) => {
    smaller.push({ ...operation, vectors: vectors.filter((_, other) => other !== at) });
  });
  operation.queues.forEach((queue) => {
    const mapped = vectors.some((vector) => vector.sources.includes(queue));
    if (!mapped) smaller.push({ ...operation, queues: operation.queues.filter((other) => other !== queue) });
  });
  vectors.forEach((vector, at) => {
    for (const source of vector.sources) {
      const less: VectorSetup = { ...vector, sources: vector.sources.filter((other) => other !== source) };
      smaller.push({ ...operation, vectors: vectors.map((old, other) => (other === at ? less : old)) });
    }
  });
  return smaller;
}

/** Operations after set-up: what a reader has to follow. */
export function operationsAfterSetUp(program: Program): number {
  const folded = program.operations.findIndex((operation) => !beginsAnew(operation) && operation.op !== 'initialise');
  return folded < 0 ? 0 : program.operations.length - folded;
}
