import { eventually } from '../../harness/eventually.ts';
import { violation, type Violation } from './violation.ts';

/** Returns a violation of I9 if the condition does not become true within the deadline. */
export async function violationUnless(
  what: string,
  condition: () => Promise<boolean>,
  deadlineMs: number,
): Promise<readonly Violation[]> {
  try {
    await eventually(condition, { deadlineMs });
    return [];
  } catch (error) {
    return [violation('I9', `${what}: ${error instanceof Error ? error.message : String(error)}`)];
  }
}
