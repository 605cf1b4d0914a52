import { beforeAll } from '@jest/globals';
import { openTestCluster } from '../test/harness/platform/cluster-activities.ts';
import { clusterActivitiesContract } from '../test/contract-tests/cluster-activities-contract.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';

let activities: ClusterActivities;
beforeAll(async () => {
  activities = (await openTestCluster()).activities();
});

clusterActivitiesContract(() => activities);
