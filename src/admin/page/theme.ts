import { element } from './dom.ts';

const storageKey = 'etagere-theme';
const names = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;

/** The choice of colours, which the browser remembers. */
export function themeChoice(): HTMLElement {
  const select = element('select', { id: 'theme' });
  select.append(...Object.entries(names).map(([value, text]) => element('option', { value }, text)));
  const kept = localStorage.getItem(storageKey) ?? 'system';
  select.value = kept in names ? kept : 'system';
  const apply = (): void => {
    document.documentElement.dataset['theme'] = select.value;
    localStorage.setItem(storageKey, select.value);
  };
  select.addEventListener('change', apply);
  apply();
  return element('span', { class: 'theme' }, element('label', { for: 'theme' }, 'Colours'), select);
}
