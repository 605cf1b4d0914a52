import { expect, test } from '@jest/globals';
import { DEFAULT_DELETE, MAX_UNDELETE_HOURS, planOf, type DeleteForm } from './delete-plan.ts';

test.each<[Partial<DeleteForm>, ReturnType<typeof planOf>]>([
  [{}, {}],
  [{ window: 'none' }, { undeleteWindowSeconds: 0 }],
  [{ window: 'hours', hours: '2' }, { undeleteWindowSeconds: 7_200 }],
  [{ window: 'hours', hours: String(MAX_UNDELETE_HOURS) }, { undeleteWindowSeconds: 2_592_000 }],
  [{ window: 'hours', hours: String(MAX_UNDELETE_HOURS + 1) }, undefined],
  [{ window: 'hours', hours: '' }, undefined],
  [{ window: 'none', hours: '' }, { undeleteWindowSeconds: 0 }],
  [{ volumes: 'keep' }, { volumePolicy: 'keep' }],
  [{ volumes: 'delete', days: '' }, { volumePolicy: 'delete' }],
  [{ volumes: 'days', days: '7' }, { keepVolumesForDays: 7 }],
  [{ volumes: 'days', days: '0' }, undefined],
])('%j', (form, plan) => {
  expect(planOf({ ...DEFAULT_DELETE, ...form })).toEqual(plan);
});
