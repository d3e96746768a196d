import { isBearerToken } from '../../http/bearer.ts';
import { element, labelled } from './dom.ts';

const storageKey = 'etagere-admin-token';

/** Keeps the token for the API as long as the browser's tab is open, and asks the user for it. */
export class TokenKeeper {
  readonly #dialog: HTMLDialogElement;
  readonly #input = element('input', { type: 'password', id: 'token', autocomplete: 'off', required: true });
  readonly #fault = element('p', { class: 'fault', role: 'alert' });
  #asked: Promise<boolean> | undefined;
  #declined = false;

  constructor() {
    const form = element(
      'form',
      { method: 'dialog' },
      element('h2', { id: 'token-title' }, 'This admin API wants a token'),
      element('p', {}, 'It is the value of ETAGERE_ADMIN_TOKEN, or what the file of --admin-token-file holds.'),
      labelled('Token', this.#input, 'Kept until you close this tab of the browser, and nowhere else.'),
      this.#fault,
      element('p', { class: 'actions' }, element('button', { class: 'primary' }, 'Use it')),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#take(this.#input.value.trim());
    });
    this.#dialog = element('dialog', { 'aria-labelledby': 'token-title' }, form);
    document.body.append(this.#dialog);
  }

  get current(): string | undefined {
    return sessionStorage.getItem(storageKey) ?? undefined;
  }

  /**
   * After the API refused that token: whether there is another one now. Asks the user, once however many requests were refused, and not again when the user will not
   * say it: what is live would ask each second.
   */
  async another(refused: string | undefined): Promise<boolean> {
    if (this.current !== refused) return true;
    if (this.#declined) return false;
    this.#asked ??= this.#ask(refused).finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  /** What no request could carry would be refused by the browser each time, and no dialog would ask for another. */
  #take(token: string): void {
    if (!isBearerToken(token)) {
      this.#fault.textContent = 'No token has such characters: letters, digits and -._~+/ are all that there can be.';
      return;
    }
    sessionStorage.setItem(storageKey, token);
    this.#dialog.close('given');
  }

  async #ask(refused: string | undefined): Promise<boolean> {
    this.#fault.textContent = refused === undefined ? '' : 'That is another token than the one it wants.';
    this.#input.value = '';
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    await new Promise((resolve) => this.#dialog.addEventListener('close', resolve, { once: true }));
    this.#declined = this.#dialog.returnValue !== 'given';
    return !this.#declined;
  }
}
