import { clusterActivitiesLaw } from '../contract-tests/cluster-activities-law.ts';
import { FakeCluster } from './fake-cluster.ts';

const cluster = new FakeCluster();

clusterActivitiesLaw(() => cluster);
