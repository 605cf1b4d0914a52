import { expect, test } from '@jest/globals';
import { factsAnnotation, storeFactsIn, type StoreFacts } from './store-facts.ts';

const FACTS: StoreFacts = {
  tenantId: 'jo@example.org',
  name: 'Café 東京 👟 "1"',
  host: 'cafe.localhost',
  onFailure: 'hold',
  overrides: { images: { tag: '1.2', digest: '' } },
  volumePolicy: { keepForDays: 30 },
};

test('the facts of a store are read from its namespace as they were written, with any character in the name', () => {
  expect(storeFactsIn({ metadata: { annotations: factsAnnotation(FACTS) } })).toEqual(FACTS);
});

test('equal facts give the same text, in whichever order their keys are', () => {
  const reordered = { ...FACTS, overrides: { images: { digest: '', tag: '1.2' } } };
  expect(factsAnnotation(reordered)).toEqual(factsAnnotation(FACTS));
});

test.each([undefined, 'no JSON', '{}', '{"tenantId":"t","name":"n"}', '[1]'])('%s gives no facts', (text) => {
  const annotations: Record<string, string> = text === undefined ? {} : { 'store-platform.dev/store-facts': text };
  expect(storeFactsIn({ metadata: { annotations } })).toBeUndefined();
});

test('a fact that is not about a create request, such as whether the store has data, is not written', () => {
  const [text] = Object.values(factsAnnotation({ ...FACTS, hasData: true, storeId: 'id' } as StoreFacts));
  expect(text).not.toContain('hasData');
  expect(text).not.toContain('storeId');
});
