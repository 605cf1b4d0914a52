import { expect, test } from '@jest/globals';
import { labelsAsText, labelsFromText } from './labels.ts';

test('labels become lines and lines become labels', () => {
  const labels = { region: 'eu-central', url: 'http://x' };
  expect(labelsFromText(labelsAsText(labels))).toEqual(labels);
  expect(labelsFromText('\n  region :  eu  \n\n')).toEqual({ region: 'eu' });
});

test.each(['region', ': eu', 'region: eu\nother'])('%j is no list of labels', (text) => {
  expect(labelsFromText(text)).toBeUndefined();
});
