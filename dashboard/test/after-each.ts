import { afterEach } from '@jest/globals';
import { closePages } from './platform.ts';

afterEach(closePages);
