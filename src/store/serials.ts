/** Serials are whole numbers below this, which a record holds as they are. */
const serialsEnd = 2 ** 52;

/** A number that no other response has, by all likelihood, wherever it is put. Never 0. */
export function drawSerial(): number {
  return 1 + Math.floor(Math.random() * (serialsEnd - 1));
}
