/** How far a fill has come. */
export type Phase =
  /** No final head yet. */
  | 'asking'
  /** Content goes to whoever reads it. */
  | 'answering'
  /** All is said; what still comes is read away, so that the connection can be used again. */
  | 'discarding'
  | 'over';
