import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { keys } from '../../../api/query.ts';

const REFRESH_MS = 10_000;

/** Reads data of all tenants, and reads it again every few seconds: no event reports its changes. */
export function useOperatorQuery<T>(key: readonly unknown[], read: () => Promise<T>) {
  return useQuery({ queryKey: [...keys.operator, ...key], queryFn: read, refetchInterval: REFRESH_MS });
}

/**
 * Sends a change of an operator. Everything about all tenants is read again afterwards.
 *
 * @param done Text of the toast that reports the success.
 */
export function useOperatorChange<Input>(send: (input: Input) => Promise<unknown>, done: (input: Input) => string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: (_, input) => void toast.success(done(input)),
    onSettled: () => client.invalidateQueries({ queryKey: keys.operator }),
  });
}
