/** Replaces a method of one object; `change` gets the original, bound. */
export function wrap<T extends object, K extends keyof T>(
  object: T,
  method: K,
  change: (original: T[K]) => T[K],
): void {
  const original = object[method];
  object[method] = change((typeof original === 'function' ? original.bind(object) : original) as T[K]);
}
