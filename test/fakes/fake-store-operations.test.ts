import { storeOperationsContract } from '../contract-tests/store-operations-contract.ts';
import { FakeStoreOperations } from './fake-store-operations.ts';

const operations = new FakeStoreOperations();

storeOperationsContract(() => ({ operations, close: (storeId, state) => operations.close(storeId, state) }));
