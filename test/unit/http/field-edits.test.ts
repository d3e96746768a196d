import { expect, it } from 'vitest';
import { fieldEditor } from '../../../src/http/field-edits.ts';
import { fieldsOf } from '../../../src/http/fields.ts';

const none = { remove: [], set: [], add: [] };
const fields = fieldsOf(['a', '1'], ['b', '2'], ['a', '3']);

it('changes nothing where nothing is to be changed', () => {
  expect(fieldEditor(none)).toBeUndefined();
  expect(fieldEditor({ ...none, remove: ['c'] })?.(fields)).toBe(fields);
});

it.each([
  [{ remove: ['a'] }, ['b', '2']],
  [{ set: [{ name: 'a', value: '9' }] }, ['b', '2', 'a', '9']],
  [{ set: [{ name: 'c', value: '9' }] }, ['a', '1', 'b', '2', 'a', '3', 'c', '9']],
  [{ add: [{ name: 'a', value: '9' }] }, ['a', '1', 'b', '2', 'a', '3', 'a', '9']],
  [{ remove: ['b'], set: [{ name: 'a', value: '8' }], add: [{ name: 'a', value: '9' }] }, ['a', '8', 'a', '9']],
])('%j', (changes, expected) => {
  expect(fieldEditor({ ...none, ...changes })?.(fields)).toEqual(expected);
});
