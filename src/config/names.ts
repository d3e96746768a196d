/** How a flag is called in a file: `max-object-share` is `maxObjectShare`. */
export function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
