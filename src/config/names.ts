/** How a flag is called in a file: `max-object-share` is `maxObjectShare`. */
export function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Where a configuration is written, by which its settings have their names. */
export type Writing = 'flags' | 'file';

/** Settings with their values as they are written there, each by the name of its flag: `--tls-key FILE`, in a file `tlsKey: FILE`. */
export function written(writing: Writing, ...settings: readonly (readonly [flag: string, value: string])[]): string {
  const isFile = writing === 'file';
  return settings
    .map(([flag, value]) => (isFile ? `${camelCase(flag)}: ${value}` : `--${flag} ${value}`))
    .join(isFile ? ', ' : ' ');
}
