/** Generated programs as a fast-check arbitrary, so that they can be used in a property as well. */
import fc from 'fast-check';
import type { Program } from '../../harness/program.ts';
import type { CheckContext } from '../check.ts';
import { type Leaning, PROFILES, type ProfileName } from './profiles.ts';
import type { Random } from './random.ts';
import { Walk } from './walk.ts';

/** An arbitrary of programs that lean as `name` says. */
export function programs(context: CheckContext, name: ProfileName): fc.Arbitrary<Program> {
  const leaning = PROFILES.find((profile) => profile.name === name);
  if (!leaning) throw new Error(`no profile '${name}'`);
  return new ProgramArbitrary(context, leaning);
}

class ProgramArbitrary extends fc.Arbitrary<Program> {
  private readonly context: CheckContext;
  private readonly leaning: Leaning;

  constructor(context: CheckContext, leaning: Leaning) {
    super();
    this.context = context;
    this.leaning = leaning;
  }

  override generate(mrng: fc.Random): fc.Value<Program> {
    const random: Random = {
      int: (low, high) => mrng.nextInt(low, high),
      pick: (items) => items[mrng.nextInt(0, items.length - 1)] as never,
      chance: (percent) => mrng.nextInt(1, 100) <= percent,
    };
    return new fc.Value(new Walk(this.context, this.leaning, random).run(), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Program {
    return typeof value === 'object' && value !== null && 'operations' in value;
  }

  /** By dropping one operation; what begins the program stays. */
  override shrink(value: Program): fc.Stream<fc.Value<Program>> {
    const { operations } = value;
    const shorter = operations
      .map((_, at) => at)
      .filter((at) => at > 0)
      .reverse()
      .map((at) => new fc.Value({ ...value, operations: operations.filter((_, other) => other !== at) }, undefined));
    return fc.Stream.of(...shorter);
  }
}
