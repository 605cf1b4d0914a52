import { beforeAll } from '@jest/globals';
import { openTestCluster } from '../test/harness/platform/cluster-activities.ts';
import { clusterActivitiesLaw } from '../test/contract-tests/cluster-activities-law.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';

let activities: ClusterActivities;
beforeAll(async () => {
  activities = (await openTestCluster()).activities();
});

clusterActivitiesLaw(() => activities);
