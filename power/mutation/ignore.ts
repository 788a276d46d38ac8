/** Texts that nobody's behaviour depends on: a mutant of one would only tell that no test repeats a message word by word. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

export const IGNORER = 'messages';

interface Node {
  type: string;
  value?: unknown;
}

/** The names of clauses are the oracle's verdict; every other text is for readers, or throws where it is wrong. */
const CLAUSE = /^[A-Z]{2,5}-[A-Z0-9]+$/;

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, IGNORER, {
    shouldIgnore(path) {
      const { node } = path as unknown as { node: Node };
      if (node.type === 'TemplateLiteral') return 'a text for readers';
      if (node.type !== 'StringLiteral') return undefined;
      return CLAUSE.test(String(node.value)) ? undefined : 'a text for readers';
    },
  }),
];
