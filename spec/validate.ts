/** What no schema sees: places that collide, names that do not exist, circles. */
import type { Assembled } from './assemble.ts';
import type { Shared } from './chain.ts';
import { checkClauses, checkShared } from './checks/clauses.ts';
import { Context } from './checks/context.ts';
import { checkFeatures, checkMemory, checkMsi, checkOrigins } from './checks/names.ts';
import { checkRegisters } from './checks/registers.ts';
import { checkTables } from './checks/tables.ts';
import type { Diagnostic } from './diagnostics.ts';

/** All problems of an assembled layout, errors and warnings. */
export function validateLayout(layout: Assembled, shared: Shared[] = []): Diagnostic[] {
  const context = new Context(layout);
  checkFeatures(context);
  checkRegisters(context);
  checkTables(context);
  checkMsi(context);
  checkMemory(context);
  checkShared(context, shared);
  checkClauses(context);
  checkOrigins(context);
  return context.diagnostics;
}
