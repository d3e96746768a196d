/** What may stand in an element. Text becomes a text node, whatever it looks like: nothing here reads markup. */
export type Child = Node | string;

/** Attributes by name; `true` sets one without a value, `false` and `undefined` leave it out. Names are ours, never those of what is shown. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A new element. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** A new element of a drawing. */
export function shape<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** Sets or takes away attributes. */
export function setAttributes(of: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) of.removeAttribute(name);
    else of.setAttribute(name, value === true ? '' : String(value));
  }
}

/** The element with that id of the page. Throws where there is none. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Sentences of ours in which `words` between backticks are code. */
export function withCode(text: string): Child[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : element('code', {}, part)));
}

/** A control with its label above it, and a hint below. */
export function labelled(label: string, control: HTMLElement & { id: string }, hint?: string): HTMLElement {
  const parts: Child[] = [element('label', { for: control.id }, label), control];
  if (hint !== undefined) {
    const id = `${control.id}-hint`;
    control.setAttribute('aria-describedby', id);
    parts.push(element('p', { class: 'hint', id }, hint));
  }
  return element('div', { class: 'field' }, ...parts);
}

/** Choices of which one holds, as a group of radio buttons. */
export function choices<Value extends string>(
  legend: string,
  name: string,
  options: Readonly<Record<Value, string>>,
): { readonly element: HTMLFieldSetElement; value: Value } {
  const inputs = (Object.entries(options) as [Value, string][]).map(([value, text], i) => {
    const input = element('input', { type: 'radio', name, value, id: `${name}-${value}`, checked: i === 0 });
    return { value, input, label: element('label', { for: input.id }, text) };
  });
  const [first] = inputs;
  if (first === undefined) throw new Error(`there is nothing to choose for ${name}`);
  const field = element('fieldset', { class: 'choices' }, element('legend', {}, legend));
  for (const { input, label } of inputs) field.append(element('span', {}, input, label));
  return {
    element: field,
    get value(): Value {
      return (inputs.find(({ input }) => input.checked) ?? first).value;
    },
    set value(wanted: Value) {
      for (const { value, input } of inputs) input.checked = value === wanted;
    },
  };
}
