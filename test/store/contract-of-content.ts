import { expect, it } from 'vitest';
import { type AnyShelf, beginStoring, put, responseTo, textRead } from './shelved.ts';

/** Content that does not lie in one piece, whose text depends on the letters. */
const large = (letters: string): string => letters.replace(/./g, (letter) => letter.repeat(70_001));

/** What any shelf does with content that it may have to bring piece by piece. */
export function keepsLargeContent(store: () => AnyShelf): void {
  it('gives back content of several pieces, however it was written', async () => {
    const text = large('abc');
    expect(await put(store(), responseTo('/a'), text)).toBe(true);
    expect(await put(store(), responseTo('/b'), ...(text.match(/.{1,997}/gs) ?? []))).toBe(true);
    const unsized = beginStoring(store(), responseTo('/c'));
    for (const part of text.match(/.{1,40000}/gs) ?? []) unsized.write(Buffer.from(part));
    expect(await unsized.commit(responseTo('/c'))).toBe(true);
    for (const target of ['/a', '/b', '/c']) {
      const [shelved] = await store().lookup(responseTo(target).key);
      expect(shelved?.content).toMatchObject({ length: text.length, complete: true });
      expect(shelved && (await textRead(shelved)) === text).toBe(true);
    }
  });

  it('gives back what was announced shorter than it is', async () => {
    const text = large('ab');
    const writer = beginStoring(store(), responseTo('/a'), 10);
    for (const part of text.match(/.{1,40000}/gs) ?? []) writer.write(Buffer.from(part));
    expect(await writer.commit(responseTo('/a'))).toBe(true);
    const [shelved] = await store().lookup(responseTo('/a').key);
    expect(shelved && (await textRead(shelved)) === text).toBe(true);
  });

  it('gives whoever reads it one response to the end, or breaks off, whatever takes its place meanwhile', async () => {
    await put(store(), responseTo('/a'), large('abc'));
    const [first] = await store().lookup(responseTo('/a').key);
    const reading = Promise.all([1, 2, 3].map(async () => first && textRead(first)));
    await put(store(), responseTo('/a'), large('xyz'));
    const [second] = await store().lookup(responseTo('/a').key);
    expect(second && (await textRead(second)) === large('xyz')).toBe(true);
    for (const text of [...(await reading), first && (await textRead(first))])
      expect([large('abc'), undefined].includes(text)).toBe(true);
  });

  it('has one of those that are stored for a variant at a time, whole', async () => {
    const letters = ['ab', 'cd', 'ef'];
    await Promise.all(letters.map((each) => put(store(), responseTo('/a'), large(each))));
    const found = await store().lookup(responseTo('/a').key);
    const texts = await Promise.all(found.map(textRead));
    expect(texts).toHaveLength(1);
    expect(letters.map(large).includes(texts[0] ?? '')).toBe(true);
  });
}
