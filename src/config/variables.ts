import { UsageError } from './usage-error.ts';

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The text with each `${NAME}` replaced by that variable, and whether there was one: then it is a secret, as nothing else is written so.
 * @throws UsageError where a variable is not set. It names that, and shows nothing else of the text
 */
export function expanded(
  text: string,
  variables: Variables | undefined,
): { readonly text: string; readonly secret: boolean } {
  if (variables === undefined || !text.includes('${')) return { text, secret: false };
  const replaced = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (!/^[a-z_]\w*$/i.test(name)) {
      throw new UsageError('what stands between "${" and "}" is not the name of a variable', 'write ${NAME}');
    }
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    throw new UsageError(`the variable ${name} is not set`, `set it for the process: ${name}=… etagere …`);
  });
  return { text: replaced, secret: true };
}
