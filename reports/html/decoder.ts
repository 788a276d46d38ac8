/** The value decoder: a form that the script brings to life, and what the script has to know of the layout. */
import type { BitField, Layout } from '../../spec/layout.ts';
import type { Context, Section } from './context.ts';
import { html, json } from './markup.ts';
import { fromTheTop, hex, WORD_BITS } from './places.ts';

/** A word that can be taken apart, as the script reads it. */
export interface DecodedWord {
  name: string;
  fields: Pick<BitField, 'name' | 'high' | 'low' | 'unit' | 'bias' | 'value' | 'text'>[];
  /** Of a word of a bit table: true where each bit is a vector. */
  vectors?: true;
  /** Values of the whole word with a name. */
  names?: Record<number, string>;
}

const WITHOUT_SCRIPT =
  'On a screen, with scripts allowed, a value that is typed here is taken apart into the fields of a register.';

export function decoder({ layout }: Context): Section {
  const words = wordsOf(layout);
  // The one with which there is most to see.
  const most = Math.max(...words.map(({ fields }) => fields.length));
  const first = words.find(({ fields }) => fields.length === most)?.name;
  const options = words.map(({ name }) => html`<option${name === first && html` selected`}>${name}</option>`);
  const hint = html`placeholder="${hex(15)}" aria-describedby="decode-hint"`;
  return {
    id: 'decoder',
    title: 'Value decoder',
    body: html`<p class="lead without-script">${WITHOUT_SCRIPT}</p>
      <form class="decoder needs-script" id="decode" autocomplete="off">
      <label>Register <select name="reg">${options}</select></label>
      <label>Value <input name="value" size="12" spellcheck="false" autocapitalize="off" ${hint}></label>
      <span class="hint" id="decode-hint">hexadecimal with or without 0x, up to ${WORD_BITS / 4} digits</span></form>
      <div id="decoded" class="needs-script" aria-live="polite"></div>
      <script type="application/json" id="words">${json(words)}</script>`,
  };
}

function wordsOf(layout: Layout): DecodedWord[] {
  const { noVector } = layout.msi ?? {};
  const names = noVector === undefined ? {} : { [layout.constant(noVector)]: noVector };
  const words: DecodedWord[] = Object.values(layout.data.registers)
    .sort((a, b) => a.offset - b.offset)
    .map(({ name, fields, effects }) => ({
      name,
      fields: fromTheTop(fields).map(plain),
      ...(effects.includes('maps') && { names }),
    }));
  for (const table of Object.values(layout.data.tables)) {
    if (table.kind === 'bits') words.push({ name: table.name, fields: [], vectors: true });
    else
      for (const field of Object.values(table.fields))
        words.push({ name: `${table.name}.${field.name}`, fields: fromTheTop(field.fields).map(plain) });
  }
  return words;
}

function plain({ name, high, low, unit, bias, value, text }: BitField): DecodedWord['fields'][number] {
  return {
    name,
    high,
    low,
    ...(unit !== undefined && { unit }),
    ...(bias !== undefined && { bias }),
    ...(value !== undefined && { value }),
    ...(text !== undefined && { text }),
  };
}
