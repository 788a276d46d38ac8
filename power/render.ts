export function renderDocument(): string {
  return '';
}
