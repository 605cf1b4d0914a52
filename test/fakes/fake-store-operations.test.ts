import { storeOperationsLaw } from '../contract-tests/store-operations-law.ts';
import { FakeStoreOperations } from './fake-store-operations.ts';

const operations = new FakeStoreOperations();

storeOperationsLaw(() => ({ operations, close: (storeId, state) => operations.close(storeId, state) }));
