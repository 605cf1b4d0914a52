import { beforeAll } from '@jest/globals';
import { openTestCluster } from '../test/harness/cluster-activities.ts';
import { clusterActivitiesLaw } from '../test/laws/cluster-activities-law.ts';
import type { ClusterActivities } from './cluster-activities.ts';

let activities: ClusterActivities;
beforeAll(async () => {
  activities = (await openTestCluster()).activities();
});

clusterActivitiesLaw(() => activities);
