/** What the shelf may take: more than is ever put there, so that nothing is dropped. */
export const maxBytes = 16 * 2 ** 30;
