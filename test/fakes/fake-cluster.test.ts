import { clusterActivitiesContract } from '../contract-tests/cluster-activities-contract.ts';
import { FakeCluster } from './fake-cluster.ts';

const cluster = new FakeCluster();

clusterActivitiesContract(() => cluster);
