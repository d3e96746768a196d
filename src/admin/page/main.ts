import { Api } from './api.ts';
import { byId, element, setAttributes } from './dom.ts';
import { Explain } from './explain.ts';
import { Overview } from './overview.ts';
import { Pace } from './pace.ts';
import { Purge } from './purge.ts';
import { Shelf } from './shelf.ts';
import { Tabs } from './tabs.ts';
import { themeChoice } from './theme.ts';
import { TokenKeeper } from './token.ts';
import { Top } from './top.ts';

/** Holds what is live, so that it can be read in peace. */
function pauseButton(pace: Pace): HTMLElement {
  const button = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause');
  button.addEventListener('click', () => {
    pace.held = !pace.held;
    setAttributes(button, { 'aria-pressed': String(pace.held) });
  });
  return button;
}

const pace = new Pace(byId('connection'));
const api = new Api(new TokenKeeper(), () => pace.answered());
const views = [new Overview(api, pace), new Top(api, pace), new Shelf(api), new Explain(api), new Purge(api)];
const tabs = new Tabs(views, byId('panel'));
byId('controls').append(pauseButton(pace), themeChoice());
byId('tabs').append(tabs.element);
tabs.follow();
