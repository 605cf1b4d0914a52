import type { Member } from '@store-platform/client';

/** Returns the name of a member as people know it. */
export function nameOf({ name, email }: Member, unnamed: string): string {
  return name ?? email ?? unnamed;
}
