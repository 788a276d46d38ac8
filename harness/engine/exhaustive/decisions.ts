/** How this device decides what the text leaves to it, as far as a scope depends on that: found out by trying. */
import { type Decisions, USUAL } from '../../../suites/device/model.ts';
import type { Scope } from '../../../suites/exhaustive/scope.ts';
import type { Step } from '../../compile.ts';
import type { Source } from '../../program.ts';
import type { Runner } from '../runner.ts';
import type { Lowering } from './lower.ts';
import { locating } from './original.ts';

export interface Decided {
  decisions: Decisions;
  /** What is unusual about them, for a reader. */
  words: string[];
}

/** Where the device fails meanwhile, or shows what no device decides, it is taken to be as most are. */
export async function decisionsOf(runner: Runner, scope: Scope, lowering: Lowering): Promise<Decided> {
  const trial = new Trial(runner, scope, lowering);
  const decisions = { ...USUAL };
  const words: string[] = [];
  const mappable = await trial.mappable();
  if (mappable !== undefined) {
    decisions.mappable = mappable;
    words.push(mappable === 0 ? 'it refuses every mapping' : `it maps ${mappable} vector at a time and refuses more`);
  }
  if (await trial.dropsPending()) {
    decisions.dropsPending = true;
    words.push('the last event that is mapped away from a vector takes its pending bit along');
  }
  return { decisions, words };
}

class Trial {
  private readonly runner: Runner;
  private readonly scope: Scope;
  private readonly lowering: Lowering;

  constructor(runner: Runner, scope: Scope, lowering: Lowering) {
    this.runner = runner;
    this.scope = scope;
    this.lowering = lowering;
  }

  /** How many of the scope's vectors can be mapped, where these are not all. */
  async mappable(): Promise<number | undefined> {
    const { scope } = this;
    const wanted = scope.sources.slice(0, scope.vectors.length);
    const inputs = wanted.map((source, at) => this.mapping(source, scope.vectors[at]));
    if (inputs.some((input) => input < 0)) return undefined;
    const read = await this.last(inputs);
    const mapped = wanted.filter((_, at) => read?.('mapping', at) === scope.vectors[at]).length;
    return read && mapped < wanted.length ? mapped : undefined;
  }

  async dropsPending(): Promise<boolean> {
    const { scope } = this;
    const [source] = scope.sources;
    const [vector] = scope.vectors;
    if (source === undefined || vector === undefined) return false;
    const happens = this.find((action) => action.kind === 'event' && action.source === source);
    const inputs = [this.mapping(source, vector), happens];
    if (inputs.some((input) => input < 0)) return false;
    const before = await this.last(inputs);
    const after = await this.last([...inputs, this.mapping(source, undefined)]);
    return isPending(before?.('pending', 0)) && after !== undefined && !isPending(after('pending', 0));
  }

  private find(fits: (action: Exclude<Scope['inputs'][number]['action'], 'reset'>) => boolean): number {
    return this.scope.inputs.findIndex(({ action }) => action !== 'reset' && fits(action));
  }

  private mapping(source: Source, to: number | undefined): number {
    return this.find((action) => action.kind === 'map' && action.source === source && action.to === to);
  }

  /** Does these inputs after set-up and looks: the n-th register of that kind. Undefined where the target failed. */
  private async last(inputs: number[]): Promise<((kind: string, n: number) => number) | undefined> {
    const steps: Step[] = [];
    const looks = inputs.map((_, at) => at === inputs.length - 1);
    const placed = this.lowering.append({ inputs, looks, marks: [] }, steps);
    const { runner, lowering, scope } = this;
    const locate = locating([placed], steps, lowering, runner.context, `exhaustive/${scope.id}`);
    const { observations, fault } = await runner.plain(steps, 1, locate);
    if (fault) return undefined;
    const from = placed.looks.at(-1) ?? 0;
    return (kind, n) => {
      const look = this.lowering.lookAt.filter((one) => one.kind === kind)[n];
      return look ? Number(observations[from + look.at]) : Number.NaN;
    };
  }
}

/** The scope's first vector is bit 0 of its word. */
function isPending(word: number | undefined): boolean {
  return word !== undefined && (word & 1) === 1;
}
