import type { QuestionKind } from './messages.ts';

/** How long the answers of other workers are waited for, in milliseconds, by what they are asked. */
export const answerMs: Readonly<Record<QuestionKind, number>> = {
  order: 2_000,
  foretold: 2_000,
  figures: 500,
  inspect: 500,
  reload: 5_000,
};

/** How long a claim waits to hear whether it is granted, before it is taken for that, in milliseconds: the primary process does little else. */
export const claimAnswerMs = 500;

/** How long one who claims what is claimed elsewhere waits for that to be over, in milliseconds. */
export const claimWaitMs = 10_000;

/** How often a worker tells the primary process what it has counted, in milliseconds: what it counted since is lost should it be killed. */
export const figuresMs = 2_000;

/** Rows of each order of the top that a worker tells others. */
export const toldTopRows = 200;

/** Most that a worker may be to whom everybody else's requests are told. */
export const maxTails = 64;

/** A worker that has lived for so long, in milliseconds, did not end because it had begun. */
export const provenMs = 10_000;

/** For how long none is begun after the second in a row that ended sooner, in milliseconds; twice as long after each further one, */
export const firstPauseMs = 100;

/** and no longer than this. */
export const longestPauseMs = 30_000;

/** So many that end before they listen, with none that ever did, are too many to go on. */
export const maxEarlyEnds = 3;

/** How much longer than its clients may take a worker may take to end, in milliseconds, before it is killed. */
export const endGraceMs = 5_000;

/** How often a worker is asked for a sign of life, in milliseconds, */
export const pulseMs = 1_000;

/** and for how long it may give none before it is killed and replaced: also on a machine that has far too much to do. */
export const silentMs = 10_000;
